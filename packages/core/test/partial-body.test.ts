import { expect, test } from "vitest";
import { NoMemoryError } from "../src/errors.js";
import { PartialBody } from "../src/stream/partial-body.js";
import { Random } from "./support/random.js";

const KIB = 1024;

/** Buffers as a runtime that does not clear them gives, and how many bytes were asked for. */
class Memory {
  asked = 0;
  readonly released: Uint8Array[] = [];
  readonly allocate = (length: number): Uint8Array => {
    this.asked += length;
    return new Uint8Array(length).fill(0xee);
  };
  readonly release = (chunk: Uint8Array): unknown => this.released.push(chunk);
}

function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (at * 31) % 251);
}

/** Chunks with buffers of their own. */
function cut(bytes: Uint8Array, size: () => number): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(bytes.length, at + size());
    chunks.push(bytes.slice(at, end));
    at = end;
  }
  return chunks;
}

test("whatever the pieces, the body is what came, to the byte", () => {
  const random = new Random(1);
  for (let run = 0; run < 300; run++) {
    const bytes = pattern(random.pick([2, 100, 4_096, 4_097, 8_192, 20_000, 70_000, 300_000]));
    const body = new PartialBody(bytes.length, new Memory());
    const most = random.pick([1_000, 9_000, 70_000]);
    for (const chunk of cut(bytes, () =>
      random.chance(0.3) ? 1 + random.below(9) : 1 + random.below(most),
    )) {
      expect(body.body).toBeUndefined();
      // Sometimes it lies in the middle of what came.
      const before = random.chance(0.3) ? random.below(5_000) : 0;
      const around = new Uint8Array(before + chunk.length + (random.chance(0.3) ? random.below(100_000) : 0));
      around.set(chunk, before);
      body.add(around, before, before + chunk.length);
    }
    expect(body.missing).toBe(0);
    expect(Buffer.compare(body.body as Uint8Array, bytes)).toBe(0);
  }
});

test.each([1, 100, 1_460, 4_000, 8_191])(
  "pieces of %i bytes are copied together, once, into blocks that are no larger than what came before",
  (size) => {
    const memory = new Memory();
    const body = new PartialBody(512 * KIB, memory);
    const piece = new Uint8Array(size);
    let came = 0;
    let most = 0;
    while (came + size < 256 * KIB) {
      body.add(piece, 0, size);
      came += size;
      most = Math.max(most, memory.asked - 2 * came);
    }
    expect(most).toBeLessThanOrEqual(4 * KIB);
    expect(memory.asked).toBeLessThanOrEqual(came + 64 * KIB);
  },
);

test("large chunks are kept as they are until half is here; then there is one buffer, and one copy", () => {
  const memory = new Memory();
  const body = new PartialBody(1024 * KIB, memory);
  for (let came = 0; came < 7; came++) body.add(new Uint8Array(64 * KIB), 0, 64 * KIB);
  expect(memory.asked).toBe(0);
  body.add(new Uint8Array(64 * KIB), 0, 64 * KIB);
  expect(memory.asked).toBe(1024 * KIB);
  for (let came = 0; came < 8; came++) body.add(new Uint8Array(64 * KIB), 0, 64 * KIB);
  expect(memory.asked).toBe(1024 * KIB);
  expect(body.body?.length).toBe(1024 * KIB);
});

test("chunks that it keeps are given back when they are copied, but not those of others", () => {
  const memory = new Memory();
  const body = new PartialBody(1024 * KIB, memory);
  const chunks = Array.from({ length: 16 }, () => new Uint8Array(64 * KIB));
  const kept = chunks.map((chunk, at) => body.add(chunk, 0, 64 * KIB, at !== 2));
  expect(kept).toEqual(chunks.map((_, at) => at < 7));
  expect(memory.released.map((chunk) => chunks.indexOf(chunk as (typeof chunks)[number]))).toEqual([
    0, 1, 3, 4, 5, 6,
  ]);
});

test("a piece that is a small part of its chunk does not pin it", () => {
  const memory = new Memory();
  const body = new PartialBody(1024 * KIB, memory);
  body.add(new Uint8Array(64 * KIB), 0, 16 * KIB);
  expect(memory.asked).toBeGreaterThanOrEqual(16 * KIB);
});

test("the announcement alone asks for nothing, and its first byte for 4 KiB", () => {
  const memory = new Memory();
  const body = new PartialBody(2 ** 40, memory);
  expect(memory.asked).toBe(0);
  body.add(new Uint8Array(1), 0, 1);
  expect(memory.asked).toBe(4 * KIB);
});

test("when there is no memory the error says so", () => {
  const body = new PartialBody(100_000, {
    allocate() {
      throw new RangeError("Array buffer allocation failed");
    },
  });
  expect(() => body.add(new Uint8Array(60_000), 0, 60_000)).toThrow(NoMemoryError);
});
