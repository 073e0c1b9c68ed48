/** What a class cannot do does not compile, and says why when JavaScript does it all the same. */
import type { Message, Receiver, Sender } from "@sprocket/core";
import { describe, expect, expectTypeOf, test } from "vitest";
import {
  Pub0,
  type Pub0Options,
  RawPub0,
  RawSub0,
  Sub0,
  type Sub0Options,
  type SubContext,
  type SubContextOptions,
  type Subscription,
} from "../src/index.js";
import { keep } from "./support.js";

type Sends = keyof Sender;
type Receives = keyof Receiver;
type Topical =
  | "context"
  | "subscribe"
  | "unsubscribe"
  | "onOverflow"
  | "receiveBufferSize"
  | "sendBufferSize";
/** Those of all the verbs and options that a class has. */
type Has<Class> = Extract<keyof Class, Sends | Receives | Topical>;

describe("each class has the verbs of its role and no others", () => {
  test("Pub0 and RawPub0 send", () => {
    expectTypeOf<Has<Pub0>>().toEqualTypeOf<Sends | "sendBufferSize">();
    expectTypeOf<Has<RawPub0>>().toEqualTypeOf<Sends | "sendBufferSize">();
    expectTypeOf<Pub0>().toExtend<Sender>();
    expectTypeOf<RawPub0>().toExtend<Sender>();
  });

  test("Sub0 receives bytes and has topics and contexts", () => {
    expectTypeOf<Has<Sub0>>().toEqualTypeOf<Receives | Exclude<Topical, "sendBufferSize">>();
    expectTypeOf<Sub0>().toExtend<Receiver>();
    expectTypeOf<Sub0["context"]>().returns.toEqualTypeOf<SubContext>();
    expectTypeOf<Sub0["subscribe"]>().returns.toEqualTypeOf<Subscription>();
    expectTypeOf<Subscription>().toExtend<Disposable>();
  });

  test("a context of it receives and has topics", () => {
    expectTypeOf<Has<SubContext>>().toEqualTypeOf<
      Receives | Exclude<Topical, "sendBufferSize" | "context">
    >();
    expectTypeOf<SubContext>().toExtend<Receiver>();
    expectTypeOf<Extract<keyof SubContext, "dial" | "listen" | "pipes">>().toBeNever();
  });

  test("RawSub0 receives messages", () => {
    expectTypeOf<Has<RawSub0>>().toEqualTypeOf<Receives>();
    expectTypeOf<RawSub0>().toExtend<Receiver<Message>>();
  });
});

test("options are those of the class", () => {
  expectTypeOf<Sub0Options>().toExtend<SubContextOptions>();
  expectTypeOf<Pub0Options["sendBufferSize"]>().toEqualTypeOf<number | undefined>();
  expectTypeOf<SubContextOptions["onOverflow"]>().toEqualTypeOf<"drop-oldest" | "drop-newest" | undefined>();
  const refused = expect.objectContaining({ code: expect.stringMatching(/^SP_(ENOTSUP|EBADTYPE|EINVAL)$/) });
  const sub = keep(new Sub0());
  // @ts-expect-error
  expect(() => new Pub0({ topics: "a" })).toThrow(refused);
  // @ts-expect-error
  expect(() => new Sub0({ sendBufferSize: 1 })).toThrow(refused);
  // @ts-expect-error
  expect(() => new RawSub0({ topics: "a" })).toThrow(refused);
  // @ts-expect-error
  expect(() => sub.context({ name: "x" })).toThrow(refused);
  // @ts-expect-error
  expect(() => sub.subscribe(5)).toThrow(refused);
  expect(() => {
    // @ts-expect-error
    sub.onOverflow = "block";
  }).toThrow(refused);
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
    [Pub0, [...receiving, "context"]],
    [RawPub0, [...receiving, "context"]],
    [Sub0, sending],
    [RawSub0, [...sending, "context"]],
  ] as const) {
    test(`${Class.name} refuses ${verbs.map(String).join(", ")} with NotSupportedError`, async () => {
      const socket = keep(new Class()) as unknown as Record<PropertyKey, (...given: unknown[]) => unknown>;
      for (const verb of verbs) {
        const call = async (): Promise<unknown> => socket[verb]?.("x");
        await expect(call(), String(verb)).rejects.toMatchObject({ code: "SP_ENOTSUP", errno: 9 });
      }
    });
  }

  test("a context of Sub0 refuses to send with NotSupportedError", async () => {
    const context = keep(new Sub0()).context() as unknown as Record<string, (...given: unknown[]) => unknown>;
    for (const verb of sending) {
      const call = async (): Promise<unknown> => context[verb]?.("x");
      await expect(call(), verb).rejects.toMatchObject({ code: "SP_ENOTSUP", errno: 9 });
    }
  });
});
