/** Readers of their own on one subscriber: own topics, own queue, own policy. */
import { isPending } from "@sprocket/testing";
import { expect, test } from "vitest";
import { Pub0, Sub0, type Sub0Options } from "../src/index.js";
import { drain, failure, freshUrl, keep, text, turns, World } from "./support.js";

async function subscriber(options: Sub0Options = {}) {
  const world = new World((base) => new Sub0({ ...base, ...options }));
  return { world, sub: world.socket, pipe: await world.peer() };
}

test("each context hears its own topics, and begins with none", async () => {
  const { sub, pipe } = await subscriber({ topics: "s" });
  const one = sub.context({ topics: ["a", "b"] });
  const two = sub.context();
  two.subscribe("b");
  for (const body of ["s", "a", "b", "c"]) pipe.deliver(body);
  expect(drain(sub)).toEqual(["s"]);
  expect(drain(one)).toEqual(["a", "b"]);
  expect(drain(two)).toEqual(["b"]);
  two.unsubscribe("b");
  expect(() => two.unsubscribe("a")).toThrow(expect.objectContaining({ code: "SP_ENOENT" }));
  pipe.deliver("b");
  expect(drain(one)).toEqual(["b"]);
  expect(drain(two)).toEqual([]);
});

test("one context that is full does not cost another a message", async () => {
  const { sub, pipe } = await subscriber();
  const stalled = sub.context({ topics: "", receiveBufferSize: 1 });
  const reading = sub.context({ topics: "", receiveBufferSize: 1 });
  const got: string[] = [];
  const loop = (async () => {
    for await (const bytes of reading) got.push(new TextDecoder().decode(bytes));
  })();
  for (let count = 0; count < 500; count++) pipe.deliver(String(count));
  await turns();
  expect(got).toEqual(Array.from({ length: 500 }, (_, at) => String(at)));
  expect(drain(stalled)).toEqual(["499"]);
  expect(sub.stats().drops).toEqual({ "queue-full": 499 });
  sub.destroy();
  await loop;
});

test("contexts never share bytes, over any road", async () => {
  const { sub, pipe } = await subscriber();
  const pub = keep(new Pub0());
  const { url } = await pub.listen(freshUrl());
  await sub.dial(url);
  const contexts = [sub.context({ topics: "" }), sub.context({ topics: "" }), sub.context({ topics: "" })];
  const body = "shared by nobody, and longer than a few bytes";
  const roads = [
    () => pipe.deliver(body),
    () => pub.send(body),
    () => pub.send(new TextEncoder().encode(body)),
  ];
  for (const waits of [false, true]) {
    for (const road of roads) {
      const receives = waits ? contexts.map((context) => context.receive()) : [];
      await road();
      const got = await Promise.all(waits ? receives : contexts.map((context) => context.receive()));
      got[0]?.fill(0);
      expect(got.slice(1).map((bytes) => new TextDecoder().decode(bytes))).toEqual([body, body]);
      got[1]?.fill(0);
      expect(new TextDecoder().decode(got[2])).toBe(body);
    }
  }
});

test("two subscribers of one publisher in this process do not share bytes either", async () => {
  const pub = keep(new Pub0());
  const { url } = await pub.listen(freshUrl());
  const subs = [keep(new Sub0({ topics: "" })), keep(new Sub0({ topics: "" }))];
  for (const sub of subs) await sub.dial(url);
  await pub.waitForPipes(2);
  await pub.send("hello");
  const [first, second] = await Promise.all(subs.map((sub) => sub.receive()));
  first?.fill(0);
  expect(new TextDecoder().decode(second)).toBe("hello");
});

test("a context has timeouts of its own", async () => {
  const { world, sub } = await subscriber({ receiveTimeout: 100 });
  const quick = sub.context({ receiveTimeout: 10 });
  const like = sub.context();
  expect([quick.receiveTimeout, like.receiveTimeout]).toEqual([10, 100]);
  const first = failure(quick.receive());
  const second = like.receive();
  const ended = failure(second);
  world.clock.advance(10);
  expect(await first).toMatchObject({ code: "SP_ETIMEDOUT" });
  expect(await isPending(second)).toBe(true);
  world.clock.advance(90);
  expect(await ended).toMatchObject({ code: "SP_ETIMEDOUT" });
});

test("a context iterates until it closes; its messages are gone, the others' are not", async () => {
  const { sub, pipe } = await subscriber({ topics: "" });
  const context = sub.context({ topics: "" });
  const got: string[] = [];
  const loop = (async () => {
    for await (const bytes of context) got.push(new TextDecoder().decode(bytes));
  })();
  pipe.deliver("1");
  await turns();
  context.close();
  await loop;
  pipe.deliver("2");
  expect(got).toEqual(["1"]);
  expect(drain(sub)).toEqual(["1", "2"]);
  expect(context.closed).toBe(true);
  expect(await failure(context.receive())).toMatchObject({ code: "SP_ECLOSED" });
  expect(() => context.subscribe("x")).toThrow(expect.objectContaining({ code: "SP_ECLOSED" }));
});

test("closing the socket closes its contexts", async () => {
  const { sub } = await subscriber();
  const context = sub.context({ topics: "" });
  const waiting = failure(context.receive());
  await sub.close();
  expect(await waiting).toMatchObject({ code: "SP_ECLOSED" });
  expect(() => sub.context()).toThrow(expect.objectContaining({ code: "SP_ECLOSED" }));
});

test("a context that holds back the pipe lets it go when it closes", async () => {
  const { sub, pipe } = await subscriber();
  const context = sub.context({ topics: "", receiveBufferSize: 1 });
  pipe.deliver("1");
  pipe.deliver("2");
  expect(pipe.paused).toBe(true);
  context.close();
  expect(pipe.paused).toBe(false);
});

test("contexts refuse options that are not theirs", async () => {
  const { sub } = await subscriber();
  expect(() => sub.context({ name: "x" } as object)).toThrow(expect.objectContaining({ code: "SP_ENOTSUP" }));
  expect(() => sub.context({ receiveBufferSize: 0 })).toThrow(expect.objectContaining({ code: "SP_EINVAL" }));
  expect(() => sub.context({ topics: [5] as unknown as string[] })).toThrow(
    expect.objectContaining({ code: "SP_EBADTYPE" }),
  );
});

test("each of 20 contexts gets each message, in order", async () => {
  const { sub, pipe } = await subscriber();
  const contexts = Array.from({ length: 20 }, () => sub.context({ topics: "" }));
  const all = contexts.map(async (context) => {
    const got: string[] = [];
    for (let count = 0; count < 300; count++) got.push(await text(context.receive()));
    return got;
  });
  for (let count = 0; count < 300; count++) pipe.deliver(String(count));
  const expected = Array.from({ length: 300 }, (_, at) => String(at));
  for (const got of await Promise.all(all)) expect(got).toEqual(expected);
});
