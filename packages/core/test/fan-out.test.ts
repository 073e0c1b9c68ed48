/** One message to every pipe, and a short queue of its own for each that is slow. */
import { expect, test } from "vitest";
import { FanOut, type Overflow } from "../src/fan-out.js";
import { Message } from "../src/message.js";
import { FakeHost, FakePipe } from "./support/fake-host.js";

function fanOut(pipes: number, capacity: number, overflow: Overflow = "drop-oldest") {
  const host = new FakeHost();
  const fan = new FanOut(host, capacity, overflow);
  const all = Array.from({ length: pipes }, () => new FakePipe());
  for (const pipe of all) fan.add(pipe);
  return { host, fan, pipes: all as [FakePipe, FakePipe, ...FakePipe[]] };
}

function send(fan: FanOut, from: number, to: number): void {
  for (let count = from; count <= to; count++) fan.send(new Message(String(count)));
}

test("every pipe gets every message", () => {
  const { fan, pipes } = fanOut(3, 4);
  send(fan, 1, 3);
  expect(pipes.map((pipe) => pipe.bodies)).toEqual(Array(3).fill(["1", "2", "3"]));
  expect(fan.queued).toBe(0);
});

test("a message for several pipes is shared, so that it is encoded once; for one it is not", () => {
  for (const [count, shared] of [
    [1, false],
    [2, true],
  ] as const) {
    const { fan, pipes } = fanOut(count, 4);
    send(fan, 1, 1);
    expect(pipes[0].sent[0]?.shared).toBe(shared);
  }
});

test("a full pipe gets a queue, which drains in order before anything new", () => {
  const { fan, pipes } = fanOut(2, 4);
  pipes[0].room = 1;
  send(fan, 1, 4);
  expect(pipes[0].bodies).toEqual(["1"]);
  expect(pipes[1].bodies).toEqual(["1", "2", "3", "4"]);
  expect(fan.queued).toBe(3);
  pipes[0].room = 2;
  fan.writable(pipes[0]);
  expect(pipes[0].bodies).toEqual(["1", "2", "3"]);
  // There is room by now, but "4" was first.
  pipes[0].room = 1;
  send(fan, 5, 5);
  expect(pipes[0].bodies).toEqual(["1", "2", "3"]);
  pipes[0].room = 5;
  fan.writable(pipes[0]);
  expect(pipes[0].bodies).toEqual(["1", "2", "3", "4", "5"]);
});

test("drop-oldest keeps the newest, drop-newest the oldest; only the slow pipe loses, and each loss is told", () => {
  for (const [overflow, kept] of [
    ["drop-oldest", ["4", "5"]],
    ["drop-newest", ["1", "2"]],
  ] as const) {
    const { host, fan, pipes } = fanOut(2, 2, overflow);
    pipes[0].room = 0;
    send(fan, 1, 5);
    expect(host.drops).toEqual(Array(3).fill({ reason: "queue-full", bytes: 1, pipe: pipes[0] }));
    pipes[0].room = 9;
    fan.writable(pipes[0]);
    expect(pipes[0].bodies).toEqual(kept);
    expect(pipes[1].bodies).toEqual(["1", "2", "3", "4", "5"]);
  }
});

test("a pipe can be left out", () => {
  const { host, fan, pipes } = fanOut(2, 4);
  fan.send(new Message("x"), pipes[0]);
  expect(pipes.map((pipe) => pipe.bodies)).toEqual([[], ["x"]]);
  expect(host.drops).toEqual([]);
});

test("what waits for a pipe that goes is lost and told", () => {
  const { host, fan, pipes } = fanOut(2, 4);
  pipes[0].room = 0;
  send(fan, 1, 3);
  fan.remove(pipes[0]);
  expect(host.drops).toEqual(Array(3).fill({ reason: "peer-gone", bytes: 1, pipe: pipes[0] }));
  expect(fan.queued).toBe(0);
  send(fan, 4, 4);
  expect(pipes[0].bodies).toEqual([]);
});

test("a message without anyone to hear it is told, too", () => {
  const { host, fan } = fanOut(0, 4);
  send(fan, 10, 10);
  expect(host.drops).toEqual([{ reason: "no-peers", bytes: 2, pipe: undefined }]);
});

