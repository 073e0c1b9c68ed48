import { describe, expect, test } from "vitest";
import { BadTypeError, InvalidOperationError } from "../src/errors.js";
import {
  bytes,
  callback,
  choice,
  count,
  duration,
  flag,
  list,
  type OptionRule,
  shaped,
  text,
} from "../src/options.js";

const FOREVER = Number.POSITIVE_INFINITY;

/** Good values and what is stored; bad values with the error and the end of its text. */
interface Row {
  readonly rule: OptionRule;
  readonly good: readonly (readonly [unknown, unknown])[];
  readonly badType: readonly (readonly [unknown, string])[];
  readonly badRange?: readonly (readonly [unknown, string])[];
}

const run = (): void => undefined;
const clock = { now: run, setTimer: run };

const table: Readonly<Record<string, Row>> = {
  duration: {
    rule: duration({ default: 10 }),
    good: [
      [0, 0],
      [0.5, 0.5],
      [1_000, 1_000],
      [2 ** 40, 2 ** 40],
      [FOREVER, FOREVER],
      [undefined, FOREVER],
    ],
    badType: [
      ["1000", "a string; it takes a number: 0 or more ms, or Infinity for no limit."],
      [null, "null; it takes a number"],
      [true, "a boolean; it takes a number"],
      [10n, "a bigint; it takes a number"],
      [{}, "an object; it takes a number"],
      [new Date(0), "an object of type Date; it takes a number"],
    ],
    badRange: [
      [-1, "-1; it takes 0 or more ms, or Infinity for no limit (not -1)."],
      [Number.NaN, "NaN; it takes 0 or more ms"],
      [-FOREVER, "-Infinity; it takes 0 or more ms"],
    ],
  },
  "duration with a maximum": {
    rule: duration({ default: 10, max: 5_000 }),
    good: [[5_000, 5_000]],
    badType: [[undefined, "undefined; it takes a number: 0 to 5000 ms."]],
    badRange: [
      [5_001, "5001; it takes 0 to 5000 ms."],
      [FOREVER, "Infinity; it takes 0 to 5000 ms."],
    ],
  },
  count: {
    rule: count({ default: 8, min: 1, max: 15 }),
    good: [
      [1, 1],
      [15, 15],
    ],
    badType: [
      ["8", "a string; it takes a whole number from 1 to 15."],
      [[8], "an array; it takes a whole number from 1 to 15."],
    ],
    badRange: [
      [0, "0; it takes a whole number from 1 to 15."],
      [16, "16; it takes a whole number"],
      [1.5, "1.5; it takes a whole number"],
      [Number.NaN, "NaN; it takes a whole number"],
      [FOREVER, "Infinity; it takes a whole number"],
    ],
  },
  "count without a maximum": {
    rule: count({ default: 1 }),
    good: [
      [0, 0],
      [FOREVER, FOREVER],
    ],
    badType: [[run, "a function; it takes a whole number from 0, or Infinity."]],
    badRange: [
      [-1, "-1; it takes a whole number from 0, or Infinity (not -1)."],
      [2 ** 53, "9007199254740992; it takes a whole number"],
    ],
  },
  bytes: {
    rule: bytes({ default: 100, min: 1, max: 1_000 }),
    good: [[1_000, 1_000]],
    badType: [["1k", "a string; it takes a whole number from 1 to 1000 bytes."]],
    badRange: [
      [0, "0; it takes a whole number from 1 to 1000 bytes."],
      [FOREVER, "Infinity; it takes a whole number from 1 to 1000 bytes."],
    ],
  },
  "bytes where 0 means no limit": {
    rule: bytes({ default: 100, zeroIsInfinite: true }),
    good: [
      [0, FOREVER],
      [FOREVER, FOREVER],
      [7, 7],
    ],
    badType: [[undefined, "undefined; it takes a whole number from 0 bytes, 0 for no limit, or Infinity."]],
    badRange: [[-1, "(not -1)."]],
  },
  flag: {
    rule: flag(false),
    good: [
      [true, true],
      [false, false],
    ],
    badType: [
      [1, "a number; it takes true or false."],
      ["true", "a string; it takes true or false."],
      [undefined, "undefined; it takes true or false."],
    ],
  },
  text: {
    rule: text({ default: undefined, maxLength: 4 }),
    good: [
      ["", ""],
      ["name", "name"],
    ],
    badType: [
      [7, "a number; it takes a string."],
      [undefined, "undefined; it takes a string."],
    ],
    badRange: [["names", "a string of 5 characters; it takes at most 4 characters."]],
  },
  choice: {
    rule: choice(["auto", "wait"], "auto"),
    good: [["wait", "wait"]],
    badType: [[0, 'a number; it takes one of "auto", "wait".']],
    badRange: [
      ["Wait", '"Wait"; it takes one of "auto", "wait".'],
      ["\u001b".repeat(100), `${"\\u{1b}".repeat(64)}…"; it takes one of`],
    ],
  },
  callback: {
    rule: callback(),
    good: [
      [run, run],
      [undefined, undefined],
    ],
    badType: [
      [null, "null; it takes a function."],
      ["run", "a string; it takes a function."],
    ],
  },
  list: {
    rule: list({ default: [], maxLength: 2, item: count({ default: 0, max: 9 }).parse }),
    good: [
      [[], []],
      [
        [1, 2],
        [1, 2],
      ],
    ],
    badType: [
      ["12", "a string; it takes an array."],
      [new Set([1]), "an object of type Set; it takes an array."],
      [[1, "2"], "Option given[1] was given a string; it takes a whole number"],
      [new Array(1), "Option given[0] was given undefined"],
    ],
    badRange: [
      [[1, 2, 3], "an array of 3; it takes at most 2 members."],
      [[10], "Option given[0] was given 10"],
    ],
  },
  shaped: {
    rule: shaped({ default: clock, what: "a clock", methods: ["now", "setTimer"] }),
    good: [[clock, clock]],
    badType: [
      [null, "null; it takes a clock with now(), setTimer()."],
      [{ now: run }, "an object without setTimer(); it takes a clock with now(), setTimer()."],
    ],
  },
};

