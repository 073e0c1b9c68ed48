/** The states of one survey after another: reference 4.7. */
import { hex, isPending, u32 } from "@sprocket/testing";
import { expect, test } from "vitest";
import { Surveyor0, type Surveyor0Options } from "../src/index.js";
import { answer, drain, failure, parse, record, sent, text, turns, World } from "./support/world.js";

function surveying(options: Surveyor0Options = {}) {
  const world = new World((base) => new Surveyor0({ ...base, ...options }));
  return { world, surveyor: world.socket };
}

test("a survey goes to everyone that is there, with one id, and all answers are received", async () => {
  const { world, surveyor } = surveying();
  const pipes = [await world.peer(), await world.peer(), await world.peer()];
  await surveyor.send("who?");
  const ids = pipes.map((pipe) => parse(pipe.sent[0]).id);
  expect(new Set(ids).size).toBe(1);
  expect(ids[0]).toBeGreaterThanOrEqual(0x8000_0000);
  for (const [at, pipe] of pipes.entries()) answer(pipe, pipe.sent[0], `peer ${at}`);
  for (const at of pipes.keys()) expect(await text(surveyor.receive())).toBe(`peer ${at}`);
  expect(surveyor.readable).toBe(false);
});

test("receive without a survey is BadStateError, also by tryReceive", async () => {
  const { surveyor } = surveying();
  expect(await failure(surveyor.receive())).toMatchObject({ code: "SP_ESTATE", errno: 11 });
  expect(() => surveyor.tryReceive()).toThrow(expect.objectContaining({ code: "SP_ESTATE" }));
});

test("a survey takes answers for surveyTime; who waits then gets TimeoutError, who comes later BadStateError", async () => {
  const { world, surveyor } = surveying({ surveyTime: 1_000 });
  const pipe = await world.peer();
  await surveyor.send("who?");
  const waiting = surveyor.receive();
  const ended = failure(waiting);
  world.clock.advance(999);
  expect(await isPending(waiting)).toBe(true);
  world.clock.advance(1);
  expect(await ended).toMatchObject({ code: "SP_ETIMEDOUT", errno: 5 });
  expect(await failure(surveyor.receive())).toMatchObject({ code: "SP_ESTATE" });
  answer(pipe, pipe.sent[0], "too late");
  expect(surveyor.stats().drops).toEqual({ late: 1 });
});

test("the usual time is 1,000 ms; the option and the property may say otherwise, for surveys from then on", async () => {
  const { world, surveyor } = surveying();
  expect(surveyor.surveyTime).toBe(1_000);
  await surveyor.send("one");
  expect(world.clock.delays).toEqual([1_000]);
  surveyor.surveyTime = 50;
  await surveyor.send("two");
  expect(world.clock.delays).toEqual([50]);
  surveyor.surveyTime = Number.POSITIVE_INFINITY;
  await surveyor.send("three");
  expect(world.clock.pending).toBe(0);
  surveyor.surveyTime = undefined;
  expect(surveyor.surveyTime).toBe(Number.POSITIVE_INFINITY);
});

test("a survey of no time is over at once", async () => {
  const { world, surveyor } = surveying({ surveyTime: 0 });
  const pipe = await world.peer();
  await surveyor.send("who?");
  expect(sent(pipe).length).toBe(1);
  expect(await failure(surveyor.receive())).toMatchObject({ code: "SP_ESTATE" });
  answer(pipe, pipe.sent[0], "here");
  expect(surveyor.stats().drops).toEqual({ late: 1 });
});

test("surveyTime is 0 or more", () => {
  for (const surveyTime of [-1, Number.NaN])
    expect(() => new Surveyor0({ surveyTime })).toThrow(expect.objectContaining({ code: "SP_EINVAL" }));
  expect(() => new Surveyor0({ surveyTime: "1s" as unknown as number })).toThrow(
    expect.objectContaining({ code: "SP_EBADTYPE" }),
  );
});

