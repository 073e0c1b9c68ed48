import assert from "node:assert/strict";
import { isSprocketError, Message } from "@sprocket/core";
import { concat, hex, u64 } from "../bytes.js";
import { absurdLengths, spHeader } from "../wire-vectors.js";
import { assertBytes, type Case, pairInfo, pattern, type TransportSupports } from "./harness.js";

const LIMIT = 1_000;

export function receiveLimit(test: Case, supports: TransportSupports): void {
  test("a message of exactly the receive limit arrives", async (harness) => {
    const { dialed, accepted } = await harness.connect({ listen: { receiveMaxSize: LIMIT } });
    dialed.pipe.send(new Message(pattern(LIMIT)));
    await accepted.sink.received(1);
    assertBytes(accepted.sink.messages[0], pattern(LIMIT), "the message");
  });

  for (const role of ["listener", "dialer"] as const) {
    test(`a ${role} closes a pipe that brings one byte more than the limit, and says why`, async (harness) => {
      const limit = { receiveMaxSize: LIMIT };
      const { dialed, accepted } = await harness.connect(
        role === "listener" ? { listen: limit } : { dial: limit },
      );
      const [limited, other] = role === "listener" ? [accepted, dialed] : [dialed, accepted];
      other.pipe.send(new Message(pattern(LIMIT)));
      other.pipe.send(new Message(pattern(LIMIT + 1)));
      await limited.sink.closed();
      assert.equal(limited.sink.messages.length, 1, "what came before the limit was broken");
      assert.ok(isSprocketError(limited.sink.closeError), `closed with ${String(limited.sink.closeError)}`);
      assert.equal(limited.sink.closeError.code, "SP_EMSGSIZE");
      await other.sink.closed();
    });
  }

  test("the header counts towards the receive limit", async (harness) => {
    const { dialed, accepted } = await harness.connect({ listen: { receiveMaxSize: LIMIT } });
    dialed.pipe.send(new Message(pattern(LIMIT - 4), { header: new Uint8Array(4) }));
    dialed.pipe.send(new Message(pattern(LIMIT - 3), { header: new Uint8Array(4) }));
    await accepted.sink.closed();
    assert.equal(accepted.sink.messages.length, 1);
  });

  for (const limit of [0, Number.POSITIVE_INFINITY]) {
    test(`a receive limit of ${limit} is no limit`, async (harness) => {
      const { dialed, accepted } = await harness.connect({ listen: { receiveMaxSize: limit } });
      dialed.pipe.send(new Message(pattern(5_000_000)));
      await accepted.sink.received(1);
      assert.equal(accepted.sink.messages[0]?.length, 5_000_000);
    });
  }

  if (supports.raw !== true) return;
  test("an announced length above the limit ends the connection before the body comes", async (harness) => {
    const listening = await harness.listen({ receiveMaxSize: LIMIT });
    for (const length of [u64(LIMIT + 1), ...absurdLengths.map((digits) => hex(digits))]) {
      const peer = await harness.raw(listening.url);
      await peer.handshake(pairInfo.id);
      const { sink } = harness.start(await listening.next());
      await peer.send(peer.framing === "ipc" ? concat(new Uint8Array([1]), length) : length);
      await peer.expectClosed();
      await sink.closed();
      assert.equal(sink.count, 0);
    }
  });

  test("without a limit, an absurd length ends the connection instead of setting memory aside", async (harness) => {
    const listening = await harness.listen({ receiveMaxSize: 0 });
    const peer = await harness.raw(listening.url);
    const length = hex("8000000000000000");
    await peer.send(
      spHeader(pairInfo.id),
      peer.framing === "ipc" ? concat(new Uint8Array([1]), length) : length,
    );
    const { sink } = harness.start(await listening.next());
    await sink.closed();
    assert.equal(sink.count, 0);
  });
}
