import assert from "node:assert/strict";
import { type ProtocolCase, text } from "./harness.js";

export function iteration(test: ProtocolCase): void {
  test("for await gives each message and ends when the socket closes", async (harness) => {
    const { sender, receiver } = await harness.pair();
    const got: (string | undefined)[] = [];
    const loop = (async () => {
      for await (const bytes of receiver) {
        got.push(text(bytes));
        if (got.length < 3) await sender.send(String(got.length));
        else void receiver.close();
      }
    })();
    await sender.send("0");
    await loop;
    assert.deepEqual(got, ["0", "1", "2"]);
  });

  test("for await over a closed socket ends at once", async (harness) => {
    const receiver = harness.receiver();
    await receiver.close();
    for await (const bytes of receiver) assert.fail(`got ${bytes.length} bytes`);
  });

  test("leaving the loop leaves the socket open and the next message in place", async (harness) => {
    const { sender, receiver } = await harness.pair();
    const first = (async () => {
      for await (const bytes of receiver) return text(bytes);
      return undefined;
    })();
    await sender.send("one");
    assert.equal(await first, "one");
    await sender.send("two");
    assert.equal(text(await receiver.receive()), "two");
  });
}
