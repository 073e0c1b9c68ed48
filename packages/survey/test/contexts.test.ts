/** Several surveys at a time, and several at work. */
import { isPending } from "@sprocket/testing";
import { expect, test } from "vitest";
import { Respondent0, Surveyor0, type Surveyor0Options } from "../src/index.js";
import { answer, drain, failure, freshUrl, keep, parse, text, World } from "./support/world.js";

function surveying(options: Surveyor0Options = {}) {
  const world = new World((base) => new Surveyor0({ ...base, ...options }));
  return { world, surveyor: world.socket };
}

test("each context runs a survey of its own beside the others", async () => {
  const { world, surveyor } = surveying();
  const pipe = await world.peer();
  const one = surveyor.context();
  const two = surveyor.context();
  await one.send("one");
  await two.send("two");
  await surveyor.send("socket");
  const ids = pipe.sent.map((bytes) => parse(bytes).id);
  expect(new Set(ids).size).toBe(3);
  for (const at of [2, 0, 1]) answer(pipe, pipe.sent[at], `answer ${at}`);
  expect([drain(one), drain(two), drain(surveyor)]).toEqual([["answer 0"], ["answer 1"], ["answer 2"]]);
});

test("each context has its own time, taken from the socket as it is when it opens", async () => {
  const { world, surveyor } = surveying({ surveyTime: 300 });
  const like = surveyor.context();
  const own = surveyor.context({ surveyTime: 100 });
  surveyor.surveyTime = 500;
  expect([like.surveyTime, own.surveyTime, surveyor.surveyTime]).toEqual([300, 100, 500]);
  for (const context of [like, own, surveyor]) await context.send("who?");
  const ends = [like, own, surveyor].map((context) => {
    const receive = context.receive();
    receive.catch(() => undefined);
    return receive;
  });
  const pending = (): Promise<boolean[]> => Promise.all(ends.map(isPending));
  world.clock.advance(100);
  expect(await pending()).toEqual([true, false, true]);
  world.clock.advance(200);
  expect(await pending()).toEqual([false, false, true]);
  world.clock.advance(200);
  expect(await pending()).toEqual([false, false, false]);
  own.surveyTime = 50;
  expect(own.surveyTime).toBe(50);
});

test("a context that closes ends its survey; the others go on", async () => {
  const { world, surveyor } = surveying();
  const pipe = await world.peer();
  const context = surveyor.context();
  await context.send("one");
  await surveyor.send("two");
  const waiting = failure(context.receive());
  context.close();
  expect(await waiting).toMatchObject({ code: "SP_ECLOSED" });
  answer(pipe, pipe.sent[0], "late");
  answer(pipe, pipe.sent[1], "in time");
  expect(drain(surveyor)).toEqual(["in time"]);
  expect(surveyor.stats().drops).toEqual({ late: 1 });
  expect(await failure(context.send("x"))).toMatchObject({ code: "SP_ECLOSED" });
});

test("a respondent works on several surveys at once; each answer goes back to its own", async () => {
  const respondent = keep(new Respondent0());
  const { url } = await respondent.listen(freshUrl());
  const surveyors = [keep(new Surveyor0()), keep(new Surveyor0())];
  for (const surveyor of surveyors) await surveyor.dial(url);
  await respondent.waitForPipes(2);
  const contexts = [respondent.context(), respondent.context()];
  const questions = contexts.map((context) => context.receive());
  for (const [at, surveyor] of surveyors.entries()) await surveyor.send(`question ${at}`);
  const heard = await Promise.all(questions.map(text));
  for (const [at, context] of [...contexts.entries()].reverse()) await context.send(`${heard[at]}: answered`);
  for (const [at, surveyor] of surveyors.entries())
    expect(await text(surveyor.receive())).toBe(`question ${at}: answered`);
});
