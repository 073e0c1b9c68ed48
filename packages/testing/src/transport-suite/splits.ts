import assert from "node:assert/strict";
import { concat } from "../bytes.js";
import { FaultProxy } from "../fault-proxy.js";
import { spHeader } from "../wire-vectors.js";
import { assertBytes, type Case, pairInfo, pattern, sendAll } from "./harness.js";

/** Stream transports must not care where the network cuts the stream. */
export function splits(test: Case): void {
  test("messages survive a network that delivers single bytes", async (harness) => {
    const listening = await harness.listen();
    const proxy = await FaultProxy.start({
      ...between(listening.url),
      up: { kind: "slice", size: 1 },
      down: { kind: "slice", size: 1 },
    });
    harness.defer(() => proxy.close());
    const dialed = harness.start(await harness.dial(proxy.url));
    const accepted = harness.start(await listening.next());
    const bodies = [0, 1, 9, 300].map((size) => pattern(size, size));
    await Promise.all([sendAll(dialed, bodies), sendAll(accepted, bodies)]);
    for (const { sink } of [dialed, accepted]) {
      await sink.received(bodies.length);
      bodies.forEach((body, at) => {
        assertBytes(sink.messages[at], body, `the message of ${body.length} bytes`);
      });
    }
  });

  test("messages survive cuts at every offset", async (harness) => {
    const listening = await harness.listen();
    const peer = await harness.raw(listening.url);
    const stream = concat(peer.frame(pattern(5)), peer.frame(""), peer.frame(pattern(20)));
    await peer.handshake(pairInfo.id);
    const { sink } = harness.start(await listening.next());
    let expected = 0;
    for (let cut = 0; cut <= stream.length; cut++) {
      await peer.dribble([stream.subarray(0, cut), stream.subarray(cut)].filter((piece) => piece.length > 0));
      expected += 3;
      await sink.received(expected);
    }
    for (let at = 0; at < expected; at += 3) {
      assertBytes(sink.messages[at], pattern(5), "the first of three");
      assert.equal(sink.messages[at + 1]?.length, 0);
      assertBytes(sink.messages[at + 2], pattern(20), "the third of three");
    }
  });

  test("a message cut off by the end of the connection is never delivered", async (harness) => {
    const listening = await harness.listen();
    const whole = (await harness.raw(listening.url)).frame(pattern(30));
    for (const length of [1, 4, 8, 9, 20, whole.length - 1]) {
      const peer = await harness.raw(listening.url);
      await peer.send(concat(spHeader(pairInfo.id), peer.frame("before"), whole.subarray(0, length)));
      const { sink } = harness.start(await listening.next());
      await sink.received(1);
      await peer.end();
      await sink.closed();
      assert.equal(sink.count, 1, `cut after ${length} bytes`);
    }
  });

  test("random segments in both directions change nothing", async (harness) => {
    const listening = await harness.listen();
    const proxy = await FaultProxy.start({
      ...between(listening.url),
      up: { kind: "shred", most: 700, seed: 11 },
      down: { kind: "shred", most: 700, seed: 12 },
    });
    harness.defer(() => proxy.close());
    const dialed = harness.start(await harness.dial(proxy.url));
    const accepted = harness.start(await listening.next());
    const bodies = Array.from({ length: 60 }, (_, at) => pattern(at * at, at));
    await Promise.all([sendAll(dialed, bodies), sendAll(accepted, bodies)]);
    for (const { sink } of [dialed, accepted]) {
      await sink.received(bodies.length);
      bodies.forEach((body, at) => {
        assertBytes(sink.messages[at], body, `message ${at}`);
      });
    }
  });
}

/** A proxy must speak the framing of its target, so an ipc one listens beside it. */
function between(target: string): { target: string; listen?: string } {
  return /^(?:tls\+)?tcp/.test(target) ? { target } : { target, listen: `${target}.proxy` };
}
