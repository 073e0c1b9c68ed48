import { Message } from "@sprocket/core";
import { RawRespondent0, RawSurveyor0, Respondent0, Surveyor0 } from "@sprocket/survey";
import { describe, expect } from "vitest";
import { bytes, nextEvent, text } from "../src/exchange.js";
import { fromHex, hex } from "../src/pattern.js";
import type { PeerMessage } from "../src/peer.js";
import { meetingsWith, transports } from "../src/routes.js";
import { patience } from "../src/scene.js";
import { test, withPeers } from "../src/suite.js";

/** Two hops of devices, then the survey id, as words on the wire. */
const stack = "00000011" + "00000022" + "80000033";
/** Header and body together: nng takes the whole stack for the header, nanomsg only its first word. */
const wholeMessage = (message: PeerMessage): string => message.before + hex(message.bytes);
const highBit = /^[89a-f][0-9a-f]{7}$/;

await withPeers(["nng", "nanomsg"], (file, library) => {
  for (const meeting of meetingsWith(library)) {
    describe(`raw SURVEYOR and RESPONDENT over ${meeting.route}, ${meeting.side}`, () => {
      test("our RESPONDENT gives back the peer's stack of hops word for word", async ({ scene }) => {
        const respondent = scene.socket(new Respondent0({ transports, receiveTimeout: patience }));
        const peer = await scene.meet(respondent, meeting, file, "raw-surveyor");
        await peer.waitForPipes(1);
        await peer.sendWithHeader(stack, bytes("question"));
        expect(text(await respondent.receive())).toBe("question");
        await respondent.send("answer");
        expect(wholeMessage(await peer.receiveWithHeader())).toBe(stack + hex(bytes("answer")));
      });

      test("our RESPONDENT drops a survey that has come through too many devices", async ({ scene }) => {
        const respondent = scene.socket(new Respondent0({ transports, receiveTimeout: patience, ttlMax: 2 }));
        const peer = await scene.meet(respondent, meeting, file, "raw-surveyor");
        await peer.waitForPipes(1);
        const dropped = nextEvent(respondent, "drop");
        await peer.sendWithHeader(stack, bytes("three words"));
        expect(await dropped).toMatchObject({ reason: "ttl", count: 1 });
        await peer.sendWithHeader(stack.slice(8), bytes("two words"));
        expect(text(await respondent.receive())).toBe("two words");
      });

      test("our raw RESPONDENT sees its pipe's id, then the peer's stack, and answers along it", async ({
        scene,
      }) => {
        const respondent = scene.socket(new RawRespondent0({ transports }));
        const peer = await scene.meet(respondent, meeting, file, "raw-surveyor");
        await peer.waitForPipes(1);
        await peer.sendWithHeader(stack, bytes("question"));
        const survey = await respondent.receive({ timeout: patience });
        const [pipe] = [...respondent.pipes];
        expect(hex(survey.header)).toBe(pipe?.id.toString(16).padStart(8, "0") + stack);
        expect(text(survey.body)).toBe("question");

        await respondent.send(new Message("answer", { header: survey.header }));
        expect(wholeMessage(await peer.receiveWithHeader())).toBe(stack + hex(bytes("answer")));
      });

      test("our SURVEYOR sends one word with the high bit and one more each time", async ({ scene }) => {
        const surveyor = scene.socket(new Surveyor0({ transports, surveyTime: patience }));
        const peer = await scene.meet(surveyor, meeting, file, "raw-respondent");
        const ids: number[] = [];
        for (const question of ["first", "second"]) {
          await surveyor.send(question);
          const survey = await peer.receiveWithHeader();
          expect(text(survey.bytes)).toBe(question);
          // The first word is the peer's own id of the pipe.
          const id = survey.before.slice(8);
          expect(id).toMatch(highBit);
          ids.push(Number.parseInt(id, 16));
          await peer.sendWithHeader(survey.before, bytes(`re: ${question}`));
          expect(text(await surveyor.receive())).toBe(`re: ${question}`);
        }
        const [first = 0, second = 0] = ids;
        expect(second).toBe(first === 0xffffffff ? 0x80000000 : first + 1);
      });

      test("our SURVEYOR takes several answers of one peer", async ({ scene }) => {
        const surveyor = scene.socket(new Surveyor0({ transports, surveyTime: patience }));
        const peer = await scene.meet(surveyor, meeting, file, "raw-respondent");
        await surveyor.send("question");
        const survey = await peer.receiveWithHeader();
        for (const answer of ["one", "two"]) {
          await peer.sendWithHeader(survey.before, bytes(answer));
          expect(text(await surveyor.receive())).toBe(answer);
        }
      });

      test("our raw SURVEYOR sends its header unchanged and gets it back with the answer", async ({
        scene,
      }) => {
        const surveyor = scene.socket(new RawSurveyor0({ transports }));
        const peer = await scene.meet(surveyor, meeting, file, "raw-respondent");
        await surveyor.send(new Message("question", { header: fromHex(stack) }));
        const survey = await peer.receiveWithHeader();
        expect(survey.before.slice(8)).toBe(stack);
        expect(text(survey.bytes)).toBe("question");

        await peer.sendWithHeader(survey.before, bytes("answer"));
        const answer = await surveyor.receive({ timeout: patience });
        expect(hex(answer.header)).toBe(stack);
        expect(text(answer.body)).toBe("answer");
      });
    });
  }
});