test("a receive that gives up sooner ends the survey, for all who wait", async () => {
  const { world, surveyor } = surveying({ surveyTime: 1_000 });
  const pipe = await world.peer();
  await surveyor.send("who?");
  const first = failure(surveyor.receive({ timeout: 100 }));
  const second = failure(surveyor.receive());
  world.clock.advance(100);
  expect(await first).toMatchObject({ code: "SP_ETIMEDOUT" });
  expect(await second).toMatchObject({ code: "SP_ETIMEDOUT" });
  expect(await failure(surveyor.receive())).toMatchObject({ code: "SP_ESTATE" });
  answer(pipe, pipe.sent[0], "too late");
  expect(surveyor.stats().drops).toEqual({ late: 1 });
  expect(world.clock.pending).toBe(0);
});

test("so does a receive that is aborted, and one that would not wait at all", async () => {
  const { surveyor } = surveying();
  await surveyor.send("who?");
  const abort = new AbortController();
  const aborted = failure(surveyor.receive({ signal: abort.signal }));
  const reason = new Error("given up");
  abort.abort(reason);
  expect(await aborted).toBe(reason);
  expect(await failure(surveyor.receive())).toMatchObject({ code: "SP_ESTATE" });
  await surveyor.send("who?");
  expect(await failure(surveyor.receive({ timeout: 0 }))).toMatchObject({ code: "SP_ETIMEDOUT" });
  expect(await failure(surveyor.receive())).toMatchObject({ code: "SP_ESTATE" });
});

test("an answer that is there wins over a timeout of 0; tryReceive that finds none ends nothing", async () => {
  const { world, surveyor } = surveying();
  const pipe = await world.peer();
  await surveyor.send("who?");
  expect(surveyor.tryReceive()).toBeUndefined();
  answer(pipe, pipe.sent[0], "me");
  expect(surveyor.readable).toBe(true);
  expect(await text(surveyor.receive({ timeout: 0 }))).toBe("me");
  expect(surveyor.tryReceive()).toBeUndefined();
});

test("a new survey cancels who waits for the old one and discards its answers, unread and late", async () => {
  const { world, surveyor } = surveying();
  const pipe = await world.peer();
  const drops = record(surveyor, "drop");
  await surveyor.send("one");
  const canceled = [failure(surveyor.receive()), failure(surveyor.receive())];
  await surveyor.send("two");
  for (const error of canceled) expect(await error).toMatchObject({ code: "SP_ECANCELED", errno: 20 });
  expect(parse(pipe.sent[1]).id).toBe(parse(pipe.sent[0]).id + 1);
  answer(pipe, pipe.sent[1], "unread");
  await surveyor.send("three");
  answer(pipe, pipe.sent[0], "one");
  answer(pipe, pipe.sent[1], "two");
  answer(pipe, pipe.sent[2], "three");
  expect(drain(surveyor)).toEqual(["three"]);
  expect(drops.map(({ reason, bytes }) => [reason, bytes])).toEqual([
    ["replaced", 6],
    ["late", 7],
    ["late", 7],
  ]);
  expect(drops.every(({ pipe: from }) => from === [...surveyor.pipes][0])).toBe(true);
});

test("answers that were not read in time go with the survey, and are counted", async () => {
  const { world, surveyor } = surveying();
  const pipe = await world.peer();
  await surveyor.send("who?");
  for (const body of ["a", "b"]) answer(pipe, pipe.sent[0], body);
  world.clock.advance(1_000);
  expect(await failure(surveyor.receive())).toMatchObject({ code: "SP_ESTATE" });
  expect(surveyor.stats().drops).toEqual({ late: 2 });
});

test("an answer without the high bit, or with an id that is not ours, is dropped; the peer stays", async () => {
  const { world, surveyor } = surveying();
  const pipe = await world.peer();
  await surveyor.send("who?");
  const { id } = parse(pipe.sent[0]);
  pipe.deliver(u32(id & 0x7fff_ffff), "no high bit");
  pipe.deliver(u32(id + 1), "never asked");
  pipe.deliver(u32(5), pipe.sent[0]?.subarray(0, 4) as Uint8Array, "a backtrace in front");
  answer(pipe, pipe.sent[0], "mine");
  expect(drain(surveyor)).toEqual(["mine"]);
  expect(surveyor.stats().drops).toEqual({ late: 3 });
  expect(pipe.closing).toBe(false);
});

test("an answer shorter than an id closes its peer", async () => {
  for (const bad of ["", "80", "800000"]) {
    const { world, surveyor } = surveying();
    const drops = record(surveyor, "drop");
    const closes = record(surveyor, "pipeclose");
    const pipe = await world.peer();
    pipe.deliver(hex(bad));
    await turns(2);
    expect(drops.map(({ reason }) => reason)).toEqual(["malformed"]);
    expect(closes[0]?.error).toMatchObject({ code: "SP_EPROTO", reason: "malformed" });
  }
});