test("queues follow a new size; what no longer fits is told", () => {
  const { host, fan, pipes } = fanOut(1, 4);
  pipes[0].room = 0;
  send(fan, 1, 4);
  fan.resize(2);
  expect(host.drops.length).toBe(2);
  fan.resize(3);
  send(fan, 5, 5);
  expect(host.drops.length).toBe(2);
  pipes[0].room = 9;
  fan.writable(pipes[0]);
  // As in nng, a smaller queue loses its newest.
  expect(pipes[0].bodies).toEqual(["1", "2", "5"]);
});

test("clear forgets what waits, without a word", () => {
  const { host, fan, pipes } = fanOut(1, 4);
  pipes[0].room = 0;
  send(fan, 1, 4);
  fan.clear();
  expect(fan.queued).toBe(0);
  expect(host.drops).toEqual([]);
});

test("plain bytes that wait are copied once, whatever their lender does", () => {
  const { fan, pipes } = fanOut(2, 4);
  for (const pipe of pipes) pipe.room = 0;
  const bytes = new TextEncoder().encode("before");
  fan.send(Message.from(bytes));
  bytes.fill(0x78);
  for (const pipe of pipes) {
    pipe.room = 9;
    fan.writable(pipe);
    expect(pipe.bodies).toEqual(["before"]);
  }
});

test("a pipe that runs out of room is given time: senders let the loop turn until it has room again", () => {
  const { host, fan, pipes } = fanOut(2, 4);
  pipes[0].room = 1;
  send(fan, 1, 1);
  expect(fan.congested).toBe(false);
  send(fan, 2, 2);
  expect(fan.congested).toBe(true);
  host.turn();
  expect(fan.congested).toBe(true);
  pipes[0].room = 9;
  fan.writable(pipes[0]);
  expect(fan.congested).toBe(false);
  host.turn();
  expect(fan.congested).toBe(false);
});

test("after 10 ms it is slow, and nobody waits for it again before it has caught up", () => {
  const { host, fan, pipes } = fanOut(1, 4);
  pipes[0].room = 0;
  send(fan, 1, 1);
  host.time = 9;
  for (let turn = 0; turn < 20; turn++) host.turn();
  expect(fan.congested).toBe(true);
  host.time = 10;
  host.turn();
  expect(fan.congested).toBe(false);
  send(fan, 2, 5);
  expect(fan.congested).toBe(false);
  // Some room is not enough: it has caught up when nothing waits for it.
  pipes[0].room = 2;
  fan.writable(pipes[0]);
  send(fan, 6, 6);
  expect(fan.congested).toBe(false);
  pipes[0].room = 9;
  fan.writable(pipes[0]);
  pipes[0].room = 0;
  send(fan, 7, 7);
  expect(fan.congested).toBe(true);
});

test("one turn that takes long does not make a pipe slow: it gets 16 in any case", () => {
  const { host, fan, pipes } = fanOut(1, 4);
  pipes[0].room = 0;
  send(fan, 1, 1);
  host.time = 1_000;
  for (let turn = 0; turn < 15; turn++) host.turn();
  expect(fan.congested).toBe(true);
  host.turn();
  expect(fan.congested).toBe(false);
});

test("for a slow pipe the loop turns once in 64 messages, without which it never could catch up", () => {
  const { host, fan, pipes } = fanOut(1, 4);
  pipes[0].room = 0;
  send(fan, 0, 0);
  host.time = 10;
  for (let turn = 0; turn < 16; turn++) host.turn();
  for (let stint = 0; stint < 3; stint++) {
    send(fan, 1, 63);
    expect(fan.congested).toBe(false);
    send(fan, 64, 64);
    expect(fan.congested).toBe(true);
    host.turn();
    expect(fan.congested).toBe(false);
  }
});

test("a pipe that goes is not waited for", () => {
  const { host, fan, pipes } = fanOut(1, 4);
  pipes[0].room = 0;
  send(fan, 1, 1);
  fan.remove(pipes[0]);
  expect(fan.congested).toBe(false);
  host.turn();
  expect(fan.congested).toBe(false);
});
