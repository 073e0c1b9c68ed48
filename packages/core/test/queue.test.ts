import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Message } from "../src/message.js";
import { MessageQueue } from "../src/queue.js";

const message = (body: string | Uint8Array): Message => new Message(body);
const bodies = (messages: readonly (Message | undefined)[]): (string | undefined)[] =>
  messages.map((each) => each?.text());

function filled(capacity: number, ...texts: string[]): MessageQueue {
  const queue = new MessageQueue(capacity);
  for (const text of texts) expect(queue.push(message(text))).toBe(true);
  return queue;
}

function drained(queue: MessageQueue): (string | undefined)[] {
  const all: (Message | undefined)[] = [];
  while (queue.length > 0) all.push(queue.shift());
  return bodies(all);
}

describe("a queue", () => {
  test("gives messages back oldest first", () => {
    const queue = filled(8, "a", "b", "c");
    expect(bodies([queue.peek(), queue.shift(), queue.shift(), queue.shift(), queue.shift()])).toEqual([
      "a",
      "a",
      "b",
      "c",
      undefined,
    ]);
  });

  test("takes its capacity and not one more, also where that is no power of two", () => {
    const queue = new MessageQueue(5);
    for (let count = 0; count < 5; count++) {
      expect(queue.full).toBe(false);
      expect(queue.push(message("x"))).toBe(true);
    }
    expect(queue.full).toBe(true);
    expect(queue.push(message("x"))).toBe(false);
    expect(queue.length).toBe(5);
  });

  test("of capacity 0 takes nothing", () => {
    const queue = new MessageQueue(0);
    expect([queue.full, queue.push(message("x")), queue.shift(), queue.peek(), queue.popNewest()]).toEqual([
      true,
      false,
      undefined,
      undefined,
      undefined,
    ]);
  });

  test("takes views as they are, and makes the newest of them safe to keep when it is told", () => {
    const queue = new MessageQueue(12);
    const chunk = new Uint8Array(256);
    for (let at = 0; at < 5; at++) queue.push(message("x"));
    for (let at = 0; at < 5; at++) queue.shift();
    // Around the end of the ring.
    for (let at = 0; at < 6; at++) expect(queue.pushView(Message.received(chunk, at, at + 1))).toBe(true);
    queue.retainNewest(4);
    const pinned = (): number | undefined => queue.shift()?.body.buffer.byteLength;
    expect([pinned(), pinned(), pinned()]).toEqual([256, 256, 1]);
    queue.retainNewest(99);
    expect([pinned(), pinned(), pinned(), pinned()]).toEqual([1, 1, 1, undefined]);
    queue.retainNewest(1);
    expect(new MessageQueue(0).pushView(message("x"))).toBe(false);
  });

  test("counts bytes with headers", () => {
    const queue = new MessageQueue(8);
    queue.push(new Message("body", { header: new Uint8Array(4) }));
    queue.push(message(""));
    queue.push(message("12"));
    expect(queue.bytes).toBe(10);
    queue.shift();
    expect(queue.bytes).toBe(2);
    queue.popNewest();
    queue.shift();
    expect(queue.bytes).toBe(0);
  });

  test("is full in bytes once they reach the limit, which one message may pass", () => {
    const queue = new MessageQueue(100, 10);
    expect(queue.push(message("123456789"))).toBe(true);
    expect(queue.push(message("a long one"))).toBe(true);
    expect([queue.full, queue.bytes, queue.push(message(""))]).toEqual([true, 19, false]);
    queue.shift();
    expect(queue.full).toBe(true);
    queue.shift();
    expect(queue.full).toBe(false);
  });

  test("gives up the newest on request", () => {
    const queue = filled(3, "a", "b", "c");
    expect(queue.popNewest()?.text()).toBe("c");
    expect(queue.push(message("d"))).toBe(true);
    expect(drained(queue)).toEqual(["a", "b", "d"]);
  });

  test("says how many messages it forgot", () => {
    const queue = filled(8, "a", "b", "c");
    expect([queue.clear(), queue.clear(), queue.length, queue.bytes]).toEqual([3, 0, 0, 0]);
    expect(queue.push(message("d"))).toBe(true);
    expect(drained(queue)).toEqual(["d"]);
  });

  test("that shrinks returns the newest that no longer fit, in order", () => {
    const queue = filled(8, "a", "b", "c", "d");
    expect(bodies(queue.resize(2))).toEqual(["c", "d"]);
    expect([queue.capacity, queue.full, queue.bytes]).toEqual([2, true, 2]);
    expect(drained(queue)).toEqual(["a", "b"]);
  });

  test("that grows takes more", () => {
    const queue = filled(1, "a");
    expect(queue.resize(20)).toEqual([]);
    for (let count = 1; count < 20; count++) expect(queue.push(message("x"))).toBe(true);
    expect(queue.push(message("x"))).toBe(false);
  });

  test("can be thinned out by a rule, keeping the order", () => {
    const queue = filled(8, "a1", "b22", "a333", "b4444");
    expect(bodies(queue.filter((each) => each.text().startsWith("a")))).toEqual(["b22", "b4444"]);
    expect([queue.length, queue.bytes]).toEqual([2, 6]);
    expect(drained(queue)).toEqual(["a1", "a333"]);
  });

  test("stays as it was when the rule throws", () => {
    const queue = filled(8, "a", "b");
    const rule = (each: Message): boolean => {
      if (each.text() === "b") throw new Error("rule");
      return false;
    };
    expect(() => queue.filter(rule)).toThrow("rule");
    expect(drained(queue)).toEqual(["a", "b"]);
  });

  test("keeps messages whatever their lender does with the bytes", () => {
    const queue = new MessageQueue(1);
    const bytes = new Uint8Array([1, 2, 3]);
    queue.push(Message.from(bytes));
    bytes.fill(9);
    expect(queue.shift()?.body).toEqual(new Uint8Array([1, 2, 3]));
  });

  test("leaves a message that it refuses untouched", () => {
    const bytes = new Uint8Array([1, 2, 3]);
    const lent = Message.from(bytes);
    expect(new MessageQueue(0).push(lent)).toBe(false);
    expect(lent.body).toBe(bytes);
  });

  test("pins no large chunk for a small message", () => {
    const queue = new MessageQueue(1);
    queue.push(Message.received(new Uint8Array(65_536), 8, 24));
    expect(queue.shift()?.body.buffer.byteLength).toBe(16);
  });
});

