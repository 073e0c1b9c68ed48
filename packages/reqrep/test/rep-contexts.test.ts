/** Many requests in work on one replier. */
import { isPending, toHex } from "@sprocket/testing";
import { expect, test } from "vitest";
import { ask, failure, hex, parse, RepWorld, record, text, turns } from "./support/world.js";

test("requests go to waiting contexts in the order of their receives", async () => {
  const world = new RepWorld();
  const pipe = await world.peer();
  const contexts = [world.rep.context(), world.rep.context(), world.rep.context()];
  const received = contexts.map((context) => text(context.receive()));
  for (let number = 1; number <= 3; number++) ask(pipe, number, `question ${number}`);
  expect(await Promise.all(received)).toEqual(["question 1", "question 2", "question 3"]);
});

test("each context replies to its own request, in any order", async () => {
  const world = new RepWorld();
  const pipe = await world.peer();
  const contexts = [world.rep.context(), world.rep.context()] as const;
  const received = contexts.map((context) => text(context.receive()));
  ask(pipe, 1, "one");
  ask(pipe, 2, "two");
  await Promise.all(received);
  await contexts[1].send("second");
  await contexts[0].send("first");
  expect(pipe.sent.map(toHex)).toEqual([
    toHex(hex("80000002 7365636f6e64")),
    toHex(hex("80000001 6669727374")),
  ]);
});

test("a receive that gave up takes no request", async () => {
  const world = new RepWorld();
  const pipe = await world.peer();
  const one = world.rep.context();
  const two = world.rep.context();
  const late = failure(one.receive({ timeout: 10 }));
  const received = text(two.receive());
  await world.clock.advanceAsync(10);
  expect(await late).toMatchObject({ code: "SP_ETIMEDOUT" });
  ask(pipe, 1, "hello");
  expect(await received).toBe("hello");
  expect(await failure(one.send("no request"))).toMatchObject({ code: "SP_ESTATE" });
});

test("a second receive on one context is BadStateError", async () => {
  const world = new RepWorld();
  await world.peer();
  const context = world.rep.context();
  const first = context.receive();
  expect(await failure(context.receive())).toMatchObject({ code: "SP_ESTATE" });
  expect(await isPending(first)).toBe(true);
});

test("one request is parked for each peer, and no peer starves another", async () => {
  const world = new RepWorld();
  const one = await world.peer();
  const two = await world.peer();
  for (let number = 1; number <= 3; number++) ask(one, number, `one ${number}`);
  for (let number = 1; number <= 3; number++) ask(two, number, `two ${number}`);
  expect([one.undelivered, two.undelivered]).toEqual([2, 2]);
  const order: string[] = [];
  for (let count = 0; count < 6; count++) order.push(await text(world.rep.receive()));
  expect(order.filter((body) => body.startsWith("one"))).toEqual(["one 1", "one 2", "one 3"]);
  expect(order.filter((body) => body.startsWith("two"))).toEqual(["two 1", "two 2", "two 3"]);
  expect(order.slice(0, 2).sort()).toEqual(["one 1", "two 1"]);
  expect(order.slice(2, 4).sort()).toEqual(["one 2", "two 2"]);
});

test("the parked request of a peer that left is dropped and counted", async () => {
  const world = new RepWorld();
  const drops = record(world.rep, "drop");
  const one = await world.peer();
  ask(one, 1, "lost");
  one.end(new Error("reset"));
  await turns();
  expect(drops.map(({ reason }) => reason)).toEqual(["reset"]);
  const two = await world.peer();
  ask(two, 1, "kept");
  expect(await text(world.rep.receive())).toBe("kept");
});

test("a requester that does not read its replies is not read either", async () => {
  const world = new RepWorld({ sendBufferBytes: 1 });
  const pipe = await world.peer();
  pipe.stall();
  ask(pipe, 1, "one");
  await world.rep.receive();
  await world.rep.send("reply");
  ask(pipe, 2, "two");
  expect(await isPending(world.rep.receive())).toBe(true);
  expect(pipe.undelivered).toBe(1);
  pipe.drain();
  await turns();
  expect(pipe.undelivered).toBe(0);
});

test("a closed context forgets its request; the requester may ask again", async () => {
  const world = new RepWorld();
  const pipe = await world.peer();
  const context = world.rep.context();
  const received = text(context.receive());
  ask(pipe, 1, "first");
  await received;
  context.close();
  ask(pipe, 2, "second");
  expect(await text(world.rep.receive())).toBe("second");
  await world.rep.send("answer");
  expect(pipe.sent.map((bytes) => parse(bytes).id)).toEqual([0x8000_0002]);
});

test("a context copies timeouts when it opens", async () => {
  const world = new RepWorld({ receiveTimeout: 70 });
  const context = world.rep.context();
  const own = world.rep.context({ receiveTimeout: 30 });
  const [late, early] = [failure(context.receive()), failure(own.receive())];
  await world.clock.advanceAsync(30);
  expect(await early).toMatchObject({ code: "SP_ETIMEDOUT" });
  expect(await isPending(late)).toBe(true);
  await world.clock.advanceAsync(40);
  expect(await late).toMatchObject({ code: "SP_ETIMEDOUT" });
});
