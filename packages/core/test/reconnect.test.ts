import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Backoff } from "../src/reconnect.js";

/** Always the largest delay that is possible. */
const latest = (): number => 1 - Number.EPSILON;
const take = (backoff: Backoff, count: number): number[] =>
  Array.from({ length: count }, () => backoff.next());

describe("the delay before a reconnect", () => {
  test("does not grow without a maximum", () => {
    expect(take(new Backoff(1_000, 0, latest), 4)).toEqual([999, 999, 999, 999]);
  });

  test("doubles up to the maximum", () => {
    expect(take(new Backoff(100, 1_000, latest), 6)).toEqual([99, 199, 399, 799, 999, 999]);
  });

  test("is uniform from 0 on: chance decides where in the range", () => {
    expect(take(new Backoff(1_000, 0, () => 0), 2)).toEqual([0, 0]);
    expect(new Backoff(1_000, 0, () => 0.25).next()).toBe(250);
  });

  test("is 0 when the minimum is 0, however large the maximum", () => {
    expect(take(new Backoff(0, 5_000, latest), 3)).toEqual([0, 0, 0]);
  });

  test("takes the minimum first and then a smaller maximum", () => {
    expect(take(new Backoff(1_000, 100, latest), 3)).toEqual([999, 99, 99]);
  });

  test("begins again after a reset", () => {
    const backoff = new Backoff(100, 10_000, latest);
    take(backoff, 4);
    backoff.reset();
    expect(take(backoff, 2)).toEqual([99, 199]);
  });

  test("begins again when the minimum changes, and goes on when only the maximum does", () => {
    const backoff = new Backoff(100, 10_000, latest);
    take(backoff, 3);
    backoff.configure(100, 20_000);
    expect(backoff.next()).toBe(799);
    backoff.configure(10, 20_000);
    expect(take(backoff, 2)).toEqual([9, 19]);
  });

  test("stays a number that timers understand when nothing limits it", () => {
    const backoff = new Backoff(1_000, Number.POSITIVE_INFINITY, latest);
    const delays = take(backoff, 2_000);
    expect(delays.at(-1)).toBe(2 ** 31 - 2);
    expect(new Backoff(Number.POSITIVE_INFINITY, 0, () => 0).next()).toBe(0);
  });

  test("is a whole number below its limit, whatever the limits", () => {
    const limit = fc.integer({ min: 0, max: 100_000 });
    const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(
        limit,
        limit,
        fc.array(chance, { minLength: 1, maxLength: 30 }),
        (minimum, maximum, chances) => {
          let turn = 0;
          const backoff = new Backoff(minimum, maximum, () => chances[turn++ % chances.length] as number);
          let current = minimum;
          for (const _ of chances) {
            const delay = backoff.next();
            expect(Number.isInteger(delay) && delay >= 0 && delay < Math.max(current, 1)).toBe(true);
            if (maximum > 0) current = Math.min(current * 2, maximum);
          }
        },
      ),
    );
  });
});
