/**
 * What hostile or lazy peers may cost: never more than what they really sent. Bytes held are live heap and buffers after
 * collection.
 */

import { Message } from "@sprocket/core";
import { systemClock } from "@sprocket/core/plugin";
import type { ByteSink, ByteStream } from "@sprocket/core/stream";
import { createStreamPipe, spWire } from "@sprocket/core/stream";
import { Pair0, Pair1 } from "@sprocket/pair";
import { Rep0, Req0 } from "@sprocket/reqrep";
import {
  concat,
  heldBytes,
  hex,
  protocolNumbers,
  type RawPeer,
  spHeader,
  u64,
  until,
} from "@sprocket/testing";
import { expect, test } from "vitest";
import { keep, promptly, rawConnect, rawPeer, streams, transports, turns } from "../support/world.js";

const MIB = 1_048_576;
const { pair0, pair1, req: REQ } = protocolNumbers;

/** A round trip through the socket, from a fresh peer: what was sent before it has been read by then. */
async function roundTrip(url: string): Promise<void> {
  const good = await rawPeer(url, REQ);
  await good.sendFrame(hex("80000001"), "good");
  const reply = await good.readFrame(10_000);
  expect(new TextDecoder().decode(reply.subarray(4))).toBe("good");
  await good.close();
}

test("A1: 1,000 peers that announce the maximum and send 16 bytes hold under 32 MiB, and a good peer is served", async () => {
  const rep = keep(new Rep0({ transports, receiveMaxSize: 16 * MIB }));
  const { url } = await rep.listen("tcp://127.0.0.1:0");
  rep.serve((request) => request.copy());
  const peers: RawPeer[] = [];
  for (let batch = 0; batch < 20; batch++) {
    peers.push(...(await Promise.all(Array.from({ length: 50 }, () => rawPeer(url, REQ)))));
  }
  await rep.waitForPipes(1_000);
  const before = await heldBytes();
  const announcement = concat(u64(16 * MIB), new Uint8Array(16));
  await Promise.all(peers.map((peer) => peer.send(announcement)));
  await turns(50);
  await roundTrip(url);
  const held = (await heldBytes()) - before;
  expect(rep.pipes.size).toBeGreaterThanOrEqual(1_000);
  expect(held).toBeLessThan(32 * MIB);
}, 60_000);

test("A1: without a receive limit an absurd announcement is refused, and a large one buys no memory", async () => {
  const rep = keep(new Rep0({ transports, receiveMaxSize: 0 }));
  const { url } = await rep.listen("tcp://127.0.0.1:0");
  rep.serve((request) => request.copy());
  const peers = await Promise.all(Array.from({ length: 50 }, () => rawPeer(url, REQ)));
  await rep.waitForPipes(50);
  const before = await heldBytes();
  await Promise.all(peers.map((peer) => peer.send(concat(u64(2 ** 40), new Uint8Array(16)))));
  await roundTrip(url);
  expect((await heldBytes()) - before).toBeLessThan(8 * MIB);
  const absurd = await rawPeer(url, REQ);
  await absurd.send(hex("8000000000000000"));
  await absurd.expectClosed();
});

/** A stream whose peer is the test. */
class Feed implements ByteStream {
  readonly localAddress = "test://here";
  readonly remoteAddress = "test://there";
  sink: ByteSink | undefined;
  start(sink: ByteSink): void {
    this.sink = sink;
  }
  write(_: readonly Uint8Array[], done: () => void): void {
    queueMicrotask(done);
  }
  pause(): void {}
  resume(): void {}
  end(): void {}
  destroy(): void {
    queueMicrotask(() => this.sink?.onClose());
  }
}

/** Segments of a message, each in a buffer of this many bytes. */
const segments: readonly (readonly [name: string, bytes: number, buffer: number])[] = [
  ["1-byte segments", 1, 1],
  ["segments of 1,460 bytes", 1_460, 1_460],
  ["segments of 8 KiB, each a part of a chunk of 64 KiB", 8 * 1_024, 64 * 1_024],
  ["segments of 64 KiB", 64 * 1_024, 64 * 1_024],
];

test.each(segments)(
  "A2: a message that comes in %s holds no more than twice what came, and 4 KiB a peer",
  async (_, bytes, buffer) => {
    const PEERS = 10;
    const SENT = 200 * 1_024;
    const abort = new AbortController();
    const feeds: Feed[] = [];
    const open = (): Feed => {
      const feed = new Feed();
      createStreamPipe(
        feed,
        {
          protocol: {
            id: pair0,
            name: "pair",
            peerId: pair0,
            peerName: "pair",
            className: "Pair0",
            peerClassName: "Pair0",
            raw: false,
          },
          receiveMaxSize: MIB,
          handshakeTimeout: 60_000,
          highWaterBytes: MIB,
          signal: abort.signal,
          clock: systemClock,
        },
        spWire,
        {
          opened: (pipe) => {
            pipe.start({ onMessage: () => undefined, onDrain: () => undefined, onClose: () => undefined });
          },
          failed: (error) => {
            throw error;
          },
        },
      );
      feed.sink?.onData(spHeader(pair0));
      feed.sink?.onData(u64(MIB));
      return feed;
    };
    const before = await heldBytes();
    for (let count = 0; count < PEERS; count++) feeds.push(open());
    for (const feed of feeds) {
      for (let at = 0; at < SENT; at += bytes) {
        feed.sink?.onData(new Uint8Array(new ArrayBuffer(buffer), 0, Math.min(bytes, SENT - at)));
      }
    }
    const held = (await heldBytes()) - before;
    for (const feed of feeds) feed.sink?.onClose();
    // A little for the feeds themselves and for noise.
    expect(held).toBeLessThan(PEERS * (2 * SENT + 4_096) + MIB);
  },
  60_000,
);

