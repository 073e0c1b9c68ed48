import assert from "node:assert/strict";
import { Message } from "@sprocket/core";
import { assertBytes, type Case, pattern, turns } from "./harness.js";

/** Core may take its time between the handshake and `start`: nothing is lost meanwhile. */
export function beforeStart(test: Case): void {
  test("messages that come before start wait for it", async (harness) => {
    const listening = await harness.listen();
    const dialed = harness.start(await harness.dial(listening.url));
    for (let count = 0; count < 20; count++) dialed.pipe.send(new Message(pattern(1_000, count)));
    const pipe = await listening.next();
    await turns(20);
    const { sink } = harness.start(pipe);
    await sink.received(20);
    sink.messages.forEach((message, at) => {
      assertBytes(message, pattern(1_000, at), `message ${at}`);
    });
  });

  test("messages, then an end in good order, before start: all of it is reported at start", async (harness) => {
    const listening = await harness.listen();
    const dialed = harness.start(await harness.dial(listening.url));
    dialed.pipe.send(new Message("last words"));
    dialed.pipe.close();
    await dialed.sink.closed();
    const pipe = await listening.next();
    await turns(20);
    const { sink } = harness.start(pipe);
    await sink.received(1);
    await sink.closed();
  });

  test("a pipe that is closed before start closes when it is started", async (harness) => {
    const listening = await harness.listen();
    const dialed = harness.start(await harness.dial(listening.url));
    const pipe = await listening.next();
    pipe.close();
    await dialed.sink.closed();
    const { sink } = harness.start(pipe);
    await sink.closed();
    assert.equal(sink.count, 0);
  });
}
