import { afterEach, expect, test, vi } from "vitest";
import { concat, fuzz, fuzzSeed, mutate, mutators, SeededRandom, split } from "../src/index.js";

afterEach(() => vi.unstubAllEnvs());

test("the same seed gives the same chance", () => {
  const draw = (seed: number): number[] => {
    const random = new SeededRandom(seed);
    return Array.from({ length: 20 }, () => random.uint32());
  };
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).not.toEqual(draw(8));
  expect(draw(0)).not.toEqual(draw(1));
});

test("chance stays in its bounds and reaches both ends", () => {
  const random = new SeededRandom(1);
  const seen = new Set<number>();
  for (let count = 0; count < 2_000; count++) {
    const value = random.between(3, 6);
    expect(value >= 3 && value <= 6).toBe(true);
    seen.add(value);
    const float = random.float();
    expect(float >= 0 && float < 1).toBe(true);
  }
  expect(seen.size).toBe(4);
  expect(() => random.pick([])).toThrow(RangeError);
});

test("a failure names the seed that repeats it as the first run", async () => {
  const seen: number[] = [];
  const failure = await fuzz({ runs: 100, seed: 1_000 }, (random, run) => {
    seen.push(random.uint32());
    if (run === 5) throw new Error("found");
  }).catch((error: Error) => error);
  const seed = Number(/SPROCKET_SEED=(\d+)/.exec(String(failure))?.[1]);
  expect(seed).toBe(1_005);
  expect((failure as Error).cause).toMatchObject({ message: "found" });
  expect(new SeededRandom(seed).uint32()).toBe(seen[5]);
});

test("the seed comes from the environment where it is given", () => {
  vi.stubEnv("SPROCKET_SEED", "0x10");
  expect(fuzzSeed()).toBe(16);
  vi.stubEnv("SPROCKET_SEED", "many");
  expect(() => fuzzSeed()).toThrow(RangeError);
});

test("a budget ends a run early, and says how far it came", async () => {
  expect(await fuzz({ runs: 10 }, () => undefined)).toBe(10);
  expect(await fuzz({ runs: 1_000_000, budget: 0 }, () => undefined)).toBe(64);
});

test("mutations change a copy, also of nothing", () => {
  const random = new SeededRandom(2);
  const bytes = random.bytes(20);
  const before = bytes.slice();
  for (const mutator of Object.values(mutators)) {
    for (let count = 0; count < 50; count++) {
      mutator(bytes, random);
      mutator(new Uint8Array(0), random);
    }
  }
  for (let count = 0; count < 100; count++) mutate(bytes, random);
  expect(bytes).toEqual(before);
});

test("pieces put together are the whole, and none is empty", () => {
  const random = new SeededRandom(3);
  for (let count = 0; count < 200; count++) {
    const bytes = random.bytes(random.below(600));
    const pieces = split(bytes, random);
    expect(pieces.every((piece) => piece.length > 0)).toBe(true);
    expect(concat(...pieces)).toEqual(bytes);
  }
});
