import assert from "node:assert/strict";
import { isPending } from "../deadline.js";
import { codeOf, type ProtocolCase } from "./harness.js";

export function peers(test: ProtocolCase): void {
  test("waitForPipes waits for as many peers as it is told to, and gives up in time", async (harness) => {
    const receiver = harness.receiver();
    const sender = harness.sender();
    const two = receiver.waitForPipes(2, { timeout: 100 });
    const ended = assert.rejects(two, (error) => codeOf(error) === "SP_ETIMEDOUT");
    await harness.join(receiver, sender);
    await receiver.waitForPipes(1);
    assert.equal(await isPending(two), true);
    harness.clock.advance(100);
    await ended;
  });

  test("a pipe that is lost is dialed again", async (harness) => {
    const { sender, receiver } = await harness.pair();
    const again = new Promise<void>((resolve) => {
      sender.addEventListener("connected", () => resolve(), { once: true });
    });
    for (const pipe of receiver.pipes) pipe.close();
    // Back-off draws its delay from [0, 1,000) ms.
    for (let round = 0; round < 10; round++) await harness.clock.advanceAsync(100);
    await again;
    await receiver.waitForPipes(1);
    assert.equal(sender.pipes.size, 1);
  });
}