test("A3: queued small messages do not pin the large chunks that they came in", async () => {
  const COUNT = 3_000;
  const pair = keep(new Pair1({ transports, receiveBufferSize: 8_192 }));
  const { url } = await pair.listen("tcp://127.0.0.1:0");
  const peer = await rawPeer(url, pair1);
  await pair.waitForPipes(1);
  const before = await heldBytes();
  // A small message that waits, then a large one that is dropped for its hop count: one of each in every chunk.
  const one = concat(
    peer.frame(concat(hex("00000001"), new Uint8Array(16))),
    peer.frame(concat(hex("00000009"), new Uint8Array(64 * 1_024 - 40))),
  );
  for (let count = 0; count < COUNT; count++) await peer.send(one);
  await until(() => pair.stats().drops.ttl === COUNT, "every large message to be dropped", 30_000);
  const held = (await heldBytes()) - before;
  expect(held).toBeLessThan(16 * MIB);
  const got = await pair.receiveBatch(8_192);
  expect(got.length).toBe(COUNT);
  expect(got.every((body) => body.length === 16)).toBe(true);
}, 60_000);

test("a half-received message is forgotten with its connection", async () => {
  const rep = keep(new Rep0({ transports, receiveMaxSize: 32 * MIB }));
  const { url } = await rep.listen("tcp://127.0.0.1:0");
  rep.serve((request) => request.copy());
  await roundTrip(url);
  const before = await heldBytes();
  for (let count = 0; count < 5; count++) {
    const peer = await rawPeer(url, REQ);
    await peer.send(concat(u64(20 * MIB), new Uint8Array(10 * MIB)));
    await peer.close();
  }
  await until(() => rep.pipes.size === 0, "the pipes to go");
  await roundTrip(url);
  await until(() => rep.pipes.size === 0, "the pipes to go");
  expect((await heldBytes()) - before).toBeLessThan(8 * MIB);
});

test("a peer that is not received from holds back its sender instead of filling memory", async () => {
  const rep = keep(new Rep0({ transports }));
  const { url } = await rep.listen("tcp://127.0.0.1:0");
  const req = keep(new Req0({ transports }));
  await req.dial(url);
  const before = await heldBytes();
  // Nobody serves: one request is parked, the rest wait in the system and in the sender's pipe.
  const contexts = Array.from({ length: 200 }, () => req.context());
  const abort = new AbortController();
  const sends = contexts.map((context) =>
    context.send(new Uint8Array(64 * 1_024), { signal: abort.signal }).catch(() => undefined),
  );
  await turns(100);
  // Each request is kept for a resend, so 200 of them may be held; what the replier took must not come on top.
  expect((await heldBytes()) - before).toBeLessThan(200 * 64 * 1_024 * 2 + 8 * MIB);
  expect(rep.stats().receivedMessages).toBeLessThan(4);
  abort.abort();
  await Promise.all(sends);
});

test.each([
  ["a listener", "tcp"],
  ["a dialer", "tcp"],
  ["a listener", "ipc"],
  ["a dialer", "ipc"],
] as const)(
  "large messages that %s does not read over %s fill no memory, and arrive whole when it does",
  async (who, transport) => {
    const [first, second] = [keep(new Pair0({ transports })), keep(new Pair0({ transports }))];
    const url = streams.find(({ name }) => name === transport)?.url() as string;
    const listening = await first.listen(url);
    await second.dial(listening.url);
    await first.waitForPipes(1);
    const [sender, receiver] = who === "a dialer" ? [first, second] : [second, first];
    const before = await heldBytes();
    let sent = 0;
    const refused = async (): Promise<boolean> => {
      for (let turn = 0; turn < 100; turn++) {
        if (sender.trySend(new Message(new Uint8Array(MIB).fill(sent)))) {
          sent++;
          return false;
        }
        await turns(1);
      }
      return true;
    };
    while (!(await refused())) expect(sent).toBeLessThan(64);
    // What the sender may keep and one message more; at the other end one that waits, half of the next, and a read.
    expect((await heldBytes()) - before).toBeLessThan(8 * MIB);
    for (let at = 0; at < sent; at++) {
      const body = await receiver.receive();
      expect(body.length).toBe(MIB);
      expect(body.every((byte) => byte === (at & 0xff))).toBe(true);
    }
  },
  30_000,
);

test("a connection that dribbles does not delay another", async () => {
  const rep = keep(new Rep0({ transports, handshakeTimeout: 2_000 }));
  const { url } = await rep.listen("tcp://127.0.0.1:0");
  rep.serve((request) => request.copy());
  const slow = await rawConnect(url);
  const dribble = slow.dribble(
    Array.from(spHeader(REQ), (byte) => new Uint8Array([byte])),
    400,
  );
  await promptly(() => roundTrip(url));
  // Its whole handshake has 2 s, however often it shows signs of life.
  await slow.expectClosed();
  await dribble;
});
