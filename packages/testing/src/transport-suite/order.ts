import assert from "node:assert/strict";
import { SeededRandom } from "../random.js";
import { type Case, sendAll } from "./harness.js";

const COUNT = 5_000;

export function order(test: Case): void {
  test("messages arrive in the order in which they were sent, each once", async (harness) => {
    const { dialed, accepted } = await harness.connect();
    const random = new SeededRandom(7);
    const bodies = Array.from({ length: COUNT }, (_, at) => {
      const body = new Uint8Array(4 + (random.chance(0.02) ? random.below(100_000) : random.below(200)));
      new DataView(body.buffer).setUint32(0, at);
      return body;
    });
    const sent = sendAll(dialed, bodies);
    await accepted.sink.received(COUNT);
    await sent;
    accepted.sink.messages.forEach((message, at) => {
      assert.equal(new DataView(message.buffer, message.byteOffset).getUint32(0), at);
      assert.equal(message.length, (bodies[at] as Uint8Array).length);
    });
  });
}