test("does what an array does, under any sequence of operations", () => {
  const operation = fc.oneof(
    fc.record({ name: fc.constant("push" as const), size: fc.integer({ min: 0, max: 20 }) }),
    fc.record({ name: fc.constantFrom("shift" as const, "popNewest" as const), size: fc.constant(0) }),
    fc.record({ name: fc.constantFrom("resize" as const), size: fc.integer({ min: 0, max: 40 }) }),
    fc.record({ name: fc.constant("filter" as const), size: fc.integer({ min: 1, max: 4 }) }),
  );
  const capacity = fc.integer({ min: 0, max: 40 });
  const maxBytes = fc.integer({ min: 1, max: 300 });
  fc.assert(
    fc.property(capacity, maxBytes, fc.array(operation, { maxLength: 150 }), (first, limit, operations) => {
      const queue = new MessageQueue(first, limit);
      let model: Message[] = [];
      let room = first;
      const bytes = (): number => model.reduce((sum, each) => sum + each.size, 0);
      for (const { name, size } of operations) {
        if (name === "push") {
          const fits = model.length < room && bytes() < limit;
          const next = message(new Uint8Array(size));
          expect(queue.full).toBe(!fits);
          expect(queue.push(next)).toBe(fits);
          if (fits) model.push(next);
        } else if (name === "shift") expect(queue.shift()).toBe(model.shift());
        else if (name === "popNewest") expect(queue.popNewest()).toBe(model.pop());
        else if (name === "resize") {
          room = size;
          expect(queue.resize(size)).toEqual(model.splice(size));
        } else {
          const keep = (each: Message): boolean => each.size % size !== 0;
          expect(queue.filter(keep)).toEqual(model.filter((each) => !keep(each)));
          model = model.filter(keep);
        }
        expect([queue.length, queue.bytes, queue.peek()]).toEqual([model.length, bytes(), model[0]]);
      }
    }),
  );
});
