import assert from "node:assert/strict";
import { Message } from "@sprocket/core";
import { assertBytes, type Case, pattern, sendAll, turns } from "./harness.js";

export function pause(test: Case): void {
  test("a pause takes effect at the message in whose delivery it is called", async (harness) => {
    const { dialed, accepted } = await harness.connect();
    accepted.sink.onEach = (count) => {
      if (count === 3) accepted.pipe.pause();
    };
    for (let count = 0; count < 10; count++) dialed.pipe.send(new Message(pattern(10, count)));
    await accepted.sink.received(3);
    await turns(20);
    assert.equal(accepted.sink.count, 3);
    accepted.pipe.resume();
    await accepted.sink.received(10);
    accepted.sink.messages.forEach((message, at) => {
      assertBytes(message, pattern(10, at), `message ${at}`);
    });
  });

  test("a pipe that pauses at each message delivers one for each resume", async (harness) => {
    const { dialed, accepted } = await harness.connect();
    accepted.sink.onEach = () => accepted.pipe.pause();
    await sendAll(
      dialed,
      Array.from({ length: 50 }, (_, at) => pattern(at % 7 === 0 ? 30_000 : 5, at)),
    );
    for (let count = 1; count <= 50; count++) {
      await accepted.sink.received(count);
      assert.equal(accepted.sink.count, count);
      accepted.pipe.resume();
    }
  });

  test("a paused pipe loses nothing while much arrives", async (harness) => {
    const { dialed, accepted } = await harness.connect();
    accepted.pipe.pause();
    const bodies = Array.from({ length: 40 }, (_, at) => pattern(20_000, at));
    const sent = sendAll(dialed, bodies);
    await turns(30);
    assert.equal(accepted.sink.count, 0);
    accepted.pipe.resume();
    await sent;
    await accepted.sink.received(40);
    bodies.forEach((body, at) => {
      assertBytes(accepted.sink.messages[at], body, `message ${at}`);
    });
  });

  for (const many of [1, 2, 3]) {
    test(`a paused pipe ends after the last of ${many} messages that came before the peer's end is taken`, async (harness) => {
      const { dialed, accepted } = await harness.connect();
      accepted.sink.onEach = () => accepted.pipe.pause();
      for (let at = 0; at < many; at++) dialed.pipe.send(new Message(pattern(10, at)));
      dialed.pipe.close();
      for (let count = 1; count <= many; count++) {
        await accepted.sink.received(count);
        await turns(20);
        // Somebody still has it in hand: an end now would drop it.
        assert.equal(accepted.sink.closes, 0);
        accepted.pipe.resume();
      }
      await accepted.sink.closed();
      assert.equal(accepted.sink.count, many);
    });
  }

  test("what is fetched from a paused pipe is what came next", async (harness) => {
    const { dialed, accepted } = await harness.connect();
    accepted.sink.onEach = () => accepted.pipe.pause();
    const bodies = Array.from({ length: 60 }, (_, at) => pattern(at % 9 === 0 ? 30_000 : 5, at));
    await sendAll(dialed, bodies);
    dialed.pipe.close();
    for (let next = 1; next <= bodies.length; next = accepted.sink.count + 1) {
      // The resume may have delivered it already.
      if (next > 1) accepted.pipe.resume();
      await accepted.sink.received(next);
      for (let more = accepted.sink.count % 4; more > 0; more--) {
        const message = accepted.pipe.fetch?.();
        if (message === undefined) break;
        accepted.sink.add(message);
      }
      await turns(2);
      assert.equal(accepted.sink.closes, 0, "it ended while somebody had a message in hand");
    }
    accepted.pipe.resume();
    await accepted.sink.closed();
    assert.equal(accepted.pipe.fetch?.(), undefined);
    bodies.forEach((body, at) => {
      assertBytes(accepted.sink.messages[at], body, `message ${at}`);
    });
  });

  test("a shorter way that a sink offers is taken in order, as far as it has room, and by no pipe that is paused", async (harness) => {
    const { dialed, accepted } = await harness.connect();
    const { sink, pipe } = accepted;
    let stopped = false;
    let left = 0;
    sink.onEach = (count) => {
      left = count % 6;
      if (count % 5 !== 0) return;
      stopped = true;
      pipe.pause();
    };
    const take = (message: Message): boolean => {
      if (stopped) sink.faults.push("a paused pipe took the shorter way");
      if (left <= 0) sink.faults.push("it was taken without room");
      // One in seven has to go the usual way.
      if (sink.count % 7 === 0) return false;
      left--;
      sink.add(message);
      return true;
    };
    sink.run = {
      // Now one, now the other.
      get bodies() {
        return sink.count % 2 === 0;
      },
      get room() {
        return left;
      },
      take,
      takeBytes: (bytes, buffer, start, end) => {
        if (bytes.buffer !== buffer) sink.faults.push("the buffer is not that of the bytes");
        return take(new Message(bytes.subarray(start, end)));
      },
    };
    const bodies = Array.from({ length: 120 }, (_, at) => pattern(at % 11 === 0 ? 30_000 : 5, at));
    const sent = sendAll(dialed, bodies);
    while (sink.count < bodies.length) {
      await turns(1);
      if (stopped) {
        stopped = false;
        pipe.resume();
      }
    }
    await sent;
    bodies.forEach((body, at) => {
      assertBytes(sink.messages[at], body, `message ${at}`);
    });
  });

  test("pausing and resuming twice is the same as once", async (harness) => {
    const { dialed, accepted } = await harness.connect();
    accepted.pipe.pause();
    accepted.pipe.pause();
    dialed.pipe.send(new Message("x"));
    await turns();
    assert.equal(accepted.sink.count, 0);
    accepted.pipe.resume();
    accepted.pipe.resume();
    await accepted.sink.received(1);
    assert.equal(accepted.sink.count, 1);
  });
}
