import assert from "node:assert/strict";
import { isSprocketError, Message } from "@sprocket/core";
import { within } from "../deadline.js";
import { type Case, PATIENCE, pattern, type TransportSupports, turns } from "./harness.js";

export function close(test: Case, supports: TransportSupports): void {
  test("a close without an error delivers what was sent before it", async (harness) => {
    const { dialed, accepted } = await harness.connect({ dial: { highWaterBytes: 100_000_000 } });
    accepted.sink.countOnly = true;
    for (let count = 0; count < 100; count++) dialed.pipe.send(new Message(pattern(50_000, count)));
    dialed.pipe.close();
    await accepted.sink.received(100);
    await accepted.sink.closed();
    await dialed.sink.closed();
    assert.equal(dialed.sink.closeError, undefined);
  });

  test("a close without an error is an end in good order for the peer", async (harness) => {
    const { dialed, accepted } = await harness.connect();
    dialed.pipe.close();
    await accepted.sink.closed();
    assert.equal(accepted.sink.closeError, undefined);
  });

  if (supports.discards !== false) {
    test("a close with an error does not wait for what is pending", async (harness) => {
      const { dialed, accepted } = await harness.connect({ dial: { highWaterBytes: 100_000_000 } });
      accepted.pipe.pause();
      for (let count = 0; count < 100; count++) dialed.pipe.send(new Message(pattern(100_000, count)));
      dialed.pipe.close(new Error("enough"));
      await dialed.sink.closed();
      accepted.pipe.resume();
      await accepted.sink.closed();
      assert.ok(accepted.sink.count < 100);
    });
  }

  if (supports.reset === true) {
    test("a close with an error reaches the peer as a broken connection", async (harness) => {
      const { dialed, accepted } = await harness.connect();
      dialed.pipe.close(new Error("enough"));
      await accepted.sink.closed();
      assert.ok(isSprocketError(accepted.sink.closeError), `closed with ${String(accepted.sink.closeError)}`);
    });
  }

  test("closing again changes nothing, and onClose comes once", async (harness) => {
    const { dialed, accepted } = await harness.connect();
    dialed.pipe.close();
    dialed.pipe.close(new Error("again"));
    dialed.pipe.close();
    await dialed.sink.closed();
    dialed.pipe.close();
    dialed.pipe.close(new Error("and again"));
    await accepted.sink.closed();
    await turns(20);
    assert.equal(dialed.sink.closes, 1);
    assert.equal(accepted.sink.closes, 1);
  });

  test("a closed pipe takes nothing any more and says nothing any more", async (harness) => {
    const { dialed, accepted } = await harness.connect();
    dialed.pipe.close();
    dialed.pipe.send(new Message("late"));
    accepted.pipe.send(new Message("for nobody"));
    await dialed.sink.closed();
    dialed.pipe.send(new Message("later"));
    dialed.pipe.pause();
    dialed.pipe.resume();
    await accepted.sink.closed();
    await turns(20);
    assert.equal(accepted.sink.count, 0);
  });

  test("both sides closing at the same time is an end for both", async (harness) => {
    const { dialed, accepted } = await harness.connect();
    dialed.pipe.close();
    accepted.pipe.close();
    await dialed.sink.closed();
    await accepted.sink.closed();
  });

  test("a pipe may be closed inside the delivery of a message, which is then the last", async (harness) => {
    const { dialed, accepted } = await harness.connect();
    accepted.sink.onEach = (count) => {
      if (count === 2) accepted.pipe.close(new Error("enough"));
    };
    for (let count = 0; count < 10; count++) dialed.pipe.send(new Message(pattern(10)));
    await accepted.sink.closed();
    await dialed.sink.closed();
    assert.equal(accepted.sink.count, 2);
  });

  test("a listener that has closed brings no pipe any more, and its pipes live on", async (harness) => {
    const { dialed, accepted, listening } = await harness.connect();
    await within(PATIENCE, listening.listener.close(), "listener.close()");
    await within(PATIENCE, listening.listener.close(), "a second listener.close()");
    await assert.rejects(harness.dial(listening.url));
    assert.equal(listening.pipes.length, 1);
    dialed.pipe.send(new Message("still there"));
    await accepted.sink.received(1);
  });

  test("a listener may close while peers are connecting", async (harness) => {
    const listening = await harness.listen();
    const attempts = Array.from({ length: 10 }, () =>
      harness.dial(listening.url).then(
        (pipe) => harness.start(pipe),
        () => undefined,
      ),
    );
    await within(PATIENCE, listening.listener.close(), "listener.close()");
    const known = listening.pipes.length;
    for (const pipe of listening.pipes) harness.start(pipe).pipe.close();
    for (const attempt of attempts) (await attempt)?.pipe.close();
    await turns(20);
    assert.equal(listening.pipes.length, known, "a pipe came after close() had resolved");
  });
}
