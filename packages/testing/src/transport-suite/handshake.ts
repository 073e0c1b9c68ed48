import assert from "node:assert/strict";
import { concat, hex } from "../bytes.js";
import { until } from "../deadline.js";
import { ManualClock } from "../manual-clock.js";
import { badHandshakes, spHeader } from "../wire-vectors.js";
import { assertBytes, type Case, pairInfo, turns } from "./harness.js";

/** The 8-byte SP handshake, against peers that get it wrong. */
export function handshake(test: Case): void {
  test("a listener says who it is without waiting for the peer", async (harness) => {
    const listening = await harness.listen();
    const peer = await harness.raw(listening.url);
    assert.equal(await peer.readHandshake(), pairInfo.id);
  });

  test("a handshake may come byte by byte", async (harness) => {
    const listening = await harness.listen();
    const peer = await harness.raw(listening.url);
    await peer.dribble(Array.from(spHeader(pairInfo.id), (byte) => new Uint8Array([byte])));
    await peer.sendFrame("hello");
    const { sink } = harness.start(await listening.next());
    await sink.received(1);
  });

  test("messages in the same segment as the handshake are not lost", async (harness) => {
    const listening = await harness.listen();
    const peer = await harness.raw(listening.url);
    await peer.send(concat(spHeader(pairInfo.id), peer.frame("one"), peer.frame("two")));
    const { sink } = harness.start(await listening.next());
    await sink.received(2);
    assertBytes(sink.messages[0], new TextEncoder().encode("one"), "the first message");
    assertBytes(sink.messages[1], new TextEncoder().encode("two"), "the second message");
  });

  test("a peer with a bad handshake is closed and reported, and never becomes a pipe", async (harness) => {
    const listening = await harness.listen();
    for (const [at, bad] of badHandshakes.entries()) {
      const peer = await harness.raw(listening.url);
      await peer.send(hex(bad.bytes));
      await peer.expectClosed();
      await listening.rejected(at + 1);
    }
    assert.equal(listening.pipes.length, 0);
    const good = await harness.raw(listening.url);
    await good.handshake(pairInfo.id);
    await listening.next();
  });

  test("a peer that leaves in the middle of its handshake is reported and forgotten", async (harness) => {
    const listening = await harness.listen();
    for (const [at, length] of [0, 1, 4, 7].entries()) {
      const peer = await harness.raw(listening.url);
      await peer.send(spHeader(pairInfo.id).subarray(0, length));
      await peer.close();
      await listening.rejected(at + 1);
    }
    assert.equal(listening.pipes.length, 0);
  });

  test("a silent peer is dropped when the handshake budget is spent, not before", async (harness) => {
    const clock = new ManualClock();
    const listening = await harness.listen({ clock, handshakeTimeout: 10_000 });
    const peer = await harness.raw(listening.url);
    await peer.readHandshake();
    await until(() => clock.pending > 0, "the budget's timer");
    await clock.advanceAsync(9_999);
    await turns();
    assert.equal(peer.ended, false);
    await clock.advanceAsync(1);
    await peer.expectClosed();
    await listening.rejected(1);
  });

  test("the budget is for the whole handshake: a byte now and then does not renew it", async (harness) => {
    const clock = new ManualClock();
    const listening = await harness.listen({ clock, handshakeTimeout: 10_000 });
    const peer = await harness.raw(listening.url);
    await peer.readHandshake();
    await until(() => clock.pending > 0, "the budget's timer");
    for (const byte of spHeader(pairInfo.id).subarray(0, 7)) {
      if (peer.ended) break;
      await peer.send(new Uint8Array([byte]));
      await clock.advanceAsync(2_000);
    }
    await peer.expectClosed();
    assert.equal(listening.pipes.length, 0);
  });

  test("a finished handshake leaves no timer once the pipe is started", async (harness) => {
    const clock = new ManualClock();
    const listening = await harness.listen({ clock });
    const peer = await harness.raw(listening.url);
    await peer.handshake(pairInfo.id);
    harness.start(await listening.next());
    await turns();
    assert.equal(clock.pending, 0);
  });

  test("the oldest silent peer makes room for a new one above the half-open limit", async (harness) => {
    const listening = await harness.listen({ maxPendingHandshakes: 3 });
    const silent = [];
    for (let count = 0; count < 5; count++) {
      const peer = await harness.raw(listening.url);
      await peer.readHandshake();
      silent.push(peer);
    }
    await silent[0]?.expectClosed();
    await silent[1]?.expectClosed();
    await turns();
    for (const peer of silent.slice(2)) assert.equal(peer.ended, false);
    const good = await harness.raw(listening.url);
    await good.handshake(pairInfo.id);
    await listening.next();
  });
}
