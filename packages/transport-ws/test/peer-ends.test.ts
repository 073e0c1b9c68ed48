/** A peer that has said goodbye takes nothing any more: what is sent then waits for another one. */
import { once } from "node:events";
import { Push0 } from "@sprocket/pipeline";
import { expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import { ws } from "../src/index.js";

test("sends wait once the peer's close has come, although the connection still drains", async () => {
  const push = new Push0({ transports: [ws()], sendBufferSize: 0 });
  onTestFinished(() => push.destroy());
  const { url } = await push.listen("ws://127.0.0.1:0/x");
  const peer = new WebSocket(url, ["push.sp.nanomsg.org"], { perMessageDeflate: false });
  onTestFinished(() => peer.terminate());
  await Promise.all([once(peer, "open"), push.waitForPipes(1, { timeout: 10_000 })]);
  // It reads nothing, so that much is on the way when it says goodbye.
  peer.pause();
  const bytes = new Uint8Array(100_000);
  while (push.trySend(bytes)) {}
  peer.close(4011);

  const gone = new AbortController();
  push.addEventListener("pipeclose", () => gone.abort());
  peer.resume();
  let sent = 0;
  while (!gone.signal.aborted && sent < 10_000) {
    await push.send(bytes, { signal: gone.signal }).then(
      () => sent++,
      () => undefined,
    );
  }
  expect(sent).toBeLessThan(1_000);
});
