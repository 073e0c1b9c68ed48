import assert from "node:assert/strict";
import { isPending } from "../deadline.js";
import { codeOf, type ProtocolCase, type ProtocolSupports, text } from "./harness.js";

const timedOut = (error: unknown): true => {
  assert.equal(codeOf(error), "SP_ETIMEDOUT");
  return true;
};

export function timeouts(test: ProtocolCase, supports: ProtocolSupports): void {
  test("a receive ends with TimeoutError when its time is up, not before", async (harness) => {
    const { receiver } = await harness.pair();
    const received = receiver.receive({ timeout: 100 });
    const ended = assert.rejects(received, timedOut);
    harness.clock.advance(99);
    assert.equal(await isPending(received), true);
    harness.clock.advance(1);
    await ended;
  });

  test("receiveTimeout is the timeout of a receive that gives none", async (harness) => {
    const receiver = harness.receiver({ receiveTimeout: 50 });
    const received = receiver.receive();
    const ended = assert.rejects(received, timedOut);
    harness.clock.advance(49);
    assert.equal(await isPending(received), true);
    harness.clock.advance(1);
    await ended;
    receiver.receiveTimeout = 10;
    const again = assert.rejects(receiver.receive(), timedOut);
    harness.clock.advance(10);
    await again;
  });

  test("a receive with a timeout of 0 ends at once when there is nothing", async (harness) => {
    const { receiver } = await harness.pair();
    await assert.rejects(receiver.receive({ timeout: 0 }), timedOut);
  });

  test("a message that is there wins over a timeout of 0", async (harness) => {
    const { sender, receiver } = await harness.pair();
    const waiting = receiver.receive();
    await sender.send("first");
    assert.equal(text(await waiting), "first");
    await sender.send("second");
    assert.equal(text(await receiver.receive({ timeout: 0 })), "second");
  });

  test("a receive that succeeds leaves no timer", async (harness) => {
    const { sender, receiver } = await harness.pair();
    const before = harness.clock.pending;
    const waiting = receiver.receive({ timeout: 1_000 });
    await sender.send("x", { timeout: 1_000 });
    await waiting;
    sender.destroy();
    assert.ok(harness.clock.pending <= before, "a timer was left");
  });

  test("a bad timeout rejects and starts nothing", async (harness) => {
    const { receiver } = await harness.pair();
    for (const timeout of [-1, Number.NaN, "100" as unknown as number]) {
      await assert.rejects(receiver.receive({ timeout }));
    }
    assert.equal(harness.clock.pending, 0);
  });

  if (supports.waitingSends === false) return;
  test("a send ends with TimeoutError when nobody takes the message in time", async (harness) => {
    const sender = harness.sender();
    const sent = sender.send("x", { timeout: 100 });
    const ended = assert.rejects(sent, timedOut);
    harness.clock.advance(99);
    assert.equal(await isPending(sent), true);
    harness.clock.advance(1);
    await ended;
    await assert.rejects(sender.send("x", { timeout: 0 }), timedOut);
  });

  test("sendTimeout is the timeout of a send that gives none", async (harness) => {
    const sender = harness.sender({ sendTimeout: 30 });
    const ended = assert.rejects(sender.send("x"), timedOut);
    harness.clock.advance(30);
    await ended;
  });

  test("a send that timed out is never sent", async (harness) => {
    const sender = harness.sender();
    const receiver = harness.receiver();
    const ended = assert.rejects(sender.send("too late", { timeout: 10 }), timedOut);
    harness.clock.advance(10);
    await ended;
    await harness.join(receiver, sender);
    await sender.send("in time");
    assert.equal(text(await receiver.receive()), "in time");
  });
}
