/** The gate sees the same whatever the pieces are in which frames come, and lets every byte through that may pass. */
import { concat, SeededRandom } from "@sprocket/testing";
import { expect, test } from "vitest";
import { FrameGate, type Violation } from "../src/frame-gate.js";
import { frame } from "./support/raw-ws.js";

function run(pieces: Iterable<Uint8Array>): {
  out: Uint8Array;
  violation: Violation | undefined;
  partial: boolean;
  chunks: number;
} {
  const out: Uint8Array[] = [];
  const gate = new FrameGate((chunk) => out.push(Uint8Array.from(chunk)));
  for (const piece of pieces) {
    const violation = gate.pass(piece);
    if (violation !== undefined)
      return { out: concat(...out), violation, partial: gate.partial, chunks: out.length };
  }
  return { out: concat(...out), violation: undefined, partial: gate.partial, chunks: out.length };
}

function cut(bytes: Uint8Array, random: SeededRandom, most: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = 1 + random.below(most);
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return pieces;
}

test("any split of good frames gives the same bytes, and nothing is left over", () => {
  const random = new SeededRandom(11);
  for (let round = 0; round < 20; round++) {
    // Single bytes of large ones would take their time.
    const large = round % 4 === 0;
    const frames: Uint8Array[] = [];
    for (let count = 0; count < 8; count++) {
      const size = random.chance(0.2) ? random.below(large ? 80_000 : 3_000) : random.below(300);
      const mask = random.chance(0.5);
      if (random.chance(0.3)) {
        frames.push(
          frame(Buffer.alloc(size, count), { fin: false, mask }),
          frame("ping", { opcode: 9, mask }),
        );
        frames.push(frame(Buffer.alloc(size), { opcode: 0, mask }));
      } else frames.push(frame(Buffer.alloc(size, count), { mask }));
    }
    const bytes = concat(...frames);
    for (const most of large ? [5_000, 100_000] : [1, 3, 20, 5_000]) {
      const { out, violation, partial } = run(cut(bytes, random, most));
      expect(violation, `seed 11, round ${round}`).toBeUndefined();
      expect(partial).toBe(false);
      expect(Buffer.compare(out, bytes)).toBe(0);
    }
  }
});

test("any split of a stream with a bad frame finds it, and lets through what was before it", () => {
  const random = new SeededRandom(12);
  const good = concat(frame("good"), frame(Buffer.alloc(7_000)));
  for (const bad of [
    frame("x", { lengthBytes: 2 }),
    frame("x", { lengthBytes: 8 }),
    frame(Buffer.alloc(300), { lengthBytes: 8 }),
  ]) {
    for (const most of [1, 7, 3_000, 100_000]) {
      const { out, violation } = run(cut(concat(good, bad, frame("after")), random, most));
      expect(violation?.code).toBe(1002);
      // A head that came in pieces has partly passed; nothing behind it has.
      expect(out.length).toBeGreaterThanOrEqual(good.length);
      expect(out.length).toBeLessThan(good.length + 14);
      expect(Buffer.compare(out.subarray(0, good.length), good)).toBe(0);
    }
  }
});

test("single bytes of a frame are gathered", () => {
  const bytes = frame(Buffer.alloc(30_000, "x"));
  const { chunks, out } = run(Array.from(bytes, (_, at) => bytes.subarray(at, at + 1)));
  expect(Buffer.compare(out, bytes)).toBe(0);
  expect(chunks).toBeLessThan(30);
});

test("random bytes never throw", () => {
  const random = new SeededRandom(13);
  for (let round = 0; round < 500; round++) {
    const bytes = Uint8Array.from({ length: random.below(200) }, () => random.below(256));
    expect(() => run(cut(bytes, random, 50))).not.toThrow();
  }
});
