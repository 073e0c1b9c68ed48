/** `survey()`: a question, and an iteration over its answers that ends when its time is over. */
import { getEventListeners } from "node:events";
import type { Message } from "@sprocket/core";
import { isPending } from "@sprocket/testing";
import { expect, test } from "vitest";
import { Surveyor0, type Surveyor0Options } from "../src/index.js";
import { answer, failure, parse, turns, World } from "./support/world.js";

function surveying(options: Surveyor0Options = {}) {
  const world = new World((base) => new Surveyor0({ ...base, ...options }));
  return { world, surveyor: world.socket };
}

/** Collects answers, and says when the iteration is over. */
function collect(answers: AsyncIterable<Message>): { bodies: string[]; over: Promise<void> } {
  const bodies: string[] = [];
  const over = (async () => {
    for await (const each of answers) bodies.push(each.text());
  })();
  return { bodies, over };
}

test("it gives answers as they come and ends at the deadline, not before", async () => {
  const { world, surveyor } = surveying();
  const pipe = await world.peer();
  const { bodies, over } = collect(surveyor.survey("who?", { timeout: 500 }));
  expect(parse(pipe.sent[0]).body).toBe("who?");
  answer(pipe, pipe.sent[0], "one");
  await turns(2);
  expect(bodies).toEqual(["one"]);
  world.clock.advance(499);
  answer(pipe, pipe.sent[0], "two");
  expect(await isPending(over)).toBe(true);
  world.clock.advance(1);
  await over;
  expect(bodies).toEqual(["one", "two"]);
  answer(pipe, pipe.sent[0], "late");
  expect(surveyor.stats().drops).toEqual({ late: 1 });
  expect(world.clock.pending).toBe(0);
});

test("without a timeout its time is the socket's surveyTime", async () => {
  const { world, surveyor } = surveying({ surveyTime: 70 });
  await world.peer();
  const all = surveyor.survey("who?").toArray();
  world.clock.advance(69);
  expect(await isPending(all)).toBe(true);
  world.clock.advance(1);
  expect(await all).toEqual([]);
});

test("answers are messages that know their peer", async () => {
  const { world, surveyor } = surveying();
  const pipe = await world.peer();
  const answers = surveyor.survey("who?");
  answer(pipe, pipe.sent[0], "me");
  const { value } = await answers.next();
  expect(value.text()).toBe("me");
  expect(value.pipe).toBe([...surveyor.pipes][0]);
  await answers.return();
});

test("toArray gives all answers once the time is over", async () => {
  const { world, surveyor } = surveying();
  const pipes = [await world.peer(), await world.peer()];
  const all = surveyor.survey("who?").toArray();
  for (const [at, pipe] of pipes.entries()) answer(pipe, pipe.sent[0], `peer ${at}`);
  await turns(2);
  world.clock.advance(1_000);
  expect((await all).map((message) => message.text())).toEqual(["peer 0", "peer 1"]);
});

test("leaving the loop ends the survey", async () => {
  const { world, surveyor } = surveying();
  const pipe = await world.peer();
  const answers = surveyor.survey("who?");
  answer(pipe, pipe.sent[0], "first");
  for await (const message of answers) {
    expect(message.text()).toBe("first");
    break;
  }
  answer(pipe, pipe.sent[0], "second");
  expect(surveyor.stats().drops).toEqual({ late: 1 });
  expect(world.clock.pending).toBe(0);
  expect(await answers.next()).toEqual({ done: true, value: undefined });
});

test("surveys run beside each other and beside that of the socket", async () => {
  const { world, surveyor } = surveying();
  const pipe = await world.peer();
  await surveyor.send("socket");
  const first = collect(surveyor.survey("first", { timeout: 100 }));
  const second = collect(surveyor.survey("second", { timeout: 200 }));
  for (const at of [2, 1, 0, 2, 1]) answer(pipe, pipe.sent[at], `to ${parse(pipe.sent[at]).body}`);
  await turns(2);
  world.clock.advance(100);
  await first.over;
  expect(await isPending(second.over)).toBe(true);
  world.clock.advance(100);
  await second.over;
  expect(first.bodies).toEqual(["to first", "to first"]);
  expect(second.bodies).toEqual(["to second", "to second"]);
  expect(surveyor.tryReceiveMessage()?.text()).toBe("to socket");
});

