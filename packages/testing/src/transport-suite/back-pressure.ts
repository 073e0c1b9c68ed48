import assert from "node:assert/strict";
import { Message } from "@sprocket/core";
import { type Case, pattern, turns } from "./harness.js";

const HIGH_WATER = 64 * 1024;
const BODY = 16 * 1024;

export function backPressure(test: Case): void {
  test("send answers false when the peer does not read, and onDrain comes when it reads again", async (harness) => {
    const { dialed, accepted } = await harness.connect({ dial: { highWaterBytes: HIGH_WATER } });
    accepted.pipe.pause();
    let sent = 0;
    // The system's own buffers take some megabytes before the pipe has to hold anything.
    for (let stuck = false; !stuck; ) {
      assert.ok(sent < 4_000, "64 MiB were taken for a peer that does not read");
      const { drains } = dialed.sink;
      const more = dialed.pipe.send(new Message(pattern(BODY, sent++)));
      if (more) continue;
      await turns(50);
      stuck = dialed.sink.drains === drains;
    }
    assert.ok(dialed.pipe.pendingBytes >= HIGH_WATER, "refused below the high-water mark");
    assert.ok(dialed.pipe.pendingMessages > 0);
    const { drains } = dialed.sink;
    accepted.sink.countOnly = true;
    accepted.pipe.resume();
    await dialed.sink.drained(drains);
    await accepted.sink.received(sent);
    await turns(20);
    assert.equal(dialed.pipe.pendingBytes, 0);
    assert.equal(dialed.pipe.pendingMessages, 0);
  });

  test("a message that send answered false to is still delivered", async (harness) => {
    const { dialed, accepted } = await harness.connect({ dial: { highWaterBytes: 1 } });
    accepted.sink.countOnly = true;
    let taken = 0;
    for (; taken < 20; taken++) dialed.pipe.send(new Message(pattern(100_000, taken)));
    await accepted.sink.received(taken);
  });
}
