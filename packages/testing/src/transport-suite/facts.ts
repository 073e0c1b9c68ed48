import assert from "node:assert/strict";
import { type Case, repInfo, reqInfo } from "./harness.js";

/** What a pipe knows about its peer. */
export function facts(test: Case): void {
  test("each side sees the protocol number of the other", async (harness) => {
    const { dialed, accepted } = await harness.connect({
      dial: { protocol: reqInfo },
      listen: { protocol: repInfo },
    });
    assert.equal(dialed.pipe.peerProtocol, repInfo.id);
    assert.equal(accepted.pipe.peerProtocol, reqInfo.id);
  });

  test("a pipe's addresses are URLs of a scheme that the transport answers", async (harness) => {
    const { dialed, accepted } = await harness.connect();
    for (const { pipe } of [dialed, accepted]) {
      for (const address of [pipe.localAddress, pipe.remoteAddress]) {
        const scheme = address.slice(0, address.indexOf("://"));
        assert.ok(
          harness.transport.schemes.includes(scheme),
          `${address} is no URL of ${harness.transport.name}`,
        );
      }
    }
  });

  test("a fresh pipe has nothing pending", async (harness) => {
    const { dialed, accepted } = await harness.connect();
    for (const { pipe } of [dialed, accepted]) {
      assert.equal(pipe.pendingMessages, 0);
      assert.equal(pipe.pendingBytes, 0);
    }
  });
}
