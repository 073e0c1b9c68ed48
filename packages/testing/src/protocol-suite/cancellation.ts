import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { type ProtocolCase, type ProtocolSupports, text } from "./harness.js";

/** More microtasks than any path from a send to its receive has. */
const STEPS = 12;

export function cancellation(test: ProtocolCase, supports: ProtocolSupports): void {
  test("a receive whose signal has aborted rejects with the reason and takes nothing", async (harness) => {
    const { sender, receiver } = await harness.pair();
    const reason = new Error("given up");
    const waiting = receiver.receive();
    await sender.send("wake");
    await waiting;
    await sender.send("kept");
    await assert.rejects(
      receiver.receive({ signal: AbortSignal.abort(reason) }),
      (error) => error === reason,
    );
    assert.equal(text(await receiver.receive()), "kept");
  });

  test("a pending receive rejects with the reason when its signal aborts", async (harness) => {
    const { receiver } = await harness.pair();
    const abort = new AbortController();
    const ended = assert.rejects(receiver.receive({ signal: abort.signal }), (error) => error === "enough");
    abort.abort("enough");
    await ended;
  });

  test("an aborted receive never swallows a message, whenever the abort comes", async (harness) => {
    const { sender, receiver } = await harness.pair();
    for (const abortFirst of [true, false]) {
      for (let steps = 0; steps < STEPS; steps++) {
        const abort = new AbortController();
        const reason = new Error("given up");
        const body = `${abortFirst} ${steps}`;
        const outcome = receiver.receive({ signal: abort.signal }).then(text, (error: unknown) => {
          assert.equal(error, reason);
          return undefined;
        });
        const stop = async (): Promise<void> => {
          for (let step = 0; step < steps; step++) await undefined;
          abort.abort(reason);
        };
        const stopped = abortFirst ? stop() : undefined;
        const sent = sender.send(body);
        await (stopped ?? stop());
        await sent;
        const first = await outcome;
        // Taken once: by the receive that was being aborted, or by the next one.
        if (first === undefined) assert.equal(text(await receiver.receive()), body);
        else assert.equal(first, body);
      }
    }
  });

  test("a receive that timed out never swallows a message", async (harness) => {
    const { sender, receiver } = await harness.pair();
    for (const sendFirst of [true, false]) {
      const outcome = receiver.receive({ timeout: 10 }).then(text, () => undefined);
      const sent = sendFirst ? sender.send("x") : undefined;
      harness.clock.advance(10);
      await (sent ?? sender.send("x"));
      assert.equal((await outcome) ?? text(await receiver.receive()), "x");
    }
  });

  test("a signal keeps no listener of a receive that has ended", async (harness) => {
    const { sender, receiver } = await harness.pair();
    const abort = new AbortController();
    for (let count = 0; count < 5; count++) {
      const waiting = receiver.receive({ signal: abort.signal });
      await sender.send("x", { signal: abort.signal });
      await waiting;
    }
    await receiver.receive({ signal: abort.signal, timeout: 0 }).catch(() => undefined);
    assert.equal(getEventListeners(abort.signal, "abort").length, 0);
  });

  if (supports.waitingSends === false) return;
  test("a send whose signal has aborted rejects with the reason and sends nothing", async (harness) => {
    const { sender, receiver } = await harness.pair();
    const reason = new Error("given up");
    await assert.rejects(
      sender.send("never", { signal: AbortSignal.abort(reason) }),
      (error) => error === reason,
    );
    await sender.send("sent");
    assert.equal(text(await receiver.receive()), "sent");
  });

  test("a waiting send that is aborted is never sent", async (harness) => {
    const sender = harness.sender();
    const receiver = harness.receiver();
    const abort = new AbortController();
    const reason = new Error("given up");
    const ended = assert.rejects(sender.send("never", { signal: abort.signal }), (error) => error === reason);
    abort.abort(reason);
    await ended;
    await harness.join(receiver, sender);
    await sender.send("sent");
    assert.equal(text(await receiver.receive()), "sent");
  });

  test("an aborted send is sent once or not at all, whenever the abort comes", async (harness) => {
    for (let steps = 0; steps < STEPS; steps++) {
      const sender = harness.sender();
      const receiver = harness.receiver();
      const abort = new AbortController();
      const outcome = sender.send("maybe", { signal: abort.signal }).then(
        () => true,
        () => false,
      );
      const joined = harness.join(receiver, sender);
      for (let step = 0; step < steps; step++) await undefined;
      abort.abort(new Error("given up"));
      const sent = await outcome;
      await joined;
      const got = receiver.tryReceive();
      if (sent) assert.equal(text(got ?? (await receiver.receive())), "maybe");
      else assert.equal(got, undefined);
      assert.equal(receiver.tryReceive(), undefined);
      sender.destroy();
      receiver.destroy();
    }
  });
}
