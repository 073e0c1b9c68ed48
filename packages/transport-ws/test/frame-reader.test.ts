/** The reader finds the same messages whatever the pieces are in which frames come, and keeps nothing that breaks a rule. */
import { concat, SeededRandom } from "@sprocket/testing";
import { describe, expect, test } from "vitest";
import { FrameReader, type Violation } from "../src/frame-reader.js";
import { frame } from "./support/raw-ws.js";

interface Read {
  readonly messages: Buffer[];
  readonly controls: Buffer[];
  readonly violation: Violation | undefined;
  readonly partial: boolean;
}

function run(
  pieces: Iterable<Uint8Array>,
  plan: { masked?: boolean; text?: boolean; most?: number } = {},
): Read {
  const messages: Buffer[] = [];
  const controls: Buffer[] = [];
  const reader = new FrameReader({
    masked: plan.masked ?? true,
    text: plan.text ?? false,
    most: plan.most ?? 1_000_000,
    onMessage: (bytes, start, end) => messages.push(Buffer.from(bytes.slice(start, end))),
    onControl: (bytes) => controls.push(Buffer.from(bytes)),
  });
  let violation: Violation | undefined;
  for (const piece of pieces) {
    // The reader may change what it gets.
    violation = reader.take(Uint8Array.from(piece));
    if (violation !== undefined) break;
  }
  return { messages, controls, violation, partial: reader.partial };
}

function cut(bytes: Uint8Array, random: SeededRandom, most: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = 1 + random.below(most);
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return pieces;
}

function noise(random: SeededRandom, length: number): Buffer {
  return Buffer.from(Uint8Array.from({ length }, () => random.below(256)));
}

test.each([true, false])("any split of good frames gives the same messages, masked: %s", (mask) => {
  const random = new SeededRandom(11);
  for (let round = 0; round < 20; round++) {
    // Single bytes of large ones would take their time.
    const large = round % 4 === 0;
    const frames: Uint8Array[] = [];
    const sent: Buffer[] = [];
    const pings: Buffer[] = [];
    for (let count = 0; count < 8; count++) {
      const size = random.chance(0.2) ? random.below(large ? 80_000 : 3_000) : random.below(300);
      const body = noise(random, size);
      sent.push(body);
      if (random.chance(0.3)) {
        const middle = random.below(size + 1);
        const ping = frame("ping", { opcode: 9, mask });
        pings.push(ping);
        frames.push(frame(body.subarray(0, middle), { fin: false, mask }), ping);
        frames.push(frame(body.subarray(middle), { opcode: 0, mask }));
      } else frames.push(frame(body, { mask }));
    }
    for (const most of large ? [5_000, 100_000] : [1, 3, 20, 5_000]) {
      const read = run(cut(concat(...frames), random, most), { masked: mask });
      expect(read.violation, `seed 11, round ${round}`).toBeUndefined();
      expect(read.partial).toBe(false);
      expect(read.messages).toHaveLength(sent.length);
      // `toEqual` would look at each byte by itself, for seconds.
      read.messages.forEach((message, at) => {
        expect(message.equals(sent[at] as Buffer), `seed 11, round ${round}, message ${at}`).toBe(true);
      });
      expect(read.controls).toEqual(pings);
    }
  }
});

describe("what breaks a rule is found in any split, and what was before it is delivered", () => {
  const x = Buffer.from("x");
  const wrong: [string, Uint8Array, number][] = [
    ["a length of 2 bytes where 0 would do", frame(x, { lengthBytes: 2 }), 1002],
    ["a length of 8 bytes where 0 would do", frame(x, { lengthBytes: 8 }), 1002],
    ["a length of 8 bytes where 2 would do", frame(Buffer.alloc(300), { lengthBytes: 8 }), 1002],
    ["a reserved bit", frame(x, { rsv: 2 }), 1002],
    ["no mask", frame(x, { mask: false }), 1002],
    ["an unknown data frame", frame(x, { opcode: 7 }), 1002],
    ["an unknown control frame", frame(x, { opcode: 15 }), 1002],
    ["a fragment of nothing", frame(x, { opcode: 0 }), 1002],
    ["a message within a message", concat(frame(x, { fin: false }), frame(x)), 1002],
    ["text", frame(x, { opcode: 1 }), 1003],
    ["text within a message", concat(frame(x, { fin: false }), frame(x, { opcode: 1 })), 1002],
    ["a ping in fragments", frame(x, { opcode: 9, fin: false }), 1002],
    ["a long ping", frame(Buffer.alloc(126), { opcode: 9 }), 1002],
    ["too many bytes", frame(Buffer.alloc(10_001)), 1009],
    ["2^63 bytes", frame(x, { lengthBytes: 8, length: 1n << 63n }), 1009],
    [
      "too many bytes in fragments",
      concat(frame(Buffer.alloc(6_000), { fin: false }), frame(Buffer.alloc(4_001), { opcode: 0 })),
      1009,
    ],
  ];
  test.each(wrong)("%s", (_, bad, code) => {
    const random = new SeededRandom(12);
    for (const most of [1, 7, 3_000, 100_000]) {
      const bytes = concat(frame("good"), frame(Buffer.alloc(7_000)), bad, frame("after"));
      const { messages, violation } = run(cut(bytes, random, most), { most: 10_000 });
      expect(violation?.code).toBe(code);
      expect(messages).toEqual([Buffer.from("good"), Buffer.alloc(7_000)]);
    }
  });

  test("a mask where there should be none", () => {
    expect(run([frame("x")], { masked: false }).violation?.code).toBe(1002);
  });
});

test("nothing counts that comes behind a close, and the close goes on as it came", () => {
  const close = frame(Buffer.from([3, 232]), { opcode: 8 });
  const { messages, controls, violation } = run([
    concat(frame("last"), close, frame("after"), frame("x", { rsv: 1 })),
    frame("later"),
  ]);
  expect(messages).toEqual([Buffer.from("last")]);
  expect(controls).toEqual([close]);
  expect(violation).toBeUndefined();
});

test("text is taken where it is wanted", () => {
  const read = run([frame("text", { opcode: 1 }), frame("binary")], { text: true });
  expect(read.messages.map(String)).toEqual(["text", "binary"]);
});

test("a message that has begun is partial; a whole one is not", () => {
  expect(run([frame("x").subarray(0, 1)]).partial).toBe(true);
  expect(run([frame("abc").subarray(0, 7)]).partial).toBe(true);
  expect(run([frame("x", { fin: false })]).partial).toBe(true);
  expect(run([frame("x", { fin: false }), frame("", { opcode: 0 })]).partial).toBe(false);
  expect(run([frame("x", { fin: false }), frame("", { opcode: 0 })]).messages).toEqual([Buffer.from("x")]);
});

test("random bytes never throw", () => {
  const random = new SeededRandom(13);
  for (let round = 0; round < 500; round++) {
    expect(() => run(cut(noise(random, random.below(200)), random, 50))).not.toThrow();
  }
});