describe.each(Object.entries(table))("a %s option", (_, { rule, good, badType, badRange = [] }) => {
  test.each(good)("stores %s as %s", (value, stored) => {
    expect(rule.parse(value, "given")).toEqual(stored);
  });

  test.each(badType)("says of %s that the type is wrong: %s", (value, reason) => {
    expect(() => rule.parse(value, "given")).toThrow(BadTypeError);
    expect(() => rule.parse(value, "given")).toThrow(reason);
    expect(() => rule.parse(value, "given")).toThrow(/^Option given(\[\d\])? was given /);
  });

  test.each(badRange)("says of %s that it is out of range: %s", (value, reason) => {
    expect(() => rule.parse(value, "given")).toThrow(InvalidOperationError);
    expect(() => rule.parse(value, "given")).toThrow(reason);
  });
});

describe("a list option", () => {
  test("is a frozen copy, which later changes of the array do not reach", () => {
    const given = [1];
    const stored = list({ default: [], item: (value) => value }).parse(given, "given");
    given.push(2);
    expect(stored).toEqual([1]);
    expect(Object.isFrozen(stored)).toBe(true);
  });
});

describe("the scope of an option", () => {
  test("is the socket alone, fixed, unless said otherwise", () => {
    expect(flag(true)).toMatchObject({
      default: true,
      socket: true,
      endpoint: false,
      context: false,
      writable: false,
    });
    expect(duration({ default: 1, endpoint: true, writable: true })).toMatchObject({
      endpoint: true,
      writable: true,
    });
    expect(choice(["a"], "a", { socket: false, context: true })).toMatchObject({
      socket: false,
      context: true,
    });
  });
});
