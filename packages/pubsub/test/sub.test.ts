/** Subscriptions, queues and contexts of a subscriber. */
import { BadTypeError, NoEntryError } from "@sprocket/core";
import type { MockPipe } from "@sprocket/testing";
import { expect, test } from "vitest";
import { RawSub0, Sub0, type Sub0Options } from "../src/index.js";
import { drain, failure, keep, record, text, turns, World } from "./support.js";

function subscriber(options: Sub0Options = {}): World<Sub0> {
  return new World((base) => new Sub0({ ...base, ...options }));
}

function deliver(pipe: MockPipe, ...bodies: string[]): void {
  for (const body of bodies) pipe.deliver(body);
}

test("a subscriber without topics receives nothing, and that is no drop", async () => {
  const world = subscriber();
  const pipe = await world.peer();
  deliver(pipe, "a", "");
  expect(drain(world.socket)).toEqual([]);
  expect(world.socket.stats().drops).toEqual({});
});

test("unsubscribing drops what waits for that topic alone", async () => {
  const world = subscriber({ topics: ["a", "ab", "x"] });
  const pipe = await world.peer();
  deliver(pipe, "a1", "ab1", "x1");
  world.socket.unsubscribe("a");
  deliver(pipe, "a2", "ab2", "x2");
  expect(drain(world.socket)).toEqual(["ab1", "x1", "ab2", "x2"]);
});

test("subscribing twice is the same as once", () => {
  const sub = keep(new Sub0());
  sub.subscribe("a");
  sub.subscribe("a");
  sub.unsubscribe("a");
  expect(() => sub.unsubscribe("a")).toThrow(NoEntryError);
});

test("only what was subscribed to, to the byte, can be unsubscribed", () => {
  const sub = keep(new Sub0({ topics: "ab" }));
  for (const topic of ["", "a", "abc", "AB"]) expect(() => sub.unsubscribe(topic)).toThrow(NoEntryError);
  sub.unsubscribe(new TextEncoder().encode("ab"));
});

test("a subscription is disposable, and a second time does nothing", async () => {
  const world = subscriber();
  const pipe = await world.peer();
  const subscription = world.socket.subscribe("a");
  deliver(pipe, "a1");
  expect(drain(world.socket)).toEqual(["a1"]);
  subscription[Symbol.dispose]();
  subscription.unsubscribe();
  deliver(pipe, "a2");
  expect(drain(world.socket)).toEqual([]);
});

test("bytes of a topic may be changed after subscribing", async () => {
  const topic = new TextEncoder().encode("a");
  const world = subscriber({ topics: [topic] });
  const other = new TextEncoder().encode("b");
  world.socket.subscribe(other);
  topic.fill(0x78);
  other.fill(0x78);
  const pipe = await world.peer();
  deliver(pipe, "x", "a", "b");
  expect(drain(world.socket)).toEqual(["a", "b"]);
});

test.each([1, null, {}, ["a"]])("%j is not a topic", (topic) => {
  const sub = keep(new Sub0());
  expect(() => sub.subscribe(topic as unknown as string)).toThrow(BadTypeError);
  expect(() => sub.unsubscribe(topic as unknown as string)).toThrow(BadTypeError);
  expect(() => new Sub0({ topics: [topic as unknown as string] })).toThrow(BadTypeError);
});

test("a reader that has missed its chance loses the oldest, each counted and reported", async () => {
  const world = subscriber({ topics: "", receiveBufferSize: 3 });
  const drops = record(world.socket, "drop");
  const pipe = await world.peer();
  for (let count = 0; count < 10; count++) pipe.deliver(String(count));
  await turns();
  expect(pipe.undelivered).toBe(0);
  expect(drops.reduce((sum, { count }) => sum + count, 0)).toBe(7);
  expect(drops.every(({ reason }) => reason === "queue-full")).toBe(true);
  expect(world.socket.stats().drops).toEqual({ "queue-full": 7 });
  expect(drain(world.socket)).toEqual(["7", "8", "9"]);
});

test("with drop-newest the oldest stay", async () => {
  const world = subscriber({ topics: "", receiveBufferSize: 3, onOverflow: "drop-newest" });
  const pipe = await world.peer();
  for (let count = 0; count < 10; count++) pipe.deliver(String(count));
  await turns();
  expect(drain(world.socket)).toEqual(["0", "1", "2"]);
  expect(world.socket.stats().drops).toEqual({ "queue-full": 7 });
});

test("a reader that keeps up loses nothing of a burst far larger than its queue", async () => {
  const world = subscriber({ topics: "", receiveBufferSize: 2 });
  const pipe = await world.peer();
  const received: string[] = [];
  const reading = (async () => {
    while (received.length < 500) received.push(await text(world.socket.receive()));
  })();
  for (let count = 0; count < 500; count++) pipe.deliver(String(count));
  await reading;
  expect(received).toEqual(Array.from({ length: 500 }, (_, at) => String(at)));
  expect(world.socket.stats().drops).toEqual({});
});

