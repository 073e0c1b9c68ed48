import { expect, it } from "vitest";
import { largestInteger, parseInteger } from "../src/cat/integer.js";

it.each([
  ["0", 0],
  ["08", 8],
  ["65536", 65_536],
  ["2147483647", 2_147_483_647],
])("reads %s", (text, value) => {
  expect(parseInteger(text, largestInteger)).toBe(value);
});

it.each([
  ["", "Empty integer argument."],
  ["x", "Integer argument expected."],
  ["-1", "Integer argument expected."],
  ["+1", "Integer argument expected."],
  [" 1", "Integer argument expected."],
  ["1 ", "Integer argument expected."],
  ["1.5", "Integer argument expected."],
  ["0x10", "Integer argument expected."],
  ["1k", "Integer argument expected."],
  ["2147483648", "Integer argument overflow."],
  ["4294967295", "Integer argument overflow."],
  ["99999999999999999999999", "Integer argument overflow."],
  ["2147483648x", "Integer argument expected."],
])("refuses %j: %s", (text, complaint) => {
  expect(() => parseInteger(text, largestInteger)).toThrow(complaint);
});

it("refuses what is above the limit, also when something worse follows", () => {
  expect(() => parseInteger("86401", 86_400)).toThrow("Integer argument too large.");
  expect(() => parseInteger("99999999x", 86_400)).toThrow("Integer argument too large.");
  expect(() => parseInteger("x99999999", 86_400)).toThrow("Integer argument expected.");
  expect(parseInteger("86400", 86_400)).toBe(86_400);
});

it("wraps at 32 bits where C does", () => {
  expect(parseInteger("4294967296", largestInteger)).toBe(0);
  expect(parseInteger("4294967297", largestInteger)).toBe(1);
  expect(parseInteger("9999999999", largestInteger)).toBe(1_410_065_407);
  expect(parseInteger("99999999999999999999", largestInteger)).toBe(1_661_992_959);
});
