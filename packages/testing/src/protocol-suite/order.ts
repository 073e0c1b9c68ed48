import assert from "node:assert/strict";
import { type ProtocolCase, type ProtocolSupports, text } from "./harness.js";

export function fifo(test: ProtocolCase, supports: ProtocolSupports): void {
  if (supports.manyReceives !== false && supports.manySends !== false) {
    test("pending receives are served in the order in which they were called", async (harness) => {
      const { sender, receiver } = await harness.pair();
      const waiting = Array.from({ length: 20 }, () => receiver.receive());
      for (let count = 0; count < 20; count++) await sender.send(String(count));
      const bodies = (await Promise.all(waiting)).map(text);
      assert.deepEqual(
        bodies,
        Array.from({ length: 20 }, (_, at) => String(at)),
      );
    });

    test("a receive that gave up leaves its place to the next one", async (harness) => {
      const { sender, receiver } = await harness.pair();
      const abort = new AbortController();
      const first = receiver.receive({ signal: abort.signal }).catch(() => "gave up");
      const second = receiver.receive();
      abort.abort();
      await sender.send("x");
      assert.equal(await first, "gave up");
      assert.equal(text(await second), "x");
    });
  }

  if (supports.manySends !== false) {
    test("messages arrive in the order of their sends", async (harness) => {
      const { sender, receiver } = await harness.pair();
      const sent = Array.from({ length: 300 }, (_, at) => sender.send(String(at)));
      for (let count = 0; count < 300; count++) assert.equal(text(await receiver.receive()), String(count));
      await Promise.all(sent);
    });
  }

  if (supports.manySends !== false && supports.waitingSends !== false) {
    test("sends that wait for a peer go out in their order, and a later trySend does not overtake them", async (harness) => {
      const sender = harness.sender();
      const receiver = harness.receiver();
      const sent = Array.from({ length: 5 }, (_, at) => sender.send(String(at)));
      assert.equal(sender.trySend("overtaker"), false);
      await harness.join(receiver, sender);
      for (let count = 0; count < 5; count++) assert.equal(text(await receiver.receive()), String(count));
      await Promise.all(sent);
    });
  }
}
