import { afterEach, describe, expect, test, vi } from "vitest";
import { macrotask } from "../src/macrotask.js";

afterEach(() => {
  vi.unstubAllGlobals();
});

/** Where runtimes differ: which way to the next turn they have. */
const runtimes: readonly (readonly [string, readonly string[]])[] = [
  ["setImmediate", []],
  ["MessageChannel, as in browsers,", ["setImmediate"]],
  ["setTimeout alone", ["setImmediate", "MessageChannel"]],
];

describe.each(runtimes)("with %s", (_, missing) => {
  test("callbacks run in order, after this turn and its microtasks", async () => {
    for (const name of missing) vi.stubGlobal(name, undefined);
    const order: string[] = [];
    const done = new Promise<void>((resolve) => {
      macrotask(() => order.push("first"));
      macrotask(() => {
        order.push("second");
        resolve();
      });
    });
    queueMicrotask(() => order.push("microtask"));
    order.push("this turn");
    await done;
    expect(order).toEqual(["this turn", "microtask", "first", "second"]);
  });
});
