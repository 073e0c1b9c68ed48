import fc from "fast-check";
import { expect, test } from "vitest";
import { Fifo } from "../src/fifo.js";

test("gives back what was pushed, oldest first", () => {
  const fifo = new Fifo<string>();
  expect(fifo.shift()).toBeUndefined();
  expect(fifo.peek()).toBeUndefined();
  for (const item of ["a", "b", "c"]) fifo.push(item);
  expect(fifo.peek()).toBe("a");
  expect([fifo.shift(), fifo.shift(), fifo.shift(), fifo.shift()]).toEqual(["a", "b", "c", undefined]);
  expect(fifo.length).toBe(0);
});

test("forgets everything on clear and works on", () => {
  const fifo = new Fifo<number>();
  for (let item = 0; item < 100; item++) fifo.push(item);
  fifo.clear();
  expect([fifo.length, fifo.shift()]).toEqual([0, undefined]);
  fifo.push(7);
  expect(fifo.shift()).toBe(7);
});

test("keeps order through a burst that is let go when it has run empty", () => {
  const fifo = new Fifo<number>();
  for (let round = 0; round < 3; round++) {
    for (let item = 0; item < 5_000; item++) fifo.push(item);
    for (let item = 0; item < 5_000; item++) expect(fifo.shift()).toBe(item);
    expect(fifo.length).toBe(0);
  }
});

test("does what an array does, under any sequence of operations", () => {
  const operation = fc.oneof(
    { weight: 6, arbitrary: fc.constant("push" as const) },
    { weight: 4, arbitrary: fc.constant("shift" as const) },
    { weight: 1, arbitrary: fc.constant("peek" as const) },
    { weight: 1, arbitrary: fc.constant("clear" as const) },
  );
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 200 }), (operations) => {
      const fifo = new Fifo<number>();
      const model: number[] = [];
      operations.forEach((name, item) => {
        if (name === "push") {
          fifo.push(item);
          model.push(item);
        } else if (name === "shift") expect(fifo.shift()).toBe(model.shift());
        else if (name === "peek") expect(fifo.peek()).toBe(model[0]);
        else {
          fifo.clear();
          model.length = 0;
        }
        expect(fifo.length).toBe(model.length);
      });
    }),
  );
});
