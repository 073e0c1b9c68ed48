/** What a class cannot do does not compile, and says why when JavaScript does it all the same. */
import type { Message, Receiver, Sender } from "@sprocket/core";
import { describe, expect, expectTypeOf, test } from "vitest";
import { Bus0, type Bus0Options, RawBus0 } from "../src/index.js";
import { keep } from "./support/world.js";

type Both = keyof Sender | keyof Receiver;
type Buffers = "sendBufferSize" | "receiveBufferSize";
/** Those of all the verbs and options that a class has. */
type Has<Class> = Extract<keyof Class, Both | Buffers | "context" | "subscribe" | "survey">;

describe("each class has the verbs of its role and no others", () => {
  test("Bus0 sends and receives bytes, RawBus0 messages; neither has contexts", () => {
    expectTypeOf<Has<Bus0>>().toEqualTypeOf<Both | Buffers>();
    expectTypeOf<Has<RawBus0>>().toEqualTypeOf<Both | Buffers>();
    expectTypeOf<Bus0>().toExtend<Sender & Receiver>();
    expectTypeOf<RawBus0>().toExtend<Sender & Receiver<Message>>();
    expectTypeOf<Bus0["receive"]>().returns.resolves.toEqualTypeOf<Uint8Array>();
  });
});

test("options are those of the class", () => {
  expectTypeOf<Bus0Options["receiveBufferSize"]>().toEqualTypeOf<number | undefined>();
  const refused = expect.objectContaining({ code: expect.stringMatching(/^SP_(ENOTSUP|EBADTYPE)$/) });
  // @ts-expect-error
  expect(() => new Bus0({ topics: "a" })).toThrow(refused);
  // @ts-expect-error
  expect(() => new Bus0({ sendBufferSize: "1" })).toThrow(refused);
  // @ts-expect-error
  expect(() => new RawBus0({ onOverflow: "drop-oldest" })).toThrow(refused);
});

for (const Class of [Bus0, RawBus0]) {
  test(`${Class.name} refuses context with NotSupportedError`, () => {
    const socket = keep(new Class()) as unknown as { context(): unknown };
    expect(() => socket.context()).toThrow(expect.objectContaining({ code: "SP_ENOTSUP", errno: 9 }));
  });
}
