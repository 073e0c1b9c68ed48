import { Message } from "@sprocket/core";
import type { Case } from "./harness.js";
import { assertBytes, pattern } from "./harness.js";

/** The least that a transport does. */
export function exchange(test: Case): void {
  test("a message travels from the dialer to the listener", async (harness) => {
    const { dialed, accepted } = await harness.connect();
    dialed.pipe.send(new Message("hello"));
    await accepted.sink.received(1);
    assertBytes(accepted.sink.messages[0], new TextEncoder().encode("hello"), "the message");
  });

  test("a message travels from the listener to the dialer", async (harness) => {
    const { dialed, accepted } = await harness.connect();
    accepted.pipe.send(new Message("hello"));
    await dialed.sink.received(1);
    assertBytes(dialed.sink.messages[0], new TextEncoder().encode("hello"), "the message");
  });

  test("both directions carry messages at the same time", async (harness) => {
    const { dialed, accepted } = await harness.connect();
    for (let count = 0; count < 200; count++) {
      dialed.pipe.send(new Message(pattern(count, 1)));
      accepted.pipe.send(new Message(pattern(count, 2)));
    }
    await dialed.sink.received(200);
    await accepted.sink.received(200);
    for (let count = 0; count < 200; count++) {
      assertBytes(accepted.sink.messages[count], pattern(count, 1), `message ${count} up`);
      assertBytes(dialed.sink.messages[count], pattern(count, 2), `message ${count} down`);
    }
  });
}
