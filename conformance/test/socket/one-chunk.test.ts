/** What arrives in one piece, however it is received: nothing is lost, passed or doubled, and it is counted. */
import { Message } from "@sprocket/core";
import { Pair0, Pair1 } from "@sprocket/pair";
import { Sub0 } from "@sprocket/pubsub";
import { protocolNumbers, type RawPeer, until } from "@sprocket/testing";
import { describe, expect, test } from "vitest";
import { keep, nextEvent, rawPeer, record, streams, transports } from "../support/world.js";

const decoder = new TextDecoder();
const names = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, number) => `${prefix}${number}`);

interface Receives {
  receiveBatch(max: number): Promise<Uint8Array[]>;
  receive(): Promise<Uint8Array>;
  tryReceive(): Uint8Array | undefined;
}

/** The ways to take `count` messages. */
const ways: readonly { way: string; take(from: Receives, count: number): Promise<Uint8Array[]> }[] = [
  {
    way: "batches",
    async take(from, count) {
      const got: Uint8Array[] = [];
      while (got.length < count) got.push(...(await from.receiveBatch(256)));
      return got;
    },
  },
  {
    way: "small batches",
    async take(from, count) {
      const got: Uint8Array[] = [];
      while (got.length < count) got.push(...(await from.receiveBatch(7)));
      return got;
    },
  },
  {
    way: "one by one",
    async take(from, count) {
      const got: Uint8Array[] = [];
      while (got.length < count) got.push(await from.receive());
      return got;
    },
  },
  {
    way: "in turn",
    async take(from, count) {
      const got: Uint8Array[] = [];
      while (got.length < count) {
        got.push(await from.receive());
        for (
          let more = from.tryReceive();
          more !== undefined && got.length < count;
          more = from.tryReceive()
        ) {
          got.push(more);
          if (got.length % 5 === 0 && got.length < count) got.push(...(await from.receiveBatch(3)));
        }
      }
      return got;
    },
  },
];

const frames = (peer: RawPeer, bodies: readonly string[], header = ""): Uint8Array =>
  Buffer.concat(bodies.map((body) => peer.frame(header + body)));

for (const { name, url } of streams) {
  for (const { way, take } of ways) {
    describe(`over ${name}, ${way}`, () => {
      test("a pair gets all of it, in order, and has counted it", async () => {
        const pair = keep(new Pair0({ transports }));
        const peer = await rawPeer((await pair.listen(url())).url, protocolNumbers.pair0);
        await pair.waitForPipes(1);
        const [pipe] = pair.pipes;
        const all = take(pair, 2_000);
        await peer.send(frames(peer, names("", 2_000)));
        expect((await all).map((bytes) => decoder.decode(bytes))).toEqual(names("", 2_000));
        expect(pipe?.stats()).toMatchObject({
          receivedMessages: 2_000,
          receivedBytes: names("", 2_000).join("").length,
        });
      });

      test("what a pair got before a message that is too large is received, and then the peer is gone", async () => {
        const pair = keep(new Pair0({ transports, receiveMaxSize: 100 }));
        const peer = await rawPeer((await pair.listen(url())).url, protocolNumbers.pair0);
        await pair.waitForPipes(1);
        const gone = nextEvent(pair, "pipeclose");
        const all = take(pair, 20);
        await peer.send(frames(peer, [...names("", 20), "x".repeat(101), "behind"]));
        expect((await all).map((bytes) => decoder.decode(bytes))).toEqual(names("", 20));
        // Who stopped at the last good one has not asked for more.
        expect(pair.tryReceive()).toBeUndefined();
        expect((await gone).error).toMatchObject({ code: "SP_EMSGSIZE" });
      });

      test("a subscriber gets its topics, and the others are counted as received", async () => {
        const sub = keep(new Sub0({ transports, topics: ["a", "c7"] }));
        const peer = await rawPeer((await sub.listen(url())).url, protocolNumbers.pub);
        await sub.waitForPipes(1);
        const [pipe] = sub.pipes;
        const wanted = names("", 100).flatMap((number) => [
          `a${number}`,
          ...(number.startsWith("7") ? [`c${number}`] : []),
        ]);
        const all = take(sub, wanted.length);
        await peer.send(
          frames(
            peer,
            names("", 100).flatMap((number) => [`a${number}`, `b${number}`, `c${number}`]),
          ),
        );
        expect((await all).map((bytes) => decoder.decode(bytes))).toEqual(wanted);
        expect(sub.stats().drops).toEqual({});
        await until(() => pipe?.stats().receivedMessages === 300, "the last one to be counted");
      });

      test("bad hop counts of a version 1 pair are dealt with where they stand", async () => {
        for (const polyamorous of [false, true]) {
          const pair = keep(new Pair1({ transports, polyamorous }));
          const drops = record(pair, "drop");
          const gone = nextEvent(pair, "pipeclose");
          const peer = await rawPeer((await pair.listen(url())).url, protocolNumbers.pair1);
          await pair.waitForPipes(1);
          const all = take(pair, 12);
          await peer.send(
            frames(peer, names("", 8), "\0\0\0\u0001"),
            frames(peer, ["too far"], "\0\0\0\u0009"),
            frames(peer, ["8", "9", "10", "11"], "\0\0\0\u0008"),
            frames(peer, ["bad"], "\0\u0001\0\0"),
            frames(peer, ["behind"], "\0\0\0\u0001"),
          );
          expect((await all).map((bytes) => decoder.decode(bytes))).toEqual(names("", 12));
          expect(pair.tryReceive()).toBeUndefined();
          expect((await gone).error).toMatchObject({ code: "SP_EPROTO" });
          expect(drops.map(({ reason }) => reason)).toEqual(["ttl", "malformed"]);
        }
      });
    });
  }
}

for (const { name, url } of streams) {
  for (const size of [65_536, 100_000, 1_000_000]) {
    test(`large bodies over ${name}, ${size} bytes each, both ways: what was received stays as it was, whatever follows it`, async () => {
      const near = keep(new Pair0({ transports }));
      const far = keep(new Pair0({ transports }));
      await far.dial((await near.listen(url())).url);
      const bodies = Array.from({ length: 16 }, (_, number) => new Uint8Array(size).fill(number + 1));
      const count = Math.ceil(250_000_000 / size);
      const send = async (from: Pair0): Promise<void> => {
        for (let number = 0; number < count; number++) {
          const message = new Message(bodies[number % 16] as Uint8Array);
          if (!from.trySend(message)) await from.send(message);
        }
      };
      const receive = async (to: Pair0): Promise<void> => {
        let kept: Uint8Array[] = [];
        for (let got = 0; got < count; ) {
          const batch = await to.receiveBatch(256);
          kept.push(...batch);
          got += batch.length;
          if (kept.length < 40 && got < count) continue;
          kept.forEach((bytes, at) => {
            const expected = bodies[(got - kept.length + at) % 16] as Uint8Array;
            if (Buffer.compare(bytes, expected) !== 0)
              throw new Error(`message ${got - kept.length + at} has changed`);
          });
          kept = [];
        }
      };
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        await Promise.all([send(from), receive(to)]);
      }
    });
  }
}