test("a signal ends it with its reason, while it waits and while the application is busy", async () => {
  for (const waits of [true, false]) {
    const { world, surveyor } = surveying();
    const pipe = await world.peer();
    const abort = new AbortController();
    const reason = new Error("enough");
    const answers = surveyor.survey("who?", { signal: abort.signal });
    const waiting = waits ? failure(answers.next()) : undefined;
    abort.abort(reason);
    expect(await (waiting ?? failure(answers.next()))).toBe(reason);
    answer(pipe, pipe.sent[0], "late");
    expect(surveyor.stats().drops).toEqual({ late: 1 });
    expect(world.clock.pending).toBe(0);
  }
});

test("toArray rejects with the reason of the signal", async () => {
  const { world, surveyor } = surveying();
  await world.peer();
  const abort = new AbortController();
  const all = failure(surveyor.survey("who?", { signal: abort.signal }).toArray());
  abort.abort(new Error("enough"));
  expect(await all).toMatchObject({ message: "enough" });
});

test("a signal that has aborted already: nothing is asked", async () => {
  const { world, surveyor } = surveying();
  const pipe = await world.peer();
  const reason = new Error("too late");
  expect(() => surveyor.survey("who?", { signal: AbortSignal.abort(reason) })).toThrow(reason);
  expect(pipe.sent.length).toBe(0);
});

test("a survey that is over keeps no listener on its signal, however it ended", async () => {
  const { world, surveyor } = surveying();
  const abort = new AbortController();
  const ways = [
    async () => {
      const all = surveyor.survey("time", { signal: abort.signal }).toArray();
      world.clock.advance(1_000);
      await all;
    },
    async () => {
      await surveyor.survey("left", { signal: abort.signal }).return();
    },
    async () => {
      surveyor.survey("nobody listens", { signal: abort.signal });
      world.clock.advance(1_000);
    },
  ];
  for (const way of ways) {
    await way();
    expect(getEventListeners(abort.signal, "abort").length).toBe(0);
  }
  expect(world.clock.pending).toBe(0);
});

test("a survey that nobody reads is over at its deadline all the same, and reads as ended", async () => {
  const { world, surveyor } = surveying();
  const pipe = await world.peer();
  const answers = surveyor.survey("who?", { timeout: 10 });
  answer(pipe, pipe.sent[0], "unread");
  world.clock.advance(10);
  expect(surveyor.stats().drops).toEqual({ late: 1 });
  expect(await answers.toArray()).toEqual([]);
});

test("several next() may wait, and end together", async () => {
  const { world, surveyor } = surveying();
  const pipe = await world.peer();
  const answers = surveyor.survey("who?");
  const results = [answers.next(), answers.next(), answers.next()];
  answer(pipe, pipe.sent[0], "one");
  world.clock.advance(1_000);
  const [first, ...others] = await Promise.all(results);
  expect(first?.value.text()).toBe("one");
  expect(others).toEqual([
    { done: true, value: undefined },
    { done: true, value: undefined },
  ]);
});

test("it ends when the socket closes", async () => {
  const { world, surveyor } = surveying();
  await world.peer();
  const { over } = collect(surveyor.survey("who?", { timeout: Number.POSITIVE_INFINITY }));
  await surveyor.close();
  await over;
  expect(() => surveyor.survey("again")).toThrow(expect.objectContaining({ code: "SP_ECLOSED" }));
});

test("a bad question or timeout throws at once and leaves nothing", async () => {
  const { world, surveyor } = surveying();
  expect(() => surveyor.survey(5 as unknown as string)).toThrow(
    expect.objectContaining({ code: "SP_EBADTYPE" }),
  );
  expect(() => surveyor.survey("x", { timeout: -1 })).toThrow(expect.objectContaining({ code: "SP_EINVAL" }));
  expect(world.clock.pending).toBe(0);
});