test("an answer counts only from a peer that was there when the survey was sent", async () => {
  const { world, surveyor } = surveying();
  const asked = await world.peer();
  await surveyor.send("who?");
  const late = await world.peer();
  answer(late, asked.sent[0], "forged");
  answer(asked, asked.sent[0], "genuine");
  expect(drain(surveyor)).toEqual(["genuine"]);
  expect(surveyor.stats().drops).toEqual({ "unknown-id": 1 });
  await surveyor.send("and now?");
  answer(late, late.sent[0], "late is here, too");
  expect(drain(surveyor)).toEqual(["late is here, too"]);
});

test("several answers of one peer all count: a device speaks for many", async () => {
  const { world, surveyor } = surveying();
  const pipe = await world.peer();
  await surveyor.send("who?");
  for (const body of ["a", "b", "c"]) answer(pipe, pipe.sent[0], body);
  expect(drain(surveyor)).toEqual(["a", "b", "c"]);
});

test("the answer of a peer that has gone since stays", async () => {
  const { world, surveyor } = surveying();
  const pipe = await world.peer();
  await surveyor.send("who?");
  answer(pipe, pipe.sent[0], "farewell");
  pipe.end(new Error("reset"));
  expect(drain(surveyor)).toEqual(["farewell"]);
});

test("a survey succeeds without respondents; those that come later do not get it", async () => {
  const { world, surveyor } = surveying();
  await surveyor.send("anybody?");
  expect(surveyor.stats().drops).toEqual({ "no-peers": 1 });
  expect(surveyor.writable).toBe(true);
  const pipe = await world.peer();
  const nobody = failure(surveyor.receive());
  world.clock.advance(1_000);
  expect(await nobody).toMatchObject({ code: "SP_ETIMEDOUT" });
  expect(pipe.sent.length).toBe(0);
});

test("a busy respondent has a queue of 8 surveys; then the newest is dropped for it alone", async () => {
  const { world, surveyor } = surveying({ sendBufferBytes: 1 });
  const busy = await world.peer();
  const free = await world.peer();
  const drops = record(surveyor, "drop");
  busy.stall();
  for (let count = 0; count < 12; count++) surveyor.trySend(String(count));
  expect(free.sent.length).toBe(12);
  expect(drops.filter(({ reason }) => reason === "queue-full").length).toBe(3);
  busy.drain();
  expect(busy.sent.map((bytes) => parse(bytes).body)).toEqual(["0", "1", "2", "3", "4", "5", "6", "7", "8"]);
});

test("128 unread answers are kept, then the newest are dropped and counted", async () => {
  const { world, surveyor } = surveying();
  const pipe = await world.peer();
  await surveyor.send("who?");
  for (let count = 0; count < 150; count++) answer(pipe, pipe.sent[0], String(count));
  await turns();
  expect(drain(surveyor)).toEqual(Array.from({ length: 128 }, (_, at) => String(at)));
  expect(surveyor.stats().drops).toEqual({ "queue-full": 22 });
});

test("a thousand answers in one go reach a reader that keeps up", async () => {
  const { world, surveyor } = surveying();
  const pipe = await world.peer();
  await surveyor.send("who?");
  const got: string[] = [];
  const loop = (async () => {
    for await (const bytes of surveyor) got.push(new TextDecoder().decode(bytes));
  })();
  const ended = failure(loop);
  for (let count = 0; count < 1_000; count++) answer(pipe, pipe.sent[0], String(count));
  await turns();
  expect(got.length).toBe(1_000);
  expect(surveyor.stats().drops).toEqual({});
  world.clock.advance(1_000);
  expect(await ended).toMatchObject({ code: "SP_ETIMEDOUT" });
});

test("closing the surveyor ends its survey and its timer", async () => {
  const { world, surveyor } = surveying();
  await world.peer();
  await surveyor.send("who?");
  const waiting = failure(surveyor.receive());
  await surveyor.close();
  expect(await waiting).toMatchObject({ code: "SP_ECLOSED" });
  expect(world.clock.pending).toBe(0);
});
