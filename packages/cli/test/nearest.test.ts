import { expect, it } from "vitest";
import { nearest } from "../src/nearest.js";

it.each([
  ["cta", "cat"],
  ["kat", "cat"],
  ["cats", "cat"],
  ["ct", "cat"],
  ["bnech", "bench"],
])("takes %s for %s", (typed, meant) => {
  expect(nearest(typed, ["cat", "bench"])).toBe(meant);
});

it("makes no guess when nothing is near", () => {
  expect(nearest("deploy", ["cat", "bench"])).toBeUndefined();
  expect(nearest("x", ["cat"])).toBeUndefined();
});
