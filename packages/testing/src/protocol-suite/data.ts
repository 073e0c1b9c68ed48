import assert from "node:assert/strict";
import { Message } from "@sprocket/core";
import { codeOf, type ProtocolCase, text } from "./harness.js";

export function data(test: ProtocolCase): void {
  test("strings, buffers, views and messages can be sent", async (harness) => {
    const { sender, receiver } = await harness.pair();
    const bytes = new TextEncoder().encode("..hello..");
    const kinds: readonly unknown[] = [
      "hello",
      bytes.subarray(2, 7),
      bytes.slice(2, 7).buffer,
      new DataView(bytes.buffer, 2, 5),
      new Message(bytes.slice(2, 7)),
      Buffer.from("hello"),
    ];
    for (const kind of kinds) {
      const waiting = receiver.receive();
      await sender.send(kind as Uint8Array);
      assert.equal(text(await waiting), "hello");
    }
  });

  test("what is received is a plain Uint8Array", async (harness) => {
    const { sender, receiver } = await harness.pair();
    const waiting = receiver.receive();
    await sender.send(Buffer.from("x"));
    assert.equal(Object.getPrototypeOf(await waiting), Uint8Array.prototype);
  });

  test("after a send the bytes are the caller's again", async (harness) => {
    const { sender, receiver } = await harness.pair();
    for (const size of [4, 5_000]) {
      const bytes = new Uint8Array(size).fill(1);
      await sender.send(bytes);
      bytes.fill(2);
      assert.ok((await receiver.receive()).every((byte) => byte === 1));
    }
  });

  test("an empty message is a message", async (harness) => {
    const { sender, receiver } = await harness.pair();
    const waiting = receiver.receive();
    await sender.send("");
    assert.equal((await waiting).length, 0);
  });

  test("what is no data rejects with BadTypeError and says what to give", async (harness) => {
    const { sender } = await harness.pair();
    for (const value of [undefined, null, 5, {}, ["x"], Symbol("x")]) {
      await assert.rejects(sender.send(value as string), (error) => codeOf(error) === "SP_EBADTYPE");
      assert.throws(
        () => sender.trySend(value as string),
        (error) => codeOf(error) === "SP_EBADTYPE",
      );
    }
  });
}
