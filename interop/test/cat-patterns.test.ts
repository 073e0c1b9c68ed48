import { Bus0 } from "@sprocket/bus";
import { Pull0, Push0 } from "@sprocket/pipeline";
import { Pub0, Sub0 } from "@sprocket/pubsub";
import { Respondent0, Surveyor0 } from "@sprocket/survey";
import { describe, expect } from "vitest";
import { text, untilArrived } from "../src/exchange.js";
import type { Program } from "../src/program.js";
import { tool } from "../src/requirements.js";
import { meetingsWith, transports } from "../src/routes.js";
import { type Endpoint, patience, type Scene } from "../src/scene.js";
import { test, withProgram } from "../src/suite.js";

const options = { transports, receiveTimeout: patience };

/** How a tool spells what we ask of it, and the shortest time, in s, in which it repeats itself. */
const dialects = [
  { name: "nngcat", listen: "--listen", dial: "--dial", often: "1", bus: false },
  { name: "nanocat", listen: "--bind", dial: "--connect", often: "0.1", bus: true },
] as const;

for (const { name, listen, dial, often, bus } of dialects) {
  withProgram(name, tool(name), (file) => {
    for (const meeting of meetingsWith("nanomsg")) {
      const start = (scene: Scene, socket: Endpoint, ...parameters: string[]): Promise<Program> =>
        scene.meetTool(socket, meeting, file, (role, url) => [
          ...parameters,
          role === "listen" ? listen : dial,
          url,
        ]);

      describe(`over ${meeting.route}, ${meeting.side}`, () => {
        test("--sub prints what we publish on its topic", async ({ scene }) => {
          const pub = scene.socket(new Pub0(options));
          const cat = await start(scene, pub, "--sub", "--subscribe", "a/", "--raw");
          await pub.waitForPipes(1, { timeout: patience });
          for (const word of ["b/no", "a/yes", "c", "a/end"]) await pub.send(word);
          expect((await cat.printed((output) => output.length >= 10)).toString()).toBe("a/yesa/end");
        });

        // It may publish before it knows that we are connected: so it does again.
        test("--pub is heard by us", async ({ scene }) => {
          const sub = scene.socket(new Sub0({ ...options, topics: `from ${name}` }));
          await start(scene, sub, "--pub", "--data", `from ${name}`, "--interval", often);
          expect(text(await sub.receive())).toBe(`from ${name}`);
        });

        test("--pull prints what we push", async ({ scene }) => {
          const push = scene.socket(new Push0(options));
          const cat = await start(scene, push, "--pull", "--raw");
          for (const word of ["one ", "two ", "three"]) await push.send(word, { timeout: patience });
          expect((await cat.printed((output) => output.length >= 13)).toString()).toBe("one two three");
        });

        test("--push is pulled by us", async ({ scene }) => {
          const pull = scene.socket(new Pull0(options));
          await start(scene, pull, "--push", "--data", `from ${name}`, "--interval", often);
          expect(text(await pull.receive())).toBe(`from ${name}`);
        });

        test("--respondent prints and answers our surveys", async ({ scene }) => {
          const surveyor = scene.socket(new Surveyor0({ ...options, surveyTime: patience }));
          const cat = await start(scene, surveyor, "--respondent", "--raw", "--data", "the answer");
          await surveyor.waitForPipes(1, { timeout: patience });
          for (const question of ["first?", "second?"]) {
            await surveyor.send(question);
            expect(text(await surveyor.receive())).toBe("the answer");
          }
          expect((await cat.printed((output) => output.length >= 13)).toString()).toBe("first?second?");
        });

        test("--surveyor prints our answer", async ({ scene }) => {
          const respondent = scene.socket(new Respondent0(options));
          respondent.serve((question) => `re: ${question.text()}`);
          const cat = await start(
            scene,
            respondent,
            "--surveyor",
            "--raw",
            "--data",
            "who?",
            "--interval",
            "1",
          );
          const printed = await cat.printed((output) => output.length >= 8);
          expect(printed.toString()).toMatch(/^(re: who\?)+$/);
        });

        if (bus) {
          test("--bus hears us and is heard by us", async ({ scene }) => {
            const socket = scene.socket(new Bus0(options));
            const cat = await start(scene, socket, "--bus", "--raw", "--data", "hello ", "--interval", often);
            expect(text(await socket.receive())).toBe("hello ");
            const printed = cat.printed((output) => output.includes("to the bus"));
            await untilArrived(() => socket.send("to the bus"), printed);
          });
        }
      });
    }
  });
}
