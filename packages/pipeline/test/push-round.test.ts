/** Pullers that come and go, and a pusher that closes. */
import { Message } from "@sprocket/core";
import { isPending } from "@sprocket/testing";
import { expect, test } from "vitest";
import { Push0, type Push0Options, RawPush0 } from "../src/index.js";
import { failure, sent, World } from "./support.js";

function pusher(options: Push0Options = {}) {
  const world = new World((base) => new Push0({ ...base, sendBufferBytes: 1, ...options }));
  return { world, push: world.socket };
}

function numbers(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, at) => String(from + at));
}

test("a puller that comes later joins the round", async () => {
  const { world, push } = pusher();
  const first = await world.peer();
  await push.send("0");
  const second = await world.peer();
  for (const body of numbers(1, 4)) await push.send(body);
  expect([sent(first), sent(second)]).toEqual([
    ["0", "1", "3"],
    ["2", "4"],
  ]);
});

test("a puller that goes leaves the round to the others, wherever it stood", async () => {
  const { world, push } = pusher();
  const pipes = [await world.peer(), await world.peer(), await world.peer()];
  await push.send("0");
  pipes[1]?.end();
  for (const body of numbers(1, 4)) await push.send(body);
  expect(pipes.map(sent)).toEqual([["0", "2", "4"], [], ["1", "3"]]);
});

test("when every puller is full a send waits, and no later one overtakes it", async () => {
  const { world, push } = pusher();
  const pipes = [await world.peer(), await world.peer()];
  for (const pipe of pipes) pipe.stall();
  await push.send("0");
  await push.send("1");
  expect(push.writable).toBe(false);
  const waiting = ["2", "3"].map((body) => push.send(body));
  expect(push.trySend("overtaker")).toBe(false);
  expect(await isPending(waiting[0] as Promise<void>)).toBe(true);
  pipes[1]?.drain();
  await Promise.all(waiting);
  expect(pipes.map(sent)).toEqual([["0"], ["1", "2", "3"]]);
});

test("close delivers what was accepted, also what waits for a full puller", async () => {
  const { world, push } = pusher({ sendBufferSize: 4 });
  const pipe = await world.peer();
  pipe.stall();
  for (const body of numbers(0, 4)) await push.send(body);
  const waiting = failure(push.send("not accepted"));
  const closed = push.close();
  expect(await waiting).toMatchObject({ code: "SP_ECLOSED" });
  pipe.drain();
  expect(await closed).toEqual({ undelivered: 0 });
  expect(sent(pipe)).toEqual(numbers(0, 4));
});

test("close without a puller gives up after closeTimeout and says how much was lost", async () => {
  const { world, push } = pusher({ sendBufferSize: 4, closeTimeout: 200 });
  for (const body of numbers(0, 3)) await push.send(body);
  const closed = push.close();
  await world.clock.advanceAsync(200);
  expect(await closed).toEqual({ undelivered: 4 });
  expect(push.stats().drops).toEqual({ closed: 4 });
});

test("the bytes of a send that waits are copied once they are accepted", async () => {
  const { world, push } = pusher({ sendBufferSize: 1 });
  const bytes = new TextEncoder().encode("before");
  await push.send(bytes);
  bytes.fill(0x78);
  expect(sent(await world.peer())).toEqual(["before"]);
});

test("a raw pusher does the same, and a cooked one sends the body of a message alone", async () => {
  const header = new Uint8Array([0x80, 0, 0, 1]);
  const { world, push } = pusher();
  const pipe = await world.peer();
  await push.send(new Message("body", { header }));
  expect(sent(pipe)).toEqual(["body"]);
  const raw = new World((base) => new RawPush0({ ...base, sendBufferSize: 1 }));
  await raw.socket.send(new Message("work"));
  expect(sent(await raw.peer())).toEqual(["work"]);
  expect(raw.socket.raw).toBe(true);
});
