import { Message } from "@sprocket/core";
import { concat, hex } from "../bytes.js";
import { assertBytes, type Case, pattern } from "./harness.js";

export function header(test: Case): void {
  test("a message's header words travel in front of its body", async (harness) => {
    const { dialed, accepted } = await harness.connect();
    const words = hex("00000005 80000001");
    for (const size of [0, 5, 2_000, 200_000]) {
      dialed.pipe.send(new Message(pattern(size), { header: words }));
    }
    await accepted.sink.received(4);
    [0, 5, 2_000, 200_000].forEach((size, at) => {
      assertBytes(accepted.sink.messages[at], concat(words, pattern(size)), `the body of ${size} bytes`);
    });
  });
}
