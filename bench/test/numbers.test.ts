/** Medians, short numbers, parts and text tables. */
import { expect, test } from "vitest";
import { digits, median, percent, short, table } from "../src/numbers.js";

test("a median is the middle, whatever the order, or between the two in the middle", () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([10, 1, 3, 4])).toBe(3.5);
  expect(median([7])).toBe(7);
  // By size, not by text.
  expect(median([2, 10, 9])).toBe(9);
});

test("a median changes nothing in what it was given", () => {
  const values = [3, 1, 2];
  median(values);
  expect(values).toEqual([3, 1, 2]);
});

test("numbers are told with three telling digits", () => {
  expect([6_666_666, 286_111, 1_350, 24.52, 4.25, 0.5].map(short)).toEqual([
    "6.67M",
    "286k",
    "1.35k",
    "24.5",
    "4.25",
    "0.50",
  ]);
  expect(digits(123.4)).toBe("123");
});

test("no loss is told as such, and the least loss is not rounded away", () => {
  expect([0, 0.000_001, 0.25, 0.986, 1].map(percent)).toEqual([
    "0 %",
    "<0.01 %",
    "25.0 %",
    "98.6 %",
    "100 %",
  ]);
});

test("a table aligns its first column to the left and the others to the right", () => {
  expect(
    table([
      ["", "a", "long"],
      ["name", "1234", "5"],
    ]),
  ).toBe("           a  long\n  name  1234     5");
});
