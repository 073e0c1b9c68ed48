/** What a pusher or a puller cannot do does not compile, and from JavaScript it is NotSupportedError. */
import { NotSupportedError } from "@sprocket/core";
import { expect, test } from "vitest";
import { Pull0, Push0, RawPull0, RawPush0 } from "../src/index.js";
import { failure, keep } from "./support.js";

test.each([Push0, RawPush0])("%o cannot receive", async (Kind) => {
  const push = keep(new Kind());
  // @ts-expect-error pushers have no receive
  expect(await failure(push.receive())).toBeInstanceOf(NotSupportedError);
  // @ts-expect-error pushers have no tryReceive
  expect(() => push.tryReceive()).toThrow(NotSupportedError);
});

test.each([Pull0, RawPull0])("%o cannot send", async (Kind) => {
  const pull = keep(new Kind());
  // @ts-expect-error pullers have no send
  expect(await failure(pull.send("x"))).toBeInstanceOf(NotSupportedError);
  // @ts-expect-error pullers have no trySend
  expect(() => pull.trySend("x")).toThrow(NotSupportedError);
});

test("neither has contexts", () => {
  // @ts-expect-error a pusher has no contexts
  expect(() => keep(new Push0()).context()).toThrow(NotSupportedError);
  // @ts-expect-error a puller has no contexts
  expect(() => keep(new Pull0()).context()).toThrow(NotSupportedError);
});

test("a puller has no buffers, so it takes no sizes for them", () => {
  // @ts-expect-error a parked message for each pipe is all
  expect(() => new Pull0({ receiveBufferSize: 1 })).toThrow(NotSupportedError);
});
