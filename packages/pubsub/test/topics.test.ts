/** The tree of topics says what a list of them would say. */
import { SeededRandom } from "@sprocket/testing";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { Topics } from "../src/topics.js";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Few different bytes and short, so that topics are often the beginning of one another. */
const short = fc.uint8Array({ max: 2, maxLength: 5 });

/** The same, written so that nobody can doubt it. */
class Model {
  readonly topics = new Set<string>();

  matches(message: Uint8Array): boolean {
    const text = message.join(".");
    return [...this.topics].some((topic) => topic === "" || text === topic || text.startsWith(`${topic}.`));
  }
}

test("whatever is added and deleted in whatever order, a message matches as it does in a list", () => {
  const step = fc.record({ adds: fc.boolean(), topic: short, message: short });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const topics = new Topics();
      const model = new Model();
      for (const { adds, topic, message } of steps) {
        const key = topic.join(".");
        if (adds) {
          expect(topics.add(topic)).toBe(!model.topics.has(key));
          model.topics.add(key);
        } else {
          expect(topics.delete(topic)).toBe(model.topics.delete(key));
        }
        expect(topics.size).toBe(model.topics.size);
        expect(topics.matches(message)).toBe(model.matches(message));
        const among = Uint8Array.of(2, ...message, 2, 1);
        expect(topics.matches(among, 1, 1 + message.length)).toBe(model.matches(message));
      }
    }),
    { numRuns: 300 },
  );
});

test("of 10,000 topics each is found, and none that is not there", () => {
  const topics = new Topics();
  for (let count = 0; count < 10_000; count++) topics.add(bytes(`topic/${count}/`));
  expect(topics.size).toBe(10_000);
  let found = 0;
  let strange = 0;
  for (let count = 0; count < 10_000; count++) {
    if (topics.matches(bytes(`topic/${count}/value`))) found++;
    if (topics.matches(bytes(`topic/${count + 10_000}/`))) strange++;
  }
  expect([found, strange]).toEqual([10_000, 0]);
  for (let count = 0; count < 10_000; count++) topics.delete(bytes(`topic/${count}/`));
  expect(topics.size).toBe(0);
  expect(topics.matches(bytes("topic/1/"))).toBe(false);
});

test("a topic of 100,000 bytes is one topic, and needs no stack", () => {
  const topics = new Topics();
  const long = new Uint8Array(100_000);
  topics.add(long);
  expect(topics.matches(new Uint8Array(100_001))).toBe(true);
  expect(topics.matches(new Uint8Array(99_999))).toBe(false);
  expect(topics.delete(long)).toBe(true);
  expect(topics.matches(new Uint8Array(100_001))).toBe(false);
});

test("deleting a topic keeps those that it begins, and those that begin it", () => {
  const topics = new Topics();
  for (const topic of ["a", "ab", "abc"]) topics.add(bytes(topic));
  topics.delete(bytes("ab"));
  topics.delete(bytes("a"));
  expect(topics.matches(bytes("ab"))).toBe(false);
  expect(topics.matches(bytes("abcd"))).toBe(true);
});

/** Steps from byte to byte that a question takes. */
function steps(ask: () => unknown): number {
  const get = vi.spyOn(Map.prototype, "get");
  ask();
  const count = get.mock.calls.length;
  get.mockRestore();
  return count;
}

test("the price of an answer is the length of a topic, not their number", () => {
  const random = new SeededRandom(7);
  const set = new Topics();
  for (let count = 0; count < 10_000; count++) set.add(random.bytes(12));
  expect(set.size).toBe(10_000);
  const long = new Uint8Array(1_000_000).fill(0x61);
  expect(steps(() => set.matches(long))).toBeLessThanOrEqual(12);
  const hit = random.bytes(12);
  set.add(hit);
  expect(steps(() => set.matches(hit))).toBe(12);
});

test("branches that lead to no topic any more are let go", () => {
  const set = new Topics();
  for (const topic of ["abcdef", "abx"]) set.add(bytes(topic));
  set.delete(bytes("abcdef"));
  expect(steps(() => set.matches(bytes("abcdef")))).toBe(3);
});

test("topics are bytes: neither UTF-8 nor letters mean anything", () => {
  const set = new Topics();
  set.add(new Uint8Array([0xff, 0x00, 0xc3]));
  expect(set.matches(new Uint8Array([0xff, 0x00, 0xc3, 0x28]))).toBe(true);
  expect(set.matches(new Uint8Array([0xff, 0x00]))).toBe(false);
});
