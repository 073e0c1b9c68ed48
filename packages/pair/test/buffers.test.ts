/** Where messages wait: in the pipe, in `sendBufferSize`, in the caller; in `receiveBufferSize`, then at the peer. */
import { isPending } from "@sprocket/testing";
import { expect, test } from "vitest";
import { Pair0 } from "../src/index.js";
import { failure, record, sent, text, turns, World } from "./support.js";

test("a send waits while the pipe is full, and goes out when it drains", async () => {
  const world = new World((base) => new Pair0({ ...base, sendBufferBytes: 1 }));
  const pipe = await world.peer();
  pipe.stall();
  await world.socket.send("one");
  expect(world.socket.writable).toBe(false);
  expect(world.socket.trySend("no room")).toBe(false);
  const waiting = world.socket.send("two");
  expect(await isPending(waiting)).toBe(true);
  pipe.drain();
  await waiting;
  expect(sent(pipe)).toEqual(["one", "two"]);
});

test("sendBufferSize messages are accepted beyond a full pipe, in order", async () => {
  const world = new World((base) => new Pair0({ ...base, sendBufferBytes: 1, sendBufferSize: 2 }));
  const pipe = await world.peer();
  pipe.stall();
  for (const body of ["pipe", "queue 1", "queue 2"]) await world.socket.send(body);
  const waiting = world.socket.send("caller");
  expect(await isPending(waiting)).toBe(true);
  pipe.drain();
  await waiting;
  expect(sent(pipe)).toEqual(["pipe", "queue 1", "queue 2", "caller"]);
});

test("queued messages wait for the next peer; what the pipe had taken is lost and counted", async () => {
  const world = new World((base) => new Pair0({ ...base, sendBufferBytes: 1, sendBufferSize: 2 }));
  const first = await world.peer();
  first.stall();
  for (const body of ["lost", "kept 1", "kept 2"]) await world.socket.send(body);
  first.end(new Error("reset"));
  const second = await world.peer();
  expect(sent(second)).toEqual(["kept 1", "kept 2"]);
});

test("plain bytes that wait in the queue are copied: the caller may change them", async () => {
  const world = new World((base) => new Pair0({ ...base, sendBufferSize: 1 }));
  const bytes = new TextEncoder().encode("before");
  await world.socket.send(bytes);
  bytes.fill(0x78);
  const pipe = await world.peer();
  expect(sent(pipe)).toEqual(["before"]);
});

test("without a receive buffer one message is parked and the pipe is not read any more", async () => {
  const world = new World((base) => new Pair0(base));
  const pipe = await world.peer();
  for (let count = 0; count < 4; count++) pipe.deliver(String(count));
  expect(pipe.undelivered).toBe(3);
  for (let count = 0; count < 4; count++) {
    expect(await text(world.socket.receive())).toBe(String(count));
    await turns(2);
    expect(pipe.undelivered).toBe(Math.max(0, 2 - count));
  }
});

test("the news that a peer has gone comes behind its messages: who closes at that news has read them all", async () => {
  const world = new World((base) => new Pair0(base));
  const pipe = await world.peer();
  const { socket } = world;
  socket.addEventListener("pipeclose", () => socket.destroy());
  for (let count = 0; count < 20; count++) pipe.deliver(String(count));
  pipe.end();
  const bodies: string[] = [];
  for await (const bytes of socket) bodies.push(new TextDecoder().decode(bytes));
  expect(bodies).toEqual(Array.from({ length: 20 }, (_, at) => String(at)));
});

test("receiveBufferSize messages wait here, and one more", async () => {
  const world = new World((base) => new Pair0({ ...base, receiveBufferSize: 3 }));
  const pipe = await world.peer();
  for (let count = 0; count < 6; count++) pipe.deliver(String(count));
  expect(pipe.undelivered).toBe(2);
  expect(world.socket.readable).toBe(true);
  for (let count = 0; count < 6; count++) expect(await text(world.socket.receive())).toBe(String(count));
  expect(world.socket.readable).toBe(false);
});

test("a larger receiveBufferSize lets the pipe be read on", async () => {
  const world = new World((base) => new Pair0(base));
  const pipe = await world.peer();
  for (let count = 0; count < 4; count++) pipe.deliver(String(count));
  world.socket.receiveBufferSize = 10;
  await turns(2);
  expect(pipe.undelivered).toBe(0);
  for (let count = 0; count < 4; count++) expect(await text(world.socket.receive())).toBe(String(count));
});

test("a smaller sendBufferSize drops the newest, and says so", async () => {
  const world = new World((base) => new Pair0({ ...base, sendBufferSize: 4 }));
  const drops = record(world.socket, "drop");
  for (let count = 0; count < 4; count++) await world.socket.send(String(count));
  world.socket.sendBufferSize = 2;
  expect(drops.map(({ reason }) => reason)).toEqual(["queue-full", "queue-full"]);
  expect(sent(await world.peer())).toEqual(["0", "1"]);
});

test("the parked message of a peer that was reset is lost; queued ones stay", async () => {
  const world = new World((base) => new Pair0({ ...base, receiveBufferSize: 1 }));
  const drops = record(world.socket, "drop");
  const pipe = await world.peer();
  pipe.deliver("queued");
  pipe.deliver("parked");
  pipe.end(new Error("reset"));
  expect(drops.map(({ reason }) => reason)).toEqual(["reset"]);
  expect(await text(world.socket.receive())).toBe("queued");
  expect(await failure(world.socket.receive({ timeout: 0 }))).toMatchObject({ code: "SP_ETIMEDOUT" });
});

test("receiveBatch gives what is there, at most so many, and waits for the first", async () => {
  const world = new World((base) => new Pair0({ ...base, receiveBufferSize: 10 }));
  const pipe = await world.peer();
  const waiting = world.socket.receiveBatch(10);
  expect(await isPending(waiting)).toBe(true);
  pipe.deliver("0");
  expect((await waiting).length).toBe(1);
  for (let count = 0; count < 5; count++) pipe.deliver(String(count));
  expect((await world.socket.receiveBatch(3)).map((bytes) => new TextDecoder().decode(bytes))).toEqual([
    "0",
    "1",
    "2",
  ]);
  expect((await world.socket.receiveBatch(3)).length).toBe(2);
  expect(await failure(world.socket.receiveBatch(0))).toMatchObject({ code: "SP_EINVAL" });
});

test("buffer sizes are counts from 0 to 8192", () => {
  for (const size of [-1, 8_193, 1.5]) {
    expect(() => new Pair0({ sendBufferSize: size })).toThrow(expect.objectContaining({ code: "SP_EINVAL" }));
    expect(() => new Pair0({ receiveBufferSize: size })).toThrow(
      expect.objectContaining({ code: "SP_EINVAL" }),
    );
  }
});

test("inside one process a message that waits counts 256 bytes besides its own, so that not all too many can wait", async () => {
  const left = new Pair0({ sendBufferBytes: 16_384 });
  const right = new Pair0();
  try {
    await left.listen("inproc://bookkeeping");
    await right.dial("inproc://bookkeeping");
    await left.waitForPipes(1);
    let accepted = 0;
    while (left.trySend("")) accepted++;
    // The first is handed on, so that it does not wait there.
    expect(accepted).toBe(1 + 16_384 / 256);
    let received = 0;
    while (right.tryReceive() !== undefined) received++;
    expect(received).toBe(accepted);
  } finally {
    await Promise.all([left.close(), right.close()]);
  }
});
