/** A publisher never waits: what is too much for one pipe is dropped for that pipe. */
import { isPending } from "@sprocket/testing";
import { expect, test } from "vitest";
import { Pub0, type Pub0Options } from "../src/index.js";
import { keep, record, sent, turns, World } from "./support.js";

function publisher(options: Pub0Options = {}): World<Pub0> {
  return new World((base) => new Pub0({ ...base, sendBufferBytes: 1, ...options }));
}

test("every subscriber gets every message, payload alone and in order", async () => {
  const world = publisher();
  const pipes = [await world.peer(), await world.peer(), await world.peer()];
  for (const body of ["one", "", "three"]) await world.socket.send(body);
  for (const pipe of pipes) expect(sent(pipe)).toEqual(["one", "", "three"]);
});

test("a slow pipe loses its oldest, counted and reported; the others lose nothing", async () => {
  const world = publisher({ sendBufferSize: 2 });
  const drops = record(world.socket, "drop");
  const slow = await world.peer();
  const [slowPipe] = [...world.socket.pipes];
  const quick = await world.peer();
  slow.stall();
  for (let count = 0; count < 6; count++) expect(world.socket.trySend(String(count))).toBe(true);
  expect(drops.map(({ reason, count, bytes, pipe }) => [reason, count, bytes, pipe === slowPipe])).toEqual(
    Array.from({ length: 3 }, () => ["queue-full", 1, 1, true]),
  );
  expect(world.socket.stats()).toMatchObject({ drops: { "queue-full": 3 }, queued: 2 });
  slow.drain();
  await turns();
  expect(sent(slow)).toEqual(["0", "4", "5"]);
  expect(sent(quick)).toEqual(["0", "1", "2", "3", "4", "5"]);
  expect(world.socket.stats().queued).toBe(0);
});

test("a send gives a pipe that is full a moment of the clock, and never rejects", async () => {
  const world = publisher({ sendBufferSize: 1 });
  const pipe = await world.peer();
  pipe.stall();
  await world.socket.send("taken by the pipe");
  const grace = world.socket.send("queued");
  expect(await isPending(grace)).toBe(true);
  await world.clock.advanceAsync(10);
  await grace;
  for (let count = 0; count < 200; count++) await world.socket.send("dropped", { timeout: 0 });
  expect(world.socket.stats().drops).toEqual({ "queue-full": 200 });
});

test("a pipe that makes room within its moment loses nothing", async () => {
  const world = publisher({ sendBufferSize: 1 });
  const pipe = await world.peer();
  pipe.stall();
  await world.socket.send("1");
  const grace = world.socket.send("2");
  pipe.drain();
  await grace;
  await world.socket.send("3");
  expect(sent(pipe)).toEqual(["1", "2", "3"]);
  expect(world.socket.stats().drops).toEqual({});
});

test("without a subscriber messages are dropped and counted, and sends succeed", async () => {
  const pub = keep(new Pub0());
  expect(pub.writable).toBe(true);
  await pub.send("a");
  expect(pub.trySend("b")).toBe(true);
  expect(pub.stats().drops).toEqual({ "no-peers": 2 });
});

test("what waits for a subscriber that goes is counted", async () => {
  const world = publisher({ sendBufferSize: 4 });
  const pipe = await world.peer();
  pipe.stall();
  for (const body of ["pipe", "1", "2"]) world.socket.trySend(body);
  pipe.end();
  await turns();
  expect(world.socket.stats().drops["peer-gone"]).toBe(2);
  expect(world.socket.stats().queued).toBe(0);
});

test("a subscriber that sends is closed, and the others stay", async () => {
  const world = publisher();
  const drops = record(world.socket, "drop");
  const rude = await world.peer();
  const polite = await world.peer();
  rude.deliver("hello?");
  expect(rude.closing).toBe(true);
  expect(rude.closeError).toMatchObject({ code: "SP_EPROTO" });
  expect(drops.map(({ reason }) => reason)).toEqual(["unexpected"]);
  await turns();
  await world.socket.send("on we go");
  expect(sent(polite)).toEqual(["on we go"]);
});

test("plain bytes are the caller's again after a send, also where they wait", async () => {
  const world = publisher();
  const slow = await world.peer();
  slow.stall();
  const bytes = new TextEncoder().encode("before");
  world.socket.trySend("full");
  world.socket.trySend(bytes);
  bytes.fill(0x78);
  slow.drain();
  await turns();
  expect(sent(slow)).toEqual(["full", "before"]);
});

test("a smaller sendBufferSize takes effect on the queues that are there", async () => {
  const world = publisher({ sendBufferSize: 8 });
  const pipe = await world.peer();
  pipe.stall();
  for (let count = 0; count < 7; count++) world.socket.trySend(String(count));
  world.socket.sendBufferSize = 2;
  expect(world.socket.stats()).toMatchObject({ drops: { "queue-full": 4 }, queued: 2 });
});

test("sendBufferSize is 1 to 8192, and 16 at first", () => {
  const pub = keep(new Pub0());
  expect(pub.sendBufferSize).toBe(16);
  for (const size of [0, 8_193, 1.5, -1]) {
    expect(() => new Pub0({ sendBufferSize: size })).toThrow(expect.objectContaining({ code: "SP_EINVAL" }));
  }
});
