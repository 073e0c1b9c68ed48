import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { IdSequence } from "../src/ids.js";

const MAX = 0x7fffffff;
const unit = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe("ids", () => {
  test("start at a random place and count up by one", () => {
    const ids = new IdSequence(() => 0.5);
    expect([ids.next(), ids.next(), ids.next()]).toEqual([0x40000000, 0x40000001, 0x40000002]);
  });

  test("wrap from the highest to 1, never 0", () => {
    const ids = new IdSequence(() => MAX / 2 ** 31);
    expect([ids.next(), ids.next(), ids.next()]).toEqual([MAX, 1, 2]);
    expect(new IdSequence(() => 0).next()).toBe(1);
  });

  test("with the high bit wrap from 0xffffffff to 0x80000000", () => {
    const ids = new IdSequence(() => MAX / 2 ** 31, { highBit: true });
    expect([ids.next(), ids.next(), ids.next()]).toEqual([0xffffffff, 0x80000000, 0x80000001]);
    expect(new IdSequence(() => 0, { highBit: true }).next()).toBe(0x80000000);
  });

  test("pass over those in use", () => {
    const ids = new IdSequence(() => 0);
    const used = new Set([1, 2, 4]);
    const inUse = (id: number): boolean => used.has(id);
    expect([ids.next(inUse), ids.next(inUse), ids.next(inUse)]).toEqual([3, 5, 6]);
  });

  test("ask for chance once", () => {
    let asked = 0;
    const ids = new IdSequence(() => {
      asked++;
      return 0.1;
    });
    for (let count = 0; count < 10; count++) ids.next();
    expect(asked).toBe(1);
  });

  test("stay in their range, whole and distinct", () => {
    fc.assert(
      fc.property(unit, fc.boolean(), (start, highBit) => {
        const ids = new IdSequence(() => start, { highBit });
        const seen = Array.from({ length: 20 }, () => ids.next());
        const [low, high] = highBit ? [0x80000000, 0xffffffff] : [1, MAX];
        expect(seen.every((id) => Number.isInteger(id) && id >= low && id <= high)).toBe(true);
        expect(new Set(seen).size).toBe(20);
      }),
    );
  });
});