test("a smaller receiveBufferSize drops at once by the policy of the moment", async () => {
  const world = subscriber({ topics: "", receiveBufferSize: 10 });
  const pipe = await world.peer();
  deliver(pipe, "0", "1", "2", "3", "4", "5");
  world.socket.receiveBufferSize = 4;
  world.socket.onOverflow = "drop-newest";
  world.socket.receiveBufferSize = 2;
  expect(drain(world.socket)).toEqual(["2", "3"]);
  expect(world.socket.stats().drops).toEqual({ "queue-full": 4 });
});

test("each context has its own topics and queue", async () => {
  const world = subscriber({ topics: "s" });
  const one = world.socket.context({ topics: ["a"] });
  const two = world.socket.context({ topics: ["a", "b"] });
  const none = world.socket.context();
  const pipe = await world.peer();
  deliver(pipe, "a1", "b1", "s1");
  expect([world.socket, one, two, none].map(drain)).toEqual([["s1"], ["a1"], ["a1", "b1"], []]);
  two.unsubscribe("a");
  expect(() => one.unsubscribe("b")).toThrow(NoEntryError);
  deliver(pipe, "a2", "b2");
  expect([one, two].map(drain)).toEqual([["a2"], ["b2"]]);
});

test("a context begins with the buffer and the policy of its socket, and may have others", async () => {
  const world = subscriber({ receiveBufferSize: 2, onOverflow: "drop-newest" });
  const same = world.socket.context({ topics: "" });
  const other = world.socket.context({ topics: "", receiveBufferSize: 3, onOverflow: "drop-oldest" });
  expect([same.receiveBufferSize, same.onOverflow]).toEqual([2, "drop-newest"]);
  expect([other.receiveBufferSize, other.onOverflow]).toEqual([3, "drop-oldest"]);
  const pipe = await world.peer();
  for (let count = 0; count < 6; count++) pipe.deliver(String(count));
  await turns();
  expect([same, other].map(drain)).toEqual([
    ["0", "1"],
    ["3", "4", "5"],
  ]);
});

test("two readers of one message share no bytes", async () => {
  const world = subscriber({ topics: "" });
  const context = world.socket.context({ topics: "" });
  const pipe = await world.peer();
  const reads = [world.socket.receive(), context.receive()] as const;
  pipe.deliver("together");
  const [one, two] = await Promise.all(reads);
  one.fill(0x78);
  expect(new TextDecoder().decode(two)).toBe("together");
  pipe.deliver("queued");
  drainAndFill(context);
  expect(await text(world.socket.receive())).toBe("queued");
});

function drainAndFill(reader: { tryReceive(): Uint8Array | undefined }): void {
  reader.tryReceive()?.fill(0x78);
}

test("a context that is closed counts what it leaves, and takes no more", async () => {
  const world = subscriber({ topics: "" });
  const context = world.socket.context({ topics: "" });
  const pipe = await world.peer();
  deliver(pipe, "1", "2");
  const waiting = world.socket.context({ topics: "x" }).receive({ timeout: 0 });
  expect(await failure(waiting)).toMatchObject({ code: "SP_ETIMEDOUT" });
  context.close();
  expect(world.socket.stats().drops).toEqual({ closed: 2 });
  deliver(pipe, "3");
  expect(world.socket.stats().drops).toEqual({ closed: 2 });
  expect(drain(world.socket)).toEqual(["1", "2", "3"]);
});

test("what has come stays when its publisher goes", async () => {
  const world = subscriber({ topics: "" });
  const pipe = await world.peer();
  deliver(pipe, "1", "2");
  pipe.end();
  await turns();
  expect(world.socket.pipes.size).toBe(0);
  expect(drain(world.socket)).toEqual(["1", "2"]);
});

test("a raw subscriber takes every message, and drops the newest", async () => {
  const world = new World((base) => new RawSub0({ ...base, receiveBufferSize: 2 }));
  const pipe = await world.peer();
  deliver(pipe, "0", "1", "2", "3");
  await turns();
  expect(world.socket.tryReceive()?.text()).toBe("0");
  expect(world.socket.tryReceive()?.text()).toBe("1");
  expect(world.socket.tryReceive()).toBeUndefined();
  expect(world.socket.stats().drops).toEqual({ "queue-full": 2 });
});

test("receiveBufferSize is 1 to 8192, onOverflow one of two words", () => {
  const outOfRange = expect.objectContaining({ code: "SP_EINVAL" });
  const sub = keep(new Sub0());
  expect([sub.receiveBufferSize, sub.onOverflow]).toEqual([128, "drop-oldest"]);
  for (const size of [0, 8_193, 1.5, -1]) {
    expect(() => new Sub0({ receiveBufferSize: size })).toThrow(outOfRange);
    expect(() => sub.context({ receiveBufferSize: size })).toThrow(outOfRange);
  }
  expect(() => new Sub0({ onOverflow: "drop-some" as "drop-oldest" })).toThrow(
    expect.objectContaining({ code: expect.stringMatching(/^SP_/) as string }),
  );
});
