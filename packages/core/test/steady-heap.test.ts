import { beforeEach, expect, test, vi } from "vitest";

const KIB = 1024;
const MIB = 1024 * KIB;

/** A copy of the module in which nothing has happened yet. */
async function fresh(): Promise<typeof import("../src/stream/steady-heap.js")> {
  vi.resetModules();
  return import("../src/stream/steady-heap.js");
}

let asked: Buffer[];
let lengths: number[];

function allocate(length: number): Buffer {
  lengths.push(length);
  const block = Buffer.allocUnsafeSlow(length);
  asked.push(block);
  return block;
}

beforeEach(() => {
  asked = [];
  lengths = [];
});

test("before the first large block, and only then, one of 16 MiB comes and goes", async () => {
  const { allocateSteadily } = await fresh();
  expect(allocateSteadily(allocate, 64 * KIB).length).toBe(64 * KIB);
  expect(lengths).toEqual([64 * KIB]);
  expect(allocateSteadily(allocate, 128 * KIB).length).toBe(128 * KIB);
  expect(lengths).toEqual([64 * KIB, 16 * MIB, 128 * KIB]);
  expect(asked[1]?.length).toBe(0);
  allocateSteadily(allocate, MIB);
  expect(lengths.slice(3)).toEqual([MIB]);
});

test("where there is no memory for it the large block comes all the same", async () => {
  const { allocateSteadily } = await fresh();
  const tight = (length: number): Buffer => {
    if (length > 4 * MIB) throw new RangeError("Array buffer allocation failed");
    return allocate(length);
  };
  expect(allocateSteadily(tight, MIB).length).toBe(MIB);
  expect(allocateSteadily(tight, 2 * MIB).length).toBe(2 * MIB);
  expect(lengths).toEqual([MIB, 2 * MIB]);
});
