/** Received messages of protocols that drop: one chance for the reader, then the policy. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Overflow } from "../src/fan-out.js";
import { LossyQueue, PipeHolds } from "../src/lossy-queue.js";
import { Message } from "../src/message.js";
import { FakeHost, FakePipe, someOperations } from "./support/fake-host.js";

class Fixture {
  readonly host = new FakeHost();
  readonly holds = new PipeHolds(this.host);
  readonly pipe = new FakePipe();
  readonly queue: LossyQueue;

  constructor(capacity: number, overflow: Overflow = "drop-oldest") {
    this.queue = new LossyQueue(this.host, this.holds, capacity, overflow);
  }

  put(body: string, pipe = this.pipe, queue = this.queue): void {
    queue.put(pipe.message(body), pipe, someOperations);
  }

  /** As a pipe delivers them: until it is told to wait. Says how many it gave. */
  burst(from: number, to: number): number {
    let given = 0;
    for (let count = from; count <= to && !this.pipe.paused; count++, given++) this.put(String(count));
    return given;
  }

  drain(): string[] {
    const bodies: string[] = [];
    for (let message = this.queue.take(); message !== undefined; message = this.queue.take())
      bodies.push(message.text());
    return bodies;
  }
}

const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, at) => String(from + at));

test("messages come out in the order in which they came in", () => {
  const fixture = new Fixture(4);
  fixture.burst(1, 3);
  expect(fixture.queue.length).toBe(3);
  expect(fixture.drain()).toEqual(["1", "2", "3"]);
  expect(fixture.host.drops).toEqual([]);
});

test("a full queue holds its pipe; a reader that comes in the same turn loses nothing", () => {
  const fixture = new Fixture(4);
  let next = 1;
  const got: string[] = [];
  while (next <= 38) {
    next += fixture.burst(next, 38);
    expect(fixture.pipe.paused).toBe(next <= 38);
    got.push(...fixture.drain());
    expect(fixture.pipe.paused).toBe(false);
  }
  expect(got).toEqual(numbers(1, 38));
  fixture.host.turn();
  expect(fixture.host.drops).toEqual([]);
});

test("when the turn is over and nobody has read, the policy holds", () => {
  for (const [overflow, kept] of [
    ["drop-oldest", numbers(7, 10)],
    ["drop-newest", numbers(1, 4)],
  ] as const) {
    const fixture = new Fixture(4, overflow);
    // The fifth is taken on trust.
    expect(fixture.burst(1, 10)).toBe(5);
    fixture.host.turn();
    expect(fixture.pipe.paused).toBe(false);
    expect(fixture.host.drops.length).toBe(1);
    // No second chance: whatever comes now is dropped at once and holds nobody.
    expect(fixture.burst(6, 10)).toBe(5);
    expect(fixture.host.drops).toEqual(
      Array.from({ length: 6 }, () => ({
        reason: "queue-full",
        bytes: expect.any(Number),
        pipe: fixture.pipe,
      })),
    );
    expect(fixture.drain()).toEqual(kept);
  }
});

test("a reader that has read again has its chance again", () => {
  const fixture = new Fixture(2);
  fixture.burst(1, 3);
  fixture.host.turn();
  fixture.burst(4, 4);
  expect(fixture.host.drops.length).toBe(2);
  expect(fixture.queue.take()?.text()).toBe("3");
  expect(fixture.burst(5, 9)).toBe(2);
  expect(fixture.pipe.paused).toBe(true);
  expect(fixture.drain()).toEqual(["4", "5", "6"]);
  expect(fixture.host.drops.length).toBe(2);
});

test("a held pipe goes on when the queue is empty, not for each message that is taken", () => {
  const fixture = new Fixture(8);
  fixture.burst(1, 20);
  expect(fixture.queue.length).toBe(9);
  for (const left of [8, 7, 6, 5, 4, 3, 2, 1]) {
    fixture.queue.take();
    expect([fixture.queue.length, fixture.pipe.paused]).toEqual([left, true]);
  }
  fixture.queue.take();
  expect(fixture.pipe.paused).toBe(false);
});

test("a reader that waits gets its message past the queue, unless others are there before it", () => {
  const fixture = new Fixture(8);
  fixture.host.reader = [];
  fixture.put("1");
  fixture.put("2");
  expect([fixture.queue.length, fixture.host.reader.map((message) => message.text())]).toEqual([
    0,
    ["1", "2"],
  ]);
  fixture.host.reader = undefined;
  fixture.put("3");
  fixture.host.reader = [];
  fixture.put("4");
  expect(fixture.host.reader).toEqual([]);
  expect(fixture.drain()).toEqual(["3", "4"]);
});

test("what is read in the turn in which it came shares its chunk; what waits longer pins none", () => {
  const fixture = new Fixture(8);
  const chunk = new Uint8Array(1_024);
  const put = (at: number): void =>
    fixture.queue.put(Message.received(chunk, at, at + 4), fixture.pipe, someOperations);
  const pinned = (): number | undefined => fixture.queue.take()?.body.buffer.byteLength;
  put(0);
  put(4);
  put(8);
  expect(pinned()).toBe(1_024);
  fixture.host.turn();
  expect([pinned(), pinned()]).toEqual([4, 4]);
  // Turn by turn.
  put(12);
  fixture.host.turn();
  put(16);
  expect([pinned(), pinned()]).toEqual([4, 1_024]);
});

