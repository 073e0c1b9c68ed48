/** What becomes of messages that wait for slow subscribers: accounts, changes of size, the end. */
import { Message } from "@sprocket/core";
import { expect, test } from "vitest";
import { Pub0, type Pub0Options, RawPub0 } from "../src/index.js";
import { sent, World } from "./support.js";

function publisher(options: Pub0Options = {}) {
  const world = new World((base) => new Pub0({ ...base, sendBufferBytes: 1, ...options }));
  return { world, pub: world.socket };
}

function numbers(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, at) => String(from + at));
}

test("a send that lets subscribers make room ends with the publisher", async () => {
  const { world, pub } = publisher({ closeTimeout: 0 });
  const pipe = await world.peer();
  pipe.stall();
  await pub.send("in the pipe");
  const held = pub.send("waits for room");
  pub.destroy();
  await held;
});

test("what is sent plus what is dropped is what was published, for each subscriber", async () => {
  const { world, pub } = publisher({ sendBufferSize: 3 });
  const pipes = [await world.peer(), await world.peer(), await world.peer()];
  const lost = new Map<unknown, number>();
  pub.addEventListener("drop", ({ pipe, count }) => lost.set(pipe?.id, (lost.get(pipe?.id) ?? 0) + count));
  for (let round = 0; round < 500; round++) {
    const pipe = pipes[round % 3];
    if (round % 7 === 0) pipe?.stall();
    if (round % 5 === 0) pipe?.drain();
    pub.trySend(String(round));
  }
  for (const pipe of pipes) pipe.drain();
  [...pub.pipes].forEach(({ id }, at) => {
    const got = sent(pipes[at] as (typeof pipes)[number]).map(Number);
    expect(got.length + (lost.get(id) ?? 0)).toBe(500);
    expect(got).toEqual([...got].sort((a, b) => a - b));
  });
  expect(lost.size).toBe(3);
});

test("close delivers what waits for slow subscribers", async () => {
  const { world, pub } = publisher();
  const pipe = await world.peer();
  pipe.stall();
  for (const body of numbers(1, 10)) pub.trySend(body);
  const closed = pub.close();
  pipe.drain();
  expect(await closed).toEqual({ undelivered: 0 });
  expect(sent(pipe)).toEqual(numbers(1, 10));
});

test("close gives up after closeTimeout and says how much was lost", async () => {
  const { world, pub } = publisher({ closeTimeout: 300 });
  const pipe = await world.peer();
  pipe.stall();
  for (const body of numbers(1, 10)) pub.trySend(body);
  const closed = pub.close();
  await world.clock.advanceAsync(300);
  expect(await closed).toEqual({ undelivered: 10 });
});

test("sendBufferSize follows a change, also for subscribers that are there", async () => {
  const { world, pub } = publisher();
  const pipe = await world.peer();
  pipe.stall();
  pub.sendBufferSize = 2;
  for (const body of numbers(1, 6)) pub.trySend(body);
  expect(pub.stats().queued).toBe(2);
  pub.sendBufferSize = 4;
  for (const body of numbers(7, 8)) pub.trySend(body);
  pipe.drain();
  expect(sent(pipe)).toEqual(["1", "5", "6", "7", "8"]);
});

test("a received message can be published: its body alone is sent", async () => {
  const header = new Uint8Array([0x80, 0, 0, 1]);
  const { world, pub } = publisher();
  const pipe = await world.peer();
  await pub.send(new Message("body", { header }));
  expect(sent(pipe)).toEqual(["body"]);
});

test("a raw publisher does the same", async () => {
  const world = new World((base) => new RawPub0({ ...base, sendBufferBytes: 1, sendBufferSize: 2 }));
  const pipe = await world.peer();
  expect(world.socket.raw).toBe(true);
  pipe.stall();
  for (const body of numbers(1, 9)) world.socket.trySend(new Message(body));
  pipe.drain();
  expect(sent(pipe)).toEqual(["1", "8", "9"]);
  pipe.deliver("what a subscriber never says");
  expect(pipe.closing).toBe(true);
});
