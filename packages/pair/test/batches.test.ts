import { afterEach, beforeEach, expect, test } from "vitest";
import { Pair0 } from "../src/index.js";

const decoder = new TextDecoder();
const texts = (batch: Uint8Array[]): string[] => batch.map((bytes) => decoder.decode(bytes));

let near: Pair0;
let far: Pair0;
beforeEach(async () => {
  near = new Pair0();
  far = new Pair0();
  const name = `inproc://batches-${Math.random()}`;
  await near.listen(name);
  await far.dial(name);
  await near.waitForPipes(1);
});
afterEach(() => {
  near.destroy();
  far.destroy();
});

const numbers = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, at) => String(from + at));
const sendAll = (some: string[]): void => {
  for (const text of some) expect(far.trySend(text)).toBe(true);
};

test("A batch that waited has all that came in the same go, in order", async () => {
  const batch = near.receiveBatch(256);
  sendAll(numbers(0, 100));
  expect(texts(await batch)).toEqual(numbers(0, 100));
});

test("A batch takes no more than it was asked for, and the next one goes on there", async () => {
  sendAll(numbers(0, 100));
  expect(texts(await near.receiveBatch(30))).toEqual(numbers(0, 30));
  expect(texts(await near.receiveBatch(1))).toEqual(["30"]);
  expect(near.readable).toBe(true);
  expect(decoder.decode(near.tryReceive())).toBe("31");
  expect(texts(await near.receiveBatch(1_000))).toEqual(numbers(32, 68));
  expect(near.readable).toBe(false);
});

test("Batches and single receives that wait together are served, and settle, in the order they came", async () => {
  const settled: string[] = [];
  const first = near.receiveBatch(10).then((batch) => settled.push(...texts(batch)));
  const second = near.receive().then((bytes) => settled.push(decoder.decode(bytes)));
  const third = near.receiveBatch(10).then((batch) => settled.push(...texts(batch)));
  sendAll(numbers(0, 12));
  await Promise.all([first, second, third]);
  const rest = near.readable ? texts(await near.receiveBatch(100)) : [];
  expect([...settled, ...rest]).toEqual(numbers(0, 12));
});

test("A close in the same go leaves a batch what it had got, and counts the rest", async () => {
  const batch = near.receiveBatch(256);
  sendAll(numbers(0, 5));
  near.destroy();
  const got = texts(await batch);
  expect(got).toEqual(numbers(0, got.length));
  expect(got.length).toBeGreaterThan(0);
  await expect(near.receiveBatch(1)).rejects.toThrow("closed");
});

test("A listener that receives while a batch is being filled takes nothing out of its middle", async () => {
  const stolen: string[] = [];
  sendAll(numbers(0, 50));
  near.addEventListener("pipeclose", () => {
    const bytes = near.tryReceive();
    if (bytes !== undefined) stolen.push(decoder.decode(bytes));
  });
  await far.close();
  const batch = texts(await near.receiveBatch(100));
  expect([...batch, ...stolen].map(Number).sort((a, b) => a - b)).toEqual(numbers(0, 50).map(Number));
  expect(batch).toEqual(numbers(0, batch.length));
});