test("a message for a reader that waits goes past the queue, and is its chance as well", () => {
  const fixture = new Fixture(1);
  fixture.burst(1, 2);
  fixture.host.turn();
  expect(fixture.drain()).toEqual(["2"]);
  fixture.host.reader = [];
  fixture.put("3");
  expect(fixture.host.reader.map((message) => message.text())).toEqual(["3"]);
  fixture.host.reader = undefined;
  expect(fixture.queue.length).toBe(0);
  expect(fixture.burst(4, 9)).toBe(2);
  expect(fixture.host.drops.length).toBe(1);
});

test("a survey that ends takes its bad reputation along: the next burst has its chance", () => {
  const fixture = new Fixture(1, "drop-newest");
  fixture.burst(1, 2);
  fixture.host.turn();
  fixture.queue.clear("late");
  expect(fixture.host.drops.map(({ reason }) => reason)).toEqual(["queue-full", "late"]);
  expect(fixture.burst(3, 9)).toBe(2);
  expect(fixture.pipe.paused).toBe(true);
});

test("each pipe that meets a full queue waits, and all go on together", () => {
  const fixture = new Fixture(1);
  const others = [new FakePipe(), new FakePipe()];
  fixture.put("1");
  for (const pipe of [fixture.pipe, ...others]) fixture.put("x", pipe);
  expect([fixture.pipe, ...others].map((pipe) => pipe.paused)).toEqual([true, true, true]);
  expect(fixture.drain()).toEqual(["1", "x", "x", "x"]);
  expect([fixture.pipe, ...others].map((pipe) => pipe.paused)).toEqual([false, false, false]);
});

test("a pipe that two queues hold goes on when both have room", () => {
  const fixture = new Fixture(1);
  const second = new LossyQueue(fixture.host, fixture.holds, 1, "drop-oldest");
  for (const body of ["1", "2"]) {
    fixture.put(body);
    fixture.put(body, fixture.pipe, second);
  }
  fixture.drain();
  expect(fixture.pipe.paused).toBe(true);
  second.take();
  second.take();
  expect(fixture.pipe.paused).toBe(false);
});

test("a queue whose reader is gone for good does not slow the pipe for the others after its one chance", () => {
  const fixture = new Fixture(2);
  const stalled = new LossyQueue(fixture.host, fixture.holds, 2, "drop-oldest");
  let turns = 0;
  for (let count = 1; count <= 100; count++) {
    fixture.put(String(count));
    fixture.put(String(count), fixture.pipe, stalled);
    expect(fixture.drain()).toEqual([String(count)]);
    if (!fixture.pipe.paused) continue;
    turns++;
    fixture.host.turn();
  }
  expect(turns).toBe(1);
  expect(stalled.length).toBe(2);
  expect(fixture.host.drops.length).toBe(98);
});

test("another size or policy holds at once", () => {
  const fixture = new Fixture(4);
  fixture.burst(1, 4);
  fixture.queue.configure(2, "drop-oldest");
  expect(fixture.drain()).toEqual(["3", "4"]);
  fixture.burst(5, 6);
  fixture.queue.configure(1, "drop-newest");
  expect(fixture.drain()).toEqual(["5"]);
  expect(fixture.host.drops.length).toBe(3);
});

test("purge removes what is no longer wanted, without a word, and makes room", () => {
  const fixture = new Fixture(2);
  fixture.burst(1, 3);
  fixture.queue.purge((message) => message.text() !== "2");
  expect(fixture.pipe.paused).toBe(true);
  fixture.queue.purge((message) => message.text() === "3");
  expect(fixture.pipe.paused).toBe(false);
  expect(fixture.drain()).toEqual(["3"]);
  expect(fixture.host.drops).toEqual([]);
});

test("clear drops everything for the reason that it is given, and holds nobody", () => {
  const fixture = new Fixture(1);
  fixture.burst(1, 2);
  fixture.queue.clear("closed");
  expect(fixture.queue.length).toBe(0);
  expect(fixture.pipe.paused).toBe(false);
  fixture.host.turn();
  expect(fixture.host.drops).toEqual(Array(2).fill({ reason: "closed", bytes: 1, pipe: fixture.pipe }));
});

test("whatever happens, taken and dropped are what came, in order, and never more than the size wait for a turn", () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant("burst" as const), count: fc.integer({ min: 1, max: 12 }) }),
    fc.record({ do: fc.constant("take" as const), count: fc.integer({ min: 1, max: 12 }) }),
    fc.record({ do: fc.constant("turn" as const) }),
    fc.record({ do: fc.constant("configure" as const), size: fc.integer({ min: 1, max: 8 }) }),
  );
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 60 }),
      fc.constantFrom<Overflow>("drop-oldest", "drop-newest"),
      (steps, overflow) => {
        const fixture = new Fixture(4, overflow);
        let size = 4;
        let came = 0;
        const got: number[] = [];
        for (const each of steps) {
          if (each.do === "burst") came += fixture.burst(came, came + each.count - 1);
          else if (each.do === "turn") {
            fixture.host.turn();
            expect(fixture.queue.length).toBeLessThanOrEqual(size);
          } else if (each.do === "configure") {
            size = each.size;
            fixture.queue.configure(size, overflow);
          } else {
            for (let count = 0; count < each.count; count++) {
              const message = fixture.queue.take();
              if (message !== undefined) got.push(Number(message.text()));
            }
          }
          // One message of the held pipe is above the size at most.
          expect(fixture.queue.length).toBeLessThanOrEqual(size + 1);
        }
        expect(got.length + fixture.host.drops.length + fixture.queue.length).toBe(came);
        expect(got).toEqual([...got].sort((a, b) => a - b));
      },
    ),
  );
});
