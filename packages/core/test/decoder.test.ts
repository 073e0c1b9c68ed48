import { expect, test } from "vitest";
import { Message } from "../src/message.js";
import { SpDecoder } from "../src/stream/decoder.js";
import type { MessageRun } from "../src/transport.js";
import { Random } from "./support/random.js";

/** A runtime that does not clear its buffers, and uses at once again what it gets back. */
const dirty = {
  allocate: (length: number): Uint8Array => new Uint8Array(length).fill(0xee),
  release: (chunk: Uint8Array): unknown => chunk.fill(0xdd),
};

function frame(framing: "tcp" | "ipc", body: Uint8Array): Uint8Array {
  const header = Buffer.alloc(8);
  header.writeBigUInt64BE(BigInt(body.length));
  return Buffer.concat([Buffer.alloc(framing === "ipc" ? 1 : 0, 1), header, body]);
}

test.each(["tcp", "ipc"] as const)(
  "large and small messages over %s come out as they went in, wherever the stream is cut and whoever pauses",
  (framing) => {
    const random = new Random(42);
    for (let run = 0; run < 60; run++) {
      const bodies = Array.from({ length: 1 + random.below(12) }, () => {
        const length = random.chance(0.4) ? random.below(400_000) : random.pick([0, 1, 7, 300, 4_096]);
        const step = 1 + random.below(200);
        const body = new Uint8Array(length);
        for (let at = 0; at < length; at++) body[at] = at * step;
        return body;
      });
      const stream = Buffer.concat(bodies.map((body) => frame(framing, body)));
      const most = random.pick([3_000, 70_000, 300_000]);
      const got: Message[] = [];
      const shortWay: MessageRun = {
        get bodies() {
          return random.chance(0.5);
        },
        get room() {
          return random.below(4);
        },
        take(message) {
          if (random.chance(0.2)) return false;
          got.push(message);
          return true;
        },
        takeBytes(bytes, buffer, start, end) {
          if (buffer !== bytes.buffer) throw new Error("not the buffer of the bytes");
          return shortWay.take(Message.received(bytes, start, end, buffer));
        },
      };
      const decoder = new SpDecoder(
        Number.POSITIVE_INFINITY,
        framing === "ipc" ? 1 : 0,
        {
          onMessage(message) {
            got.push(message);
            if (random.chance(0.2)) decoder.paused = true;
          },
          get run() {
            return random.chance(0.5) ? shortWay : undefined;
          },
        },
        dirty,
      );
      const goOn = (): void => {
        while (decoder.paused) {
          while (random.chance(0.5)) {
            const message = decoder.fetch();
            if (message !== undefined) got.push(message);
          }
          decoder.paused = false;
          decoder.run();
        }
      };
      for (let at = 0; at < stream.length; ) {
        const end = Math.min(
          stream.length,
          at + 1 + (random.chance(0.2) ? random.below(12) : random.below(most)),
        );
        decoder.push(Uint8Array.from(stream.subarray(at, end)));
        goOn();
        at = end;
        if (at < stream.length && got.length < bodies.length) expect(decoder.waiting).toBe(false);
      }
      expect(decoder.partial).toBe(false);
      expect(got.map((message) => message.length)).toEqual(bodies.map((body) => body.length));
      got.forEach((message, at) => {
        expect(Buffer.compare(message.body, bodies[at] as Uint8Array)).toBe(0);
      });
    }
  },
);

test("what has come of a message is forgotten with the stream", () => {
  const decoder = new SpDecoder(1_000_000, 0, { onMessage: () => undefined });
  decoder.push(frame("tcp", new Uint8Array(100_000)).subarray(0, 70_000));
  expect(decoder.partial).toBe(true);
  decoder.stop();
  expect([decoder.partial, decoder.waiting]).toEqual([false, false]);
});

test("what is wrong with a message is left for the decoder to find when it goes on", () => {
  const got: string[] = [];
  const decoder = new SpDecoder(1_000, 0, {
    onMessage(message) {
      got.push(message.text());
      decoder.paused = true;
    },
  });
  const text = (body: string): Uint8Array => frame("tcp", new TextEncoder().encode(body));
  decoder.push(Buffer.concat([text("one"), text("two"), frame("tcp", new Uint8Array(1_001))]));
  expect(decoder.fetch()?.text()).toBe("two");
  expect(decoder.fetch()).toBeUndefined();
  expect([got, decoder.waiting]).toEqual([["one"], true]);
  decoder.paused = false;
  expect(() => decoder.run()).toThrow("1001 bytes");
});
