/** What one says, all its direct peers hear, and nobody else. */
import { Message } from "@sprocket/core";
import { expect, test } from "vitest";
import { Bus0, type Bus0Options } from "../src/index.js";
import { drain, failure, freshUrl, keep, record, sent, text, turns, World } from "./support/world.js";

function bussing(options: Bus0Options = {}) {
  const world = new World((base) => new Bus0({ ...base, sendBufferBytes: 1, ...options }));
  return { world, bus: world.socket };
}

function numbers(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, at) => String(from + at));
}

test("a send reaches every peer; what a peer says is received, not echoed and not forwarded", async () => {
  const { world, bus } = bussing();
  const pipes = [await world.peer(), await world.peer()];
  await bus.send("to all");
  pipes[0]?.deliver("to the bus");
  expect(await text(bus.receive())).toBe("to the bus");
  await turns(2);
  expect(pipes.map(sent)).toEqual([["to all"], ["to all"]]);
});

test("in a chain the ends do not hear each other", async () => {
  const chain = [keep(new Bus0()), keep(new Bus0()), keep(new Bus0())] as const;
  const { url } = await chain[1].listen(freshUrl());
  await chain[0].dial(url);
  await chain[2].dial(url);
  await chain[1].waitForPipes(2);
  await chain[0].send("from one end");
  expect(await text(chain[1].receive())).toBe("from one end");
  await turns();
  expect(drain(chain[2])).toEqual([]);
  await chain[1].send("from the middle");
  expect([await text(chain[0].receive()), await text(chain[2].receive())]).toEqual([
    "from the middle",
    "from the middle",
  ]);
});

test("a mesh of four: each hears the three others once, and never itself", async () => {
  const mesh = [0, 1, 2, 3].map(() => keep(new Bus0()));
  const urls = await Promise.all(mesh.map(async (bus) => (await bus.listen(freshUrl())).url));
  for (let at = 0; at < 4; at++)
    for (let other = 0; other < at; other++) await mesh[at]?.dial(urls[other] as string);
  await Promise.all(mesh.map((bus) => bus.waitForPipes(3)));
  for (const [at, bus] of mesh.entries()) await bus.send(String(at));
  await turns();
  for (const [at, bus] of mesh.entries())
    expect(drain(bus).sort()).toEqual(["0", "1", "2", "3"].filter((each) => each !== String(at)));
});

test("a send never waits; without peers it is told as a drop", async () => {
  const { world, bus } = bussing();
  const drops = record(bus, "drop");
  expect(bus.writable).toBe(true);
  await bus.send("nobody", { timeout: 0 });
  expect(drops.map(({ reason, bytes }) => [reason, bytes])).toEqual([["no-peers", 6]]);
  (await world.peer()).stall();
  for (let count = 0; count < 100; count++) expect(bus.trySend("x")).toBe(true);
});

test("a slow peer keeps the oldest 16; the others miss nothing; each loss is counted and told", async () => {
  const { world, bus } = bussing();
  const slow = await world.peer();
  const quick = await world.peer();
  const drops = record(bus, "drop");
  slow.stall();
  for (const body of numbers(1, 40)) bus.trySend(body);
  expect(sent(quick)).toEqual(numbers(1, 40));
  expect(drops.length).toBe(23);
  expect(drops.every(({ reason, pipe }) => reason === "queue-full" && pipe === [...bus.pipes][0])).toBe(true);
  slow.drain();
  expect(sent(slow)).toEqual(numbers(1, 17));
});

test("16 unread messages are kept, the newest dropped and counted", async () => {
  const { world, bus } = bussing();
  const drops = record(bus, "drop");
  const pipe = await world.peer();
  for (const body of numbers(0, 39)) pipe.deliver(body);
  await turns();
  expect(drain(bus)).toEqual(numbers(0, 15));
  expect(drops.length).toBe(24);
  expect(drops[0]).toMatchObject({ reason: "queue-full", pipe: [...bus.pipes][0] });
});

test("a burst larger than the queue loses nothing while the reader keeps up", async () => {
  const { world, bus } = bussing();
  const pipes = [await world.peer(), await world.peer()];
  const got: string[] = [];
  const loop = (async () => {
    for await (const bytes of bus) got.push(new TextDecoder().decode(bytes));
  })();
  for (let count = 0; count < 500; count++)
    for (const [at, pipe] of pipes.entries()) pipe.deliver(`${at}.${count}`);
  await turns();
  for (const at of pipes.keys())
    expect(got.filter((body) => body.startsWith(`${at}.`))).toEqual(
      Array.from({ length: 500 }, (_, count) => `${at}.${count}`),
    );
  expect(bus.stats().drops).toEqual({});
  bus.destroy();
  await loop;
});

test("sendBufferSize and receiveBufferSize are counts from 1 to 8192 and can change", async () => {
  for (const size of [0, -1, 8_193, 1.5]) {
    expect(() => new Bus0({ sendBufferSize: size })).toThrow(expect.objectContaining({ code: "SP_EINVAL" }));
    expect(() => new Bus0({ receiveBufferSize: size })).toThrow(
      expect.objectContaining({ code: "SP_EINVAL" }),
    );
  }
  const { world, bus } = bussing();
  expect([bus.sendBufferSize, bus.receiveBufferSize]).toEqual([16, 16]);
  bus.sendBufferSize = 2;
  bus.receiveBufferSize = 3;
  const pipe = await world.peer();
  pipe.stall();
  for (const body of numbers(1, 9)) {
    bus.trySend(body);
    pipe.deliver(body);
  }
  await turns();
  pipe.drain();
  expect(sent(pipe)).toEqual(["1", "2", "3"]);
  expect(drain(bus)).toEqual(["1", "2", "3"]);
});

test("another option that changes costs the reader no message", async () => {
  const { world, bus } = bussing({ receiveBufferSize: 1 });
  const pipe = await world.peer();
  pipe.deliver("1");
  pipe.deliver("2");
  bus.receiveTimeout = 1_000;
  bus.sendBufferSize = 5;
  expect(drain(bus)).toEqual(["1", "2"]);
});

test("a received message can be sent on: its body alone goes, to everyone", async () => {
  const { world, bus } = bussing();
  const pipes = [await world.peer(), await world.peer()];
  pipes[0]?.deliver("hello");
  await bus.send(await bus.receiveMessage());
  await bus.send(new Message("body", { header: new Uint8Array([0, 0, 0, [...bus.pipes][0]?.id ?? 0]) }));
  expect(pipes.map(sent)).toEqual([
    ["hello", "body"],
    ["hello", "body"],
  ]);
});

test("what waits for a peer that goes is counted; what was received stays", async () => {
  const { world, bus } = bussing();
  const pipe = await world.peer();
  pipe.stall();
  for (const body of numbers(1, 4)) bus.trySend(body);
  pipe.deliver("farewell");
  pipe.end(new Error("reset"));
  expect(bus.stats().drops).toEqual({ "peer-gone": 3, reset: 1 });
  expect(drain(bus)).toEqual(["farewell"]);
});

test("close delivers what waits for slow peers", async () => {
  const { world, bus } = bussing();
  const pipe = await world.peer();
  pipe.stall();
  for (const body of numbers(1, 10)) bus.trySend(body);
  const waiting = failure(bus.receive());
  const closed = bus.close();
  expect(await waiting).toMatchObject({ code: "SP_ECLOSED" });
  pipe.drain();
  expect(await closed).toEqual({ undelivered: 0 });
  expect(sent(pipe)).toEqual(numbers(1, 10));
});
