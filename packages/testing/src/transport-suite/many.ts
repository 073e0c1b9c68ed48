import assert from "node:assert/strict";
import { Message } from "@sprocket/core";
import { type Case, type TransportSupports, turns } from "./harness.js";

export function many(test: Case, supports: TransportSupports): void {
  test("many peers at once get a pipe each", async (harness) => {
    const listening = await harness.listen();
    const dialed = await Promise.all(Array.from({ length: 50 }, () => harness.dial(listening.url)));
    const ends = dialed.map((pipe) => harness.start(pipe));
    for (let count = 0; count < 50; count++) {
      const { pipe, sink } = harness.start(await listening.next());
      sink.onEach = () => pipe.send(new Message(sink.messages[0] as Uint8Array));
    }
    ends.forEach(({ pipe }, at) => {
      pipe.send(new Message(`peer ${at}`));
    });
    for (const [at, { sink }] of ends.entries()) {
      await sink.received(1);
      assert.equal(new TextDecoder().decode(sink.messages[0]), `peer ${at}`);
    }
  });

  test("connecting and leaving again and again wears nothing out", async (harness) => {
    const listening = await harness.listen();
    for (let round = 0; round < 100; round++) {
      const dialed = harness.start(await harness.dial(listening.url));
      const accepted = harness.start(await listening.next());
      if (round % 2 === 0) dialed.pipe.close();
      else accepted.pipe.close(new Error("enough"));
      await dialed.sink.closed();
      await accepted.sink.closed();
    }
    assert.deepEqual(listening.errors, []);
  });

  if (supports.maxConnections === false) return;
  test("connections above the limit are refused and reported, and there is room again when one goes", async (harness) => {
    const listening = await harness.listen({ maxConnections: 2 });
    const first = harness.start(await harness.dial(listening.url));
    harness.start(await harness.dial(listening.url));
    harness.start(await listening.next());
    harness.start(await listening.next());
    const third = await harness.dial(listening.url).then(
      (pipe) => harness.start(pipe),
      () => undefined,
    );
    await third?.sink.closed();
    await listening.rejected(1);
    assert.equal(listening.pipes.length, 2);
    first.pipe.close();
    await first.sink.closed();
    // The listener learns of it a moment later than we do.
    const places = (): number => listening.pipes.length;
    for (let tries = 0; places() < 3; tries++) {
      assert.ok(tries < 500, "the place of a closed connection was never given away");
      await turns(5);
      const pipe = await harness.dial(listening.url).catch(() => undefined);
      if (pipe === undefined) continue;
      harness.start(pipe);
      await turns(20);
    }
    harness.start(await listening.next());
  });
}
