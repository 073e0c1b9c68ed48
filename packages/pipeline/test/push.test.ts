/** Who gets the work, and where it waits when nobody has room. */
import { isPending } from "@sprocket/testing";
import { expect, test } from "vitest";
import { Push0, type Push0Options } from "../src/index.js";
import { failure, keep, record, sent, turns, World } from "./support.js";

/** Every message fills a pipe that stalls. */
function pusher(options: Push0Options = {}): World<Push0> {
  return new World((base) => new Push0({ ...base, sendBufferBytes: 1, ...options }));
}

test("idle pullers take turns", async () => {
  const world = pusher();
  const pipes = [await world.peer(), await world.peer(), await world.peer()];
  for (let count = 0; count < 9; count++) await world.socket.send(String(count));
  expect(pipes.map(sent)).toEqual([
    ["0", "3", "6"],
    ["1", "4", "7"],
    ["2", "5", "8"],
  ]);
});

test("a puller that is full is left out until it has room", async () => {
  const world = pusher();
  const one = await world.peer();
  const two = await world.peer();
  one.stall();
  for (let count = 0; count < 5; count++) await world.socket.send(String(count));
  expect([one, two].map(sent)).toEqual([["0"], ["1", "2", "3", "4"]]);
  one.drain();
  await turns();
  for (let count = 5; count < 9; count++) await world.socket.send(String(count));
  expect(sent(one).length).toBe(3);
  expect(sent(two).length).toBe(6);
});

test("when all are full a send waits, and the first with room gets the message", async () => {
  const world = pusher();
  const pipes = [await world.peer(), await world.peer()] as const;
  for (const pipe of pipes) pipe.stall();
  await world.socket.send("0");
  await world.socket.send("1");
  expect(world.socket.writable).toBe(false);
  expect(world.socket.trySend("no room")).toBe(false);
  const waiting = world.socket.send("2");
  expect(await isPending(waiting)).toBe(true);
  pipes[1].drain();
  await waiting;
  expect(pipes.map(sent)).toEqual([["0"], ["1", "2"]]);
  expect(world.socket.stats().drops).toEqual({});
});

test("without a puller a send waits for the first, and times out without a trace", async () => {
  const world = pusher();
  const late = failure(world.socket.send("too late", { timeout: 50 }));
  const waiting = world.socket.send("in time");
  await world.clock.advanceAsync(50);
  expect(await late).toMatchObject({ code: "SP_ETIMEDOUT" });
  const pipe = await world.peer();
  await waiting;
  expect(sent(pipe)).toEqual(["in time"]);
});

test("sendBufferSize messages wait here, and the next puller gets them in order", async () => {
  const world = pusher({ sendBufferSize: 3 });
  for (const body of ["0", "1", "2"]) await world.socket.send(body);
  expect(world.socket.stats().queued).toBe(3);
  const waiting = world.socket.send("3");
  expect(await isPending(waiting)).toBe(true);
  const pipe = await world.peer();
  await waiting;
  expect(sent(pipe)).toEqual(["0", "1", "2", "3"]);
  expect(world.socket.stats().queued).toBe(0);
});

test("what waits in the buffer goes first, to whoever has room", async () => {
  const world = pusher({ sendBufferSize: 2 });
  const pipes = [await world.peer(), await world.peer()] as const;
  for (const pipe of pipes) pipe.stall();
  for (let count = 0; count < 4; count++) await world.socket.send(String(count));
  pipes[1].drain();
  await turns();
  await world.socket.send("4");
  expect(pipes.map(sent)).toEqual([["0"], ["1", "2", "3", "4"]]);
});

test("queued messages survive the death of a pipe; what it had taken is lost and counted", async () => {
  const world = pusher({ sendBufferSize: 2 });
  const drops = record(world.socket, "drop");
  const first = await world.peer();
  first.stall();
  for (const body of ["lost", "kept 1", "kept 2"]) await world.socket.send(body);
  const waiting = world.socket.send("kept 3");
  first.end(new Error("reset"));
  await turns();
  expect(await isPending(waiting)).toBe(true);
  expect(drops.map(({ reason, count }) => [reason, count])).toEqual([["reset", 1]]);
  const second = await world.peer();
  await waiting;
  expect(sent(second)).toEqual(["kept 1", "kept 2", "kept 3"]);
});

test("what a puller sends is dropped and counted, and the puller stays", async () => {
  const world = pusher();
  const drops = record(world.socket, "drop");
  const pipe = await world.peer();
  pipe.deliver("thanks");
  expect(drops.map(({ reason }) => reason)).toEqual(["unexpected"]);
  await world.socket.send("welcome");
  expect(sent(pipe)).toEqual(["welcome"]);
});

test("a larger sendBufferSize lets a waiting send through, a smaller one drops the newest", async () => {
  const world = pusher();
  const drops = record(world.socket, "drop");
  const sends = ["0", "1", "2"].map((body) => world.socket.send(body));
  world.socket.sendBufferSize = 3;
  await Promise.all(sends);
  world.socket.sendBufferSize = 1;
  expect(drops.map(({ reason }) => reason)).toEqual(["queue-full", "queue-full"]);
  expect(sent(await world.peer())).toEqual(["0"]);
});

test("sendBufferSize is 0 to 8192, and 0 at first", () => {
  const push = keep(new Push0());
  expect(push.sendBufferSize).toBe(0);
  for (const size of [-1, 8_193, 1.5]) {
    expect(() => new Push0({ sendBufferSize: size })).toThrow(expect.objectContaining({ code: "SP_EINVAL" }));
  }
});
