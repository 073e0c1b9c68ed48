import { markAsUntransferable } from "node:worker_threads";
import { expect, test } from "vitest";
import { discard } from "../src/stream/discard.js";
import { nodeMemory } from "../src/stream/node-memory.js";

const KIB = 1024;

test("a buffer that is discarded is gone, and the next ones as well", () => {
  for (let round = 0; round < 100; round++) {
    const bytes = Buffer.allocUnsafeSlow(64 * KIB);
    const { buffer } = bytes;
    discard(bytes);
    expect([bytes.length, buffer.byteLength]).toEqual([0, 0]);
  }
});

test("where buffers can be transferred, it is transferred to nothing", () => {
  const bytes = new Uint8Array(64 * KIB);
  const lengths: number[] = [];
  Object.assign(bytes.buffer, { transfer: (length: number) => lengths.push(length) });
  discard(bytes);
  expect(lengths).toEqual([0]);
});

test("a buffer that must not be transferred stays as it is", () => {
  const bytes = new Uint8Array(64 * KIB).fill(7);
  markAsUntransferable(bytes.buffer);
  discard(bytes);
  expect(bytes.every((byte) => byte === 7)).toBe(true);
});

test("a part of a buffer, and what is small, stays", () => {
  const parts = [
    new Uint8Array(64 * KIB).subarray(1),
    new Uint8Array(64 * KIB).subarray(0, 64 * KIB - 1),
    new Uint8Array(16 * KIB - 1),
    new Uint8Array(0),
  ];
  const lengths = parts.map((part) => part.length);
  for (const part of parts) discard(part);
  expect(parts.map((part) => part.length)).toEqual(lengths);
});

test("only Node's own sockets are known to leave their chunks to us", () => {
  const allocate = (length: number): Uint8Array => new Uint8Array(length);
  expect(nodeMemory({ node: "20.0.0" }, allocate).release).toBe(discard);
  expect(nodeMemory({ node: "20.0.0", bun: "1.0.0" }, allocate).release).toBeUndefined();
  expect(nodeMemory({ node: "20.0.0", deno: "2.0.0" }, allocate).release).toBeUndefined();
});
