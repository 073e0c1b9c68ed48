/** The types are those of the packages: what a socket cannot do does not compile here either. */
import type * as plainPair from "@sprocket/pair";
import type * as plainPubsub from "@sprocket/pubsub";
import * as plainReqrep from "@sprocket/reqrep";
import { expect, expectTypeOf, test } from "vitest";
import {
  type Pair1,
  type Pair1Options,
  Pub0,
  type Receiver,
  type Rep0,
  Req0,
  type Req0Options,
  type Sender,
  type Socket,
  Sub0,
  type SubContext,
  type TlsOptions,
  type Transport,
  type tls,
} from "../src/index.js";
import { keep } from "./support.js";

test("each class has the members of the plain one and no others", () => {
  expectTypeOf<keyof Req0>().toEqualTypeOf<keyof plainReqrep.Req0>();
  expectTypeOf<keyof Rep0>().toEqualTypeOf<keyof plainReqrep.Rep0>();
  expectTypeOf<keyof Pub0>().toEqualTypeOf<keyof plainPubsub.Pub0>();
  expectTypeOf<keyof Sub0>().toEqualTypeOf<keyof plainPubsub.Sub0>();
  expectTypeOf<keyof Pair1>().toEqualTypeOf<keyof plainPair.Pair1>();
  expectTypeOf<Extract<keyof Pub0, keyof Receiver>>().toBeNever();
  expectTypeOf<Extract<keyof Sub0, keyof Sender>>().toBeNever();
  expectTypeOf<Req0>().toExtend<plainReqrep.Req0>();
  expectTypeOf<Req0>().toExtend<Socket>();
  expectTypeOf<Sub0["context"]>().returns.toEqualTypeOf<SubContext>();
});

test("constructors take the options of their class", () => {
  expectTypeOf<ConstructorParameters<typeof Req0>>().toEqualTypeOf<[options?: Req0Options | undefined]>();
  expectTypeOf<ConstructorParameters<typeof Pair1>>().toEqualTypeOf<[options?: Pair1Options | undefined]>();
  expectTypeOf<Parameters<typeof tls>>().toEqualTypeOf<[options?: TlsOptions | undefined]>();
  expectTypeOf<ReturnType<typeof tls>>().toExtend<Transport>();
});

test("what a class cannot do does not compile, and says why", async () => {
  const pub = keep(new Pub0());
  // @ts-expect-error
  await expect(pub.receive()).rejects.toMatchObject({ code: "SP_ENOTSUP" });
  const sub = keep(new Sub0());
  // @ts-expect-error
  await expect(sub.send("x")).rejects.toMatchObject({ code: "SP_ENOTSUP" });
  // @ts-expect-error
  expect(() => new Pub0({ topics: "a" })).toThrow(expect.objectContaining({ code: "SP_ENOTSUP" }));
});

test("a socket of ours is one of the package's", () => {
  expect(keep(new Req0())).toBeInstanceOf(plainReqrep.Req0);
});
