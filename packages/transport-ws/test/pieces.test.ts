/** What is held of a message that is still coming: little more than what has come of it. */
import { expect, test } from "vitest";
import { Pieces } from "../src/pieces.js";

/** The bytes that the pieces add and the buffers that they pin, as `join` finds them. */
function join(pieces: Pieces): { body: Uint8Array; from: Set<ArrayBufferLike> } {
  const from = new Set<ArrayBufferLike>();
  const set = Uint8Array.prototype.set;
  Uint8Array.prototype.set = function (source, at): void {
    if (ArrayBuffer.isView(source)) from.add(source.buffer);
    set.call(this, source, at);
  };
  try {
    return { body: pieces.join(), from };
  } finally {
    Uint8Array.prototype.set = set;
  }
}

test("100,000 pieces of one byte, in chunks of 64 KiB, lie in a few blocks of about their size", () => {
  const pieces = new Pieces();
  const chunk = new Uint8Array(64 * 1024).fill(7);
  for (let count = 0; count < 100_000; count++) {
    pieces.add(chunk, count % 1000, (count % 1000) + 1);
    pieces.settle();
  }
  const { body, from } = join(pieces);
  expect(Buffer.compare(body, Buffer.alloc(100_000, 7))).toBe(0);
  expect(from.has(chunk.buffer)).toBe(false);
  expect([...from].reduce((sum, { byteLength }) => sum + byteLength, 0)).toBeLessThan(2 * 100_000 + 4_096);
});

test("the larger part of a chunk is kept, however many fragments it is; the smaller part is copied", () => {
  const pieces = new Pieces();
  const large = new Uint8Array(64 * 1024).fill(1);
  for (let at = 0; at < 40_000; at += 10_000) pieces.add(large, at + 10, at + 10_000);
  pieces.settle();
  const small = new Uint8Array(64 * 1024).fill(2);
  pieces.add(small, 0, 20_000);
  pieces.settle();
  const { body, from } = join(pieces);
  const expected = Buffer.concat([Buffer.alloc(39_960, 1), Buffer.alloc(20_000, 2)]);
  expect(Buffer.compare(body, expected)).toBe(0);
  expect(from.has(large.buffer)).toBe(true);
  expect(from.has(small.buffer)).toBe(false);
});

test("the order is that in which they came", () => {
  const pieces = new Pieces();
  const expected: number[] = [];
  for (let count = 0; count < 200; count++) {
    const chunk = new Uint8Array(count % 3 === 0 ? 2_000 : 20).fill(count);
    pieces.add(chunk, 0, chunk.length);
    if (count % 5 !== 4) pieces.settle();
    expected.push(...chunk);
  }
  expect(pieces.length).toBe(expected.length);
  expect(Array.from(pieces.join())).toEqual(expected);
});
