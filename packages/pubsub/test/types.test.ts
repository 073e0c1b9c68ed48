/** What a publisher or a subscriber cannot do does not compile, and from JavaScript it is NotSupportedError. */
import { NotSupportedError } from "@sprocket/core";
import { expect, test } from "vitest";
import { Pub0, RawPub0, RawSub0, Sub0 } from "../src/index.js";
import { failure, keep } from "./support.js";

test.each([Pub0, RawPub0])("%o cannot receive", async (Kind) => {
  const pub = keep(new Kind());
  // @ts-expect-error publishers have no receive
  expect(await failure(pub.receive())).toBeInstanceOf(NotSupportedError);
  // @ts-expect-error publishers have no tryReceive
  expect(() => pub.tryReceive()).toThrow(NotSupportedError);
});

test.each([Sub0, RawSub0])("%o cannot send", async (Kind) => {
  const sub = keep(new Kind());
  // @ts-expect-error subscribers have no send
  expect(await failure(sub.send("x"))).toBeInstanceOf(NotSupportedError);
  // @ts-expect-error subscribers have no trySend
  expect(() => sub.trySend("x")).toThrow(NotSupportedError);
});

test("a context of a subscriber has no send", () => {
  const context = keep(new Sub0()).context();
  // @ts-expect-error it only receives
  expect(context.send).toBeUndefined();
});

test("publishers and raw subscribers have no contexts", () => {
  // @ts-expect-error a publisher has no contexts
  expect(() => keep(new Pub0()).context()).toThrow(NotSupportedError);
  // @ts-expect-error a raw subscriber has no contexts
  expect(() => keep(new RawSub0()).context()).toThrow(NotSupportedError);
});

test("an option that the socket does not have is refused", () => {
  // @ts-expect-error topics are a subscriber's
  expect(() => new Pub0({ topics: "" })).toThrow(NotSupportedError);
  // @ts-expect-error sendBufferSize is a publisher's
  expect(() => new Sub0({ sendBufferSize: 1 })).toThrow(NotSupportedError);
  // @ts-expect-error a raw subscriber does not filter
  expect(() => new RawSub0({ topics: "" })).toThrow(NotSupportedError);
});
