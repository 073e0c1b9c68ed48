/** The life of subscriptions: what begins and what ends them. */
import { hex } from "@sprocket/testing";
import { expect, test } from "vitest";
import { Sub0, type Sub0Options } from "../src/index.js";
import { drain, failure, keep, text, World } from "./support.js";

async function subscriber(options: Sub0Options = {}) {
  const world = new World((base) => new Sub0({ ...base, ...options }));
  return { sub: world.socket, pipe: await world.peer() };
}

test("a subscription can be disposed of, once", async () => {
  const { sub, pipe } = await subscriber();
  const subscription = sub.subscribe("a");
  subscription[Symbol.dispose]();
  pipe.deliver("a1");
  expect(drain(sub)).toEqual([]);
  sub.subscribe("a");
  subscription.unsubscribe();
  subscription[Symbol.dispose]();
  pipe.deliver("a2");
  expect(drain(sub)).toEqual(["a2"]);
});

test("`using` ends a subscription with its block", async () => {
  const { sub, pipe } = await subscriber();
  {
    using subscription = sub.subscribe("a");
    expect(subscription.unsubscribe).toBeTypeOf("function");
    pipe.deliver("a1");
    expect(drain(sub)).toEqual(["a1"]);
  }
  pipe.deliver("a2");
  expect(drain(sub)).toEqual([]);
});

test("disposing of a subscription that unsubscribe() has ended is harmless", async () => {
  const { sub } = await subscriber();
  const subscription = sub.subscribe("a");
  sub.unsubscribe("a");
  subscription.unsubscribe();
});

test("a closed subscriber takes no topics, and its subscriptions can still be disposed of", async () => {
  const sub = keep(new Sub0());
  const subscription = sub.subscribe("a");
  await sub.close();
  expect(() => sub.subscribe("b")).toThrow(expect.objectContaining({ code: "SP_ECLOSED" }));
  expect(() => sub.unsubscribe("a")).toThrow(expect.objectContaining({ code: "SP_ECLOSED" }));
  subscription.unsubscribe();
});

test("topics stay when publishers come and go", async () => {
  const world = new World((base) => new Sub0({ ...base, topics: "a" }));
  for (const body of ["a1", "a2"]) {
    const pipe = await world.peer();
    pipe.deliver("x");
    pipe.deliver(body);
    pipe.end();
    expect(await text(world.socket.receive())).toBe(body);
  }
  expect(await failure(world.socket.receive({ timeout: 0 }))).toMatchObject({ code: "SP_ETIMEDOUT" });
});

test("10,000 subscriptions of one subscriber", async () => {
  const { sub, pipe } = await subscriber();
  for (let count = 0; count < 10_000; count++) sub.subscribe(`topic ${String(count).padStart(4, "0")}/`);
  pipe.deliver("topic 0007/x");
  pipe.deliver("topic 9999/y");
  pipe.deliver("topic 1234");
  expect(drain(sub)).toEqual(["topic 0007/x", "topic 9999/y"]);
});
test("topics can be given as an option: one or many, text or bytes", async () => {
  for (const topics of ["a", hex("61"), ["a"], [hex("61"), "zz"]] as const) {
    const { sub, pipe } = await subscriber({ topics });
    for (const body of ["abc", "b"]) pipe.deliver(body);
    expect(drain(sub)).toEqual(["abc"]);
  }
});
