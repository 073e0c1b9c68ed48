import { Rep0, Req0 } from "@sprocket/reqrep";
import { describe, expect } from "vitest";
import { text } from "../src/exchange.js";
import { meetingsWith, transports } from "../src/routes.js";
import { patience } from "../src/scene.js";
import { test, withPeers } from "../src/suite.js";

const parallel = 8;

// nanomsg has no contexts.
await withPeers(["nng"], (file, library) => {
  for (const meeting of meetingsWith(library)) {
    describe(`contexts over ${meeting.route}, ${meeting.side}`, () => {
      test("eight requests of ours are in work in eight contexts of the peer, and each gets its answer", async ({
        scene,
      }) => {
        const req = scene.socket(new Req0({ transports }));
        const peer = await scene.meet(req, meeting, file, "rep");
        const { served } = await peer.serveParallel(parallel);
        const questions = Array.from({ length: parallel }, (_, index) => `q${index}`);
        const answers = await Promise.all(
          questions.map((question) => req.request(question, { timeout: patience })),
        );
        expect(answers.map(text)).toEqual(questions);
        await served;
      });

      test("contexts of ours keep their conversations apart", async ({ scene }) => {
        const req = scene.socket(new Req0({ transports }));
        const peer = await scene.meet(req, meeting, file, "rep");
        await peer.serveParallel(parallel);
        const contexts = Array.from({ length: parallel }, () => req.context({ receiveTimeout: patience }));
        await Promise.all(contexts.map((context, index) => context.send(`q${index}`)));
        const answers = await Promise.all(contexts.map((context) => context.receive()));
        expect(answers.map(text)).toEqual(contexts.map((_, index) => `q${index}`));
      });

      test("eight contexts of the peer are served by ours, none before all have asked", async ({ scene }) => {
        const rep = scene.socket(new Rep0({ transports }));
        let waiting = 0;
        let letGo = (): void => {};
        const allHere = new Promise<void>((resolve) => {
          letGo = resolve;
        });
        rep.serve(
          async (request) => {
            if (++waiting === parallel) letGo();
            await allHere;
            return request.body;
          },
          { concurrency: parallel },
        );
        const peer = await scene.meet(rep, meeting, file, "req");
        await peer.requestParallel(parallel);
        expect(waiting).toBe(parallel);
      });

      test("eight REP contexts of ours take one request each", async ({ scene }) => {
        const rep = scene.socket(new Rep0({ transports }));
        const contexts = Array.from({ length: parallel }, () => rep.context({ receiveTimeout: patience }));
        const peer = await scene.meet(rep, meeting, file, "req");
        const asked = peer.requestParallel(parallel);
        const requests = await Promise.all(contexts.map((context) => context.receive()));
        for (const [index, context] of [...contexts.entries()].reverse()) {
          await context.send(requests[index] as Uint8Array);
        }
        await asked;
      });
    });
  }
});
