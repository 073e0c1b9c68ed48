import { Respondent0, Surveyor0 } from "@sprocket/survey";
import { describe, expect } from "vitest";
import { bytes, nextEvent, text } from "../src/exchange.js";
import { checksum, pattern } from "../src/pattern.js";
import { meetingsWith, transports } from "../src/routes.js";
import { patience } from "../src/scene.js";
import { test, withPeers } from "../src/suite.js";

/** Long enough for a loaded machine, where an answer must come in time. */
const surveyTime = patience;
/** Short, where none does. */
const moment = 50;
const MiB = 1024 * 1024;

await withPeers(["nng", "nanomsg"], (file, library) => {
  for (const meeting of meetingsWith(library)) {
    describe(`SURVEYOR and RESPONDENT over ${meeting.route}, ${meeting.side}`, () => {
      test("the peer answers our survey", async ({ scene }) => {
        const surveyor = scene.socket(new Surveyor0({ transports, surveyTime }));
        const peer = await scene.meet(surveyor, meeting, file, "respondent");
        await surveyor.send("question");
        expect(text((await peer.receive()).bytes)).toBe("question");
        await peer.send(bytes("answer"));
        expect(text(await surveyor.receive())).toBe("answer");
      });

      test("we answer the peer's survey", async ({ scene }) => {
        const respondent = scene.socket(new Respondent0({ transports, receiveTimeout: patience }));
        const peer = await scene.meet(respondent, meeting, file, "surveyor", { surveyTime });
        await peer.waitForPipes(1);
        await peer.send(bytes("question"));
        expect(text(await respondent.receive())).toBe("question");
        await respondent.send("answer");
        expect(text((await peer.receive()).bytes)).toBe("answer");
      });

      test("empty and large questions and answers arrive unchanged", async ({ scene }) => {
        const limits = { receiveMaxSize: MiB + 4 };
        const surveyor = scene.socket(new Surveyor0({ transports, surveyTime, ...limits }));
        const answering = await scene.meet(surveyor, meeting, file, "respondent", { receiveMax: MiB + 64 });
        await answering.serve();
        const respondent = scene.socket(new Respondent0({ transports, ...limits }));
        respondent.serve((question) => question.body);
        const asking = await scene.meet(respondent, meeting, file, "surveyor", {
          surveyTime,
          receiveMax: MiB + 64,
        });
        await asking.waitForPipes(1);
        for (const size of [0, 1, 65_537, MiB]) {
          const sum = checksum(pattern(size, 6));
          await surveyor.send(pattern(size, 6));
          expect(checksum(await surveyor.receive())).toBe(sum);
          await asking.sendPattern(size, 6);
          expect(await asking.receive()).toMatchObject({ length: size, checksum: sum });
        }
      });

      test("our survey ends at its time, and an answer that comes later is not taken for one to the next", async ({
        scene,
      }) => {
        const surveyor = scene.socket(new Surveyor0({ transports, surveyTime: moment }));
        const peer = await scene.meet(surveyor, meeting, file, "respondent");
        await surveyor.send("first");
        // At once: on a busy machine the peer may have the question when its time is over.
        const [over, asked] = await Promise.allSettled([surveyor.receive(), peer.receive()]);
        expect(over).toMatchObject({ reason: { code: "SP_ETIMEDOUT" } });
        expect(asked.status === "fulfilled" && text(asked.value.bytes)).toBe("first");
        await expect(surveyor.receive()).rejects.toMatchObject({ code: "SP_ESTATE" });

        const dropped = nextEvent(surveyor, "drop");
        await peer.send(bytes("too late"));
        expect(await dropped).toMatchObject({ reason: "late", count: 1 });

        surveyor.surveyTime = surveyTime;
        await surveyor.send("second");
        expect(text((await peer.receive()).bytes)).toBe("second");
        await peer.send(bytes("in time"));
        expect(text(await surveyor.receive())).toBe("in time");
      });

      test("the peer's survey ends at its time, and our late answer is not taken for one to the next", async ({
        scene,
      }) => {
        const respondent = scene.socket(new Respondent0({ transports, receiveTimeout: patience }));
        const peer = await scene.meet(respondent, meeting, file, "surveyor", { surveyTime: 1_000 });
        await peer.waitForPipes(1);
        await peer.send(bytes("first"));
        const [over, asked] = await Promise.allSettled([peer.receive(), respondent.receive()]);
        expect(String((over as PromiseRejectedResult).reason)).toMatch(/timed out/i);
        expect(asked.status === "fulfilled" && text(asked.value)).toBe("first");
        await expect(peer.receive()).rejects.toThrow(/state/i);
        await respondent.send("too late");

        await peer.setSurveyTime(surveyTime);
        await peer.send(bytes("second"));
        expect(text(await respondent.receive())).toBe("second");
        await respondent.send("in time");
        expect(text((await peer.receive()).bytes)).toBe("in time");
      });

      test("a newer survey of ours takes the place of the older, whose answer is dropped", async ({
        scene,
      }) => {
        const surveyor = scene.socket(new Surveyor0({ transports, surveyTime }));
        const peer = await scene.meet(surveyor, meeting, file, "respondent");
        await surveyor.send("older");
        expect(text((await peer.receive()).bytes)).toBe("older");
        await surveyor.send("newer");
        const dropped = nextEvent(surveyor, "drop");
        await peer.send(bytes("to the older"));
        expect(await dropped).toMatchObject({ reason: "late" });
        expect(text((await peer.receive()).bytes)).toBe("newer");
        await peer.send(bytes("to the newer"));
        expect(text(await surveyor.receive())).toBe("to the newer");
      });

      test("eight surveys of ours at once get their own answers", async ({ scene }) => {
        const surveyor = scene.socket(new Surveyor0({ transports, surveyTime }));
        const peer = await scene.meet(surveyor, meeting, file, "respondent");
        await peer.serve();
        const questions = Array.from({ length: 8 }, (_, index) => `q${index}`);
        const answers = questions.map(async (question) => {
          for await (const answer of surveyor.survey(question)) return answer.text();
          return "none";
        });
        expect(await Promise.all(answers)).toEqual(questions);
      });

      test("500 surveys of ours in turn, and 200 of the peer, get their own answers", async ({ scene }) => {
        const surveyor = scene.socket(new Surveyor0({ transports, surveyTime }));
        const answering = await scene.meet(surveyor, meeting, file, "respondent");
        await answering.serve();
        for (let index = 0; index < 500; index++) {
          await surveyor.send(`q${index}`);
          const answer = text(await surveyor.receive());
          if (answer !== `q${index}`) expect(answer).toBe(`q${index}`);
        }

        const respondent = scene.socket(new Respondent0({ transports }));
        respondent.serve((question) => `re: ${question.text()}`);
        const asking = await scene.meet(respondent, meeting, file, "surveyor", { surveyTime });
        await asking.waitForPipes(1);
        for (let index = 0; index < 200; index++) {
          await asking.send(bytes(`q${index}`));
          expect(text((await asking.receive()).bytes)).toBe(`re: q${index}`);
        }
      });
    });
  }
});
