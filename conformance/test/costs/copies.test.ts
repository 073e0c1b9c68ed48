/** Bytes that are moved in this process, and arrays that are made, for one message from `trySend` to `receiveBatch`. */
import { Message } from "@sprocket/core";
import type { Pair0 } from "@sprocket/pair";
import { expect, test } from "vitest";
import { type Costs, counted, pairs } from "../support/costs.js";
import { streams } from "../support/world.js";

const KIB = 1_024;
const MIB = KIB * KIB;

/**
 * A body that spans reads is copied once; of what comes before its first half, small pieces are copied together before.
 * Lengths that lie across two reads add little.
 */
const ONCE = 1.5 + 0.02;

interface Way {
  readonly from: Pair0;
  readonly to: Pair0;
}

/** Sends `count` messages while they are received, each in its turn. */
async function transfer({ from, to }: Way, count: number, make: () => Uint8Array | Message): Promise<Costs> {
  return counted(async () => {
    let got = 0;
    const receiving = (async () => {
      while (got < count) got += (await to.receiveBatch(256)).length;
    })();
    for (let sent = 0; sent < count; sent++) {
      const message = make();
      if (!from.trySend(message)) await from.send(message);
    }
    await receiving;
  });
}

for (const { name, url } of streams) {
  const listenerReceives = async (): Promise<Way> => {
    const { sender, receiver } = await pairs(url(), { receiveBufferSize: 0, receiveMaxSize: 0 });
    return { from: sender, to: receiver };
  };
  const dialerReceives = async (): Promise<Way> => {
    const { sender, receiver } = await pairs(url(), { receiveBufferSize: 0, receiveMaxSize: 0 });
    return { from: receiver, to: sender };
  };

  for (const [who, connect] of [
    ["a listener", listenerReceives],
    ["a dialer", dialerReceives],
  ] as const) {
    test.each([16, 64, KIB])(
      `${name}: %i bytes to ${who} are copied once, into the batch that goes out`,
      async (size) => {
        const bytes = new Uint8Array(size);
        const { copied, arrays } = await transfer(await connect(), 2_000, () => bytes);
        // A message in 64 KiB lies across two reads, and is gathered.
        expect(copied / 2_000 / size).toBeLessThan(1 + size / (16 * KIB) + 0.1);
        // The body that the receiver gets; slabs and chunks are for many.
        expect(arrays / 2_000).toBeLessThan(1.4);
      },
    );

    test.each([
      [16 * KIB, 500],
      [64 * KIB, 200],
      [256 * KIB, 60],
      [MIB, 20],
      [4 * MIB, 5],
    ])(`${name}: %i bytes that are given away are copied by nobody but ${who}`, async (size, count) => {
      const bytes = new Uint8Array(size);
      const { copied, arrays } = await transfer(await connect(), count, () => new Message(bytes));
      expect(copied / count / size).toBeLessThan(ONCE);
      // At most one for each chunk of 64 KiB.
      expect(arrays / count).toBeLessThan(4 + size / (64 * KIB));
    });
  }
}

test("plain bytes above 1 KiB are copied once more: they are the caller's again when send has resolved", async () => {
  const { sender, receiver } = await pairs("tcp://127.0.0.1:0", { receiveBufferSize: 0 });
  const bytes = new Uint8Array(64 * KIB);
  const { copied } = await transfer({ from: sender, to: receiver }, 200, () => bytes);
  // The bound above would notice a copy too many.
  expect(copied / 200 / bytes.length).toBeGreaterThan(ONCE);
  expect(copied / 200 / bytes.length).toBeLessThan(1 + ONCE);
});
