/** What a class cannot do does not compile, and says why when JavaScript does it all the same. */
import type { Message, Receiver, Sender } from "@sprocket/core";
import { describe, expect, expectTypeOf, test } from "vitest";
import { Pull0, Push0, type Push0Options, RawPull0, RawPush0 } from "../src/index.js";
import { keep } from "./support.js";

type Sends = keyof Sender;
type Receives = keyof Receiver;
/** Those of all the verbs and options that a class has. */
type Has<Class> = Extract<
  keyof Class,
  Sends | Receives | "context" | "sendBufferSize" | "receiveBufferSize" | "subscribe"
>;

describe("each class has the verbs of its role and no others", () => {
  test("Push0 and RawPush0 send", () => {
    expectTypeOf<Has<Push0>>().toEqualTypeOf<Sends | "sendBufferSize">();
    expectTypeOf<Has<RawPush0>>().toEqualTypeOf<Sends | "sendBufferSize">();
    expectTypeOf<Push0>().toExtend<Sender>();
    expectTypeOf<RawPush0>().toExtend<Sender>();
  });

  test("Pull0 receives bytes, RawPull0 messages", () => {
    expectTypeOf<Has<Pull0>>().toEqualTypeOf<Receives>();
    expectTypeOf<Has<RawPull0>>().toEqualTypeOf<Receives>();
    expectTypeOf<Pull0>().toExtend<Receiver>();
    expectTypeOf<RawPull0>().toExtend<Receiver<Message>>();
  });
});

test("options are those of the class", () => {
  expectTypeOf<Push0Options["sendBufferSize"]>().toEqualTypeOf<number | undefined>();
  const refused = expect.objectContaining({ code: expect.stringMatching(/^SP_(ENOTSUP|EBADTYPE)$/) });
  // @ts-expect-error
  expect(() => new Push0({ receiveBufferSize: 1 })).toThrow(refused);
  // @ts-expect-error
  expect(() => new Push0({ sendBufferSize: "1" })).toThrow(refused);
  // @ts-expect-error
  expect(() => new Pull0({ sendBufferSize: 1 })).toThrow(refused);
});

describe("from JavaScript", () => {
  const receiving = [
    "receive",
    "receiveMessage",
    "receiveBatch",
    "tryReceive",
    "tryReceiveMessage",
    "messages",
    Symbol.asyncIterator,
  ];
  const sending = ["send", "trySend"];

  for (const [Class, verbs] of [
    [Push0, [...receiving, "context"]],
    [RawPush0, [...receiving, "context"]],
    [Pull0, [...sending, "context"]],
    [RawPull0, [...sending, "context"]],
  ] as const) {
    test(`${Class.name} refuses ${verbs.map(String).join(", ")} with NotSupportedError`, async () => {
      const socket = keep(new Class()) as unknown as Record<PropertyKey, (...given: unknown[]) => unknown>;
      for (const verb of verbs) {
        const call = async (): Promise<unknown> => socket[verb]?.("x");
        await expect(call(), String(verb)).rejects.toMatchObject({ code: "SP_ENOTSUP", errno: 9 });
      }
    });
  }
});
