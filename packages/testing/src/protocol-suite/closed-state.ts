import assert from "node:assert/strict";
import { codeOf, type ProtocolCase, type ProtocolSupports } from "./harness.js";

const closed = (error: unknown): true => {
  assert.equal(codeOf(error), "SP_ECLOSED");
  return true;
};

export function closedState(test: ProtocolCase, supports: ProtocolSupports): void {
  test("a closed socket refuses every verb with ClosedError", async (harness) => {
    const { sender, receiver } = await harness.pair();
    await sender.close();
    await receiver.close();
    assert.equal(sender.closed, true);
    assert.equal(receiver.closed, true);
    await assert.rejects(sender.send("late"), closed);
    assert.throws(() => sender.trySend("late"), closed);
    await assert.rejects(receiver.receive(), closed);
    assert.throws(() => receiver.tryReceive(), closed);
    for (const socket of [sender, receiver]) {
      await assert.rejects(socket.dial(harness.url()), closed);
      await assert.rejects(socket.listen(harness.url()), closed);
      await assert.rejects(socket.waitForPipes(1), closed);
    }
  });

  test("closing again is harmless", async (harness) => {
    const { sender, receiver } = await harness.pair();
    await Promise.all([sender.close(), sender.close()]);
    assert.deepEqual(await sender.close(), { undelivered: 0 });
    sender.destroy();
    receiver.destroy();
    receiver.destroy();
    assert.deepEqual(await receiver.close(), { undelivered: 0 });
  });

  test("a pending receive ends with ClosedError when its socket closes", async (harness) => {
    const { receiver } = await harness.pair();
    const ended = assert.rejects(receiver.receive(), closed);
    void receiver.close();
    await ended;
  });

  test("a pending receive ends with ClosedError when its socket is destroyed", async (harness) => {
    const { receiver } = await harness.pair();
    const ended = assert.rejects(receiver.receive(), closed);
    receiver.destroy();
    await ended;
  });

  test("waitForPipes ends with ClosedError when its socket closes", async (harness) => {
    const receiver = harness.receiver();
    const ended = assert.rejects(receiver.waitForPipes(1), closed);
    void receiver.close();
    await ended;
  });

  test("the other side sees the pipe go", async (harness) => {
    const { sender, receiver } = await harness.pair();
    const gone = new Promise<void>((resolve) => {
      receiver.addEventListener("pipeclose", () => resolve(), { once: true });
    });
    await sender.close();
    await gone;
    assert.equal(receiver.pipes.size, 0);
  });

  test("everything a socket owned is gone when close has resolved", async (harness) => {
    const { sender, receiver } = await harness.pair();
    await sender.close();
    await receiver.close();
    for (const socket of [sender, receiver]) {
      assert.equal(socket.pipes.size, 0);
      assert.equal(socket.dialers.size, 0);
      assert.equal(socket.listeners.size, 0);
    }
    assert.equal(harness.clock.pending, 0, "timers that outlive their socket");
  });

  if (supports.waitingSends === false) return;
  test("a waiting send ends with ClosedError when its socket closes", async (harness) => {
    const sender = harness.sender();
    const ended = assert.rejects(sender.send("never"), closed);
    void sender.close();
    await ended;
  });
}
