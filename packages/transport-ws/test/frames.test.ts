/** Frames as they travel, and frames as they must not be: cases 71 to 74 of the protocol reference. */
import { Message, MessageTooLargeError, ProtocolError } from "@sprocket/core";
import type { ListenContext, PipeSink, TransportPipe } from "@sprocket/core/plugin";
import { until } from "@sprocket/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { WsOptions } from "../src/index.js";
import { type FrameOptions, frame, type RawWs } from "./support/raw-ws.js";
import { World } from "./support/world.js";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.close());

interface Seen {
  readonly messages: Uint8Array[];
  error: Error | undefined;
  closed: boolean;
}

function record(pipe: TransportPipe): Seen {
  const seen: Seen = { messages: [], error: undefined, closed: false };
  const sink: PipeSink = {
    onMessage: (message) => seen.messages.push(message.copy()),
    onDrain: () => undefined,
    onClose(error) {
      seen.closed = true;
      seen.error = error;
    },
  };
  pipe.start(sink);
  return seen;
}

/** A started pipe, and the raw peer at its other end. */
async function open(
  options: WsOptions = {},
  overrides: Partial<ListenContext> = {},
): Promise<{ raw: RawWs; pipe: TransportPipe; seen: Seen }> {
  const listening = await world.listen(options, overrides);
  const raw = await world.rawWs(listening.url);
  const pipe = await listening.pipe();
  return { raw, pipe, seen: record(pipe) };
}

const text = (messages: readonly Uint8Array[]) =>
  messages.map((each) => Buffer.from(each).toString("latin1"));

describe("71: a frame that breaks a rule ends the connection with 1002", () => {
  const wrong: [string, FrameOptions][] = [
    ["not masked", { mask: false }],
    ["RSV1 set", { rsv: 4 }],
    ["RSV2 set", { rsv: 2 }],
    ["RSV3 set", { rsv: 1 }],
    ["opcode 3", { opcode: 3 }],
    ["opcode 11", { opcode: 11 }],
    ["a continuation of nothing", { opcode: 0 }],
    ["a length of 2 bytes where 0 would do", { lengthBytes: 2 }],
    ["a length of 8 bytes where 0 would do", { lengthBytes: 8 }],
    ["a fragmented ping", { opcode: 9, fin: false }],
    ["a ping of more than 125 bytes", { opcode: 9, lengthBytes: 2, length: 126n }],
  ];
  test.each(wrong)("%s", async (_, options) => {
    const { raw, seen } = await open();
    await raw.send(frame("good"), frame("bad", options), frame("after"));
    expect(await raw.readClose()).toBe(1002);
    await raw.peer.expectClosed();
    expect(text(seen.messages)).toEqual(["good"]);
    expect(seen.error).toBeInstanceOf(ProtocolError);
    expect(seen.error).toMatchObject({ code: "SP_EPROTO", reason: "bad-frame" });
  });

  test("a length of 8 bytes where 2 would do", async () => {
    const { raw, seen } = await open();
    await raw.send(frame(Buffer.alloc(60_000), { lengthBytes: 8 }));
    expect(await raw.readClose()).toBe(1002);
    expect(seen.messages).toEqual([]);
  });

  test("a new message inside another", async () => {
    const { raw } = await open();
    await raw.send(frame("a", { fin: false }), frame("b"));
    expect(await raw.readClose()).toBe(1002);
  });

  test("a text frame ends it with 1003, and what came before it is delivered", async () => {
    const { raw, seen } = await open();
    await raw.send(frame("good"), frame("text", { opcode: 1 }), frame("after"));
    expect(await raw.readClose()).toBe(1003);
    await raw.peer.expectClosed();
    expect(text(seen.messages)).toEqual(["good"]);
    expect(seen.error?.message).toContain("ws({ text: true })");
  });

  test("with text: true text frames are taken, any bytes in them, and sent", async () => {
    const { raw, pipe, seen } = await open({ text: true });
    await raw.send(
      frame("text", { opcode: 1 }),
      frame("binary"),
      frame(Buffer.from([0x80, 1]), { opcode: 1 }),
    );
    await until(() => seen.messages.length === 3, "three messages");
    expect(text(seen.messages)).toEqual(["text", "binary", "\x80\x01"]);
    pipe.send(new Message("back"));
    expect(await raw.readFrame()).toMatchObject({ opcode: 1, fin: true, body: Buffer.from("back") });
  });
});

describe("72, 74: what is right", () => {
  test("72: three fragments with a ping between are one message, and a pong", async () => {
    const { raw, seen } = await open();
    await raw.send(
      frame("one ", { fin: false }),
      frame("two ", { fin: false, opcode: 0 }),
      frame("ping", { opcode: 9 }),
      frame("three", { opcode: 0 }),
    );
    expect(await raw.readFrame()).toMatchObject({ opcode: 10, masked: false, body: Buffer.from("ping") });
    await until(() => seen.messages.length === 1, "the message");
    expect(text(seen.messages)).toEqual(["one two three"]);
  });

  test("74: an empty frame is an empty message, and two frames in one write are two messages", async () => {
    const { raw, seen } = await open();
    await raw.send(frame(""), frame("a"), frame("b"));
    await until(() => seen.messages.length === 3, "three messages");
    expect(text(seen.messages)).toEqual(["", "a", "b"]);
  });

  test("frames that came with the request, or byte by byte, are whole", async () => {
    const listening = await world.listen({});
    const raw = await world.raw(listening.url);
    await raw.upgrade(undefined, Buffer.concat([frame("early"), frame("half").subarray(0, 5)]));
    const seen = record(await listening.pipe());
    await raw.peer.dribble(Array.from(frame("half").subarray(5), (byte) => Buffer.from([byte])));
    const large = Buffer.alloc(70_000, "x");
    const bytes = frame(large);
    await raw.peer.dribble(Array.from({ length: 20 }, (_, at) => bytes.subarray(at, at + 1)));
    await raw.peer.dribble([bytes.subarray(20, 3_000), bytes.subarray(3_000, 3_001), bytes.subarray(3_001)]);
    await until(() => seen.messages.length === 3, "three messages");
    expect(text(seen.messages.slice(0, 2))).toEqual(["early", "half"]);
    expect(Buffer.compare(seen.messages[2] as Uint8Array, large)).toBe(0);
  });

  test("a close is answered with its own code", async () => {
    const { raw, seen } = await open();
    await raw.send(frame("last"), frame(Buffer.from([0x03, 0xe8]), { opcode: 8 }));
    expect(await raw.readClose()).toBe(1000);
    await raw.peer.expectClosed();
    expect(text(seen.messages)).toEqual(["last"]);
    await until(() => seen.closed, "the end");
    expect(seen.error).toBeUndefined();
  });

  test("our close says 1000, behind everything that was sent", async () => {
    const { raw, pipe } = await open();
    pipe.send(new Message("last"));
    pipe.close();
    expect((await raw.readFrame()).body.toString()).toBe("last");
    expect(await raw.readClose()).toBe(1000);
    await raw.send(frame(Buffer.from([0x03, 0xe8]), { opcode: 8 }));
    await raw.peer.expectClosed();
  });

  test("a peer that never answers our close is cut", async () => {
    const { raw, pipe, seen } = await open();
    pipe.close();
    expect(await raw.readClose()).toBe(1000);
    await until(() => seen.closed, "the end", 5_000);
    expect(seen.error).toBeUndefined();
  });

  test("a message goes out whole up to 64 KiB, and in fragments of 64 KiB above", async () => {
    const { raw, pipe } = await open();
    for (const [size, header, fragments] of [
      [0, 0, [0]],
      [65_536, 0, [65_536]],
      [65_537, 0, [65_536, 1]],
      [65_533, 4, [65_536, 1]],
      [200_000, 4, [65_536, 65_536, 65_536, 3_396]],
    ] as const) {
      const body = Buffer.alloc(size, "b");
      pipe.send(new Message(body, { header: new Uint8Array(header).fill(7) }));
      let whole = Buffer.alloc(0);
      for (const [at, length] of fragments.entries()) {
        const next = await raw.readFrame();
        expect(next).toMatchObject({
          opcode: at === 0 ? 2 : 0,
          fin: at === fragments.length - 1,
          masked: false,
        });
        expect(next.body.length).toBe(length);
        whole = Buffer.concat([whole, next.body]);
      }
      expect(Buffer.compare(whole, Buffer.concat([Buffer.alloc(header, 7), body]))).toBe(0);
    }
  });

  test("bytes that were lent may change once send has returned", async () => {
    const { raw, pipe } = await open();
    for (const size of [10, 1_025, 70_000]) {
      const bytes = new Uint8Array(size).fill(1);
      pipe.send(Message.from(bytes));
      pipe.send(Message.from(bytes));
      bytes.fill(2);
      for (let left = 2 * size; left > 0; ) {
        const { body } = await raw.readFrame();
        expect(body.every((byte) => byte === 1)).toBe(true);
        left -= body.length;
      }
    }
  });
});

describe("73: what is too large ends the connection with 1009", () => {
  test.each([
    ["a frame of 1 MiB + 1", {}, [frame("", { length: 1_048_577n, lengthBytes: 8 })]],
    ["a length of 2^63", {}, [frame("", { length: 2n ** 63n, lengthBytes: 8 })]],
    [
      "a length of 2^53, without a limit",
      { receiveMaxSize: 0 },
      [frame("", { length: 2n ** 53n, lengthBytes: 8 })],
    ],
    [
      "a length of 2^40, without a limit",
      { receiveMaxSize: 0 },
      [frame("", { length: 2n ** 40n, lengthBytes: 8 })],
    ],
    [
      "a limit of 100 and fragments of 60 and 60",
      { receiveMaxSize: 100 },
      [frame(Buffer.alloc(60), { fin: false }), frame(Buffer.alloc(60), { opcode: 0 })],
    ],
    [
      "fragments without end",
      { receiveMaxSize: 100 },
      [frame(Buffer.alloc(60), { fin: false }), frame(Buffer.alloc(60), { opcode: 0, fin: false })],
    ],
  ] as const)("%s", async (_, overrides, frames) => {
    const { raw, seen } = await open({}, overrides);
    const before = process.memoryUsage().arrayBuffers;
    await raw.send(frame("good"), ...frames);
    expect(await raw.readClose()).toBe(1009);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * 1_048_576);
    await raw.peer.expectClosed();
    expect(text(seen.messages)).toEqual(["good"]);
    expect(seen.error).toBeInstanceOf(MessageTooLargeError);
    expect(seen.error?.message).toMatch(/receiveMaxSize allows \d+/);
  });

  test("a message of exactly the limit, in one frame or in fragments, is taken", async () => {
    const { raw, seen } = await open({}, { receiveMaxSize: 100 });
    await raw.send(
      frame(Buffer.alloc(100)),
      frame(Buffer.alloc(60), { fin: false }),
      frame(Buffer.alloc(40), { opcode: 0 }),
    );
    await until(() => seen.messages.length === 2, "two messages");
  });

  test("the error says how large it was and what is allowed", async () => {
    const { raw, seen } = await open({}, { receiveMaxSize: 100 });
    await raw.send(frame(Buffer.alloc(60), { fin: false }), frame(Buffer.alloc(61), { opcode: 0 }));
    await until(() => seen.closed, "the end");
    expect(seen.error?.message).toContain("121 bytes");
    expect(seen.error?.message).toContain("receiveMaxSize allows 100");
  });
});

test("an end in the middle of a message is an error, also between its fragments", async () => {
  for (const bytes of [
    frame("halves").subarray(0, 8),
    frame("a").subarray(0, 1),
    frame("a", { fin: false }),
  ]) {
    const { raw, seen } = await open();
    await raw.send(frame("good"), bytes);
    await raw.peer.end();
    await until(() => seen.closed, "the end");
    expect(text(seen.messages)).toEqual(["good"]);
    expect(seen.error).toMatchObject({ code: "SP_EPROTO", reason: "truncated" });
  }
});

test("an end between messages without a close frame, as nng 1.x makes it, is in good order", async () => {
  const { raw, seen } = await open();
  await raw.send(frame("good"));
  await raw.peer.end();
  await until(() => seen.closed, "the end");
  expect(text(seen.messages)).toEqual(["good"]);
  expect(seen.error).toBeUndefined();
});

test("a peer's reason is told, and made harmless", async () => {
  const { raw, seen } = await open();
  await raw.send(
    frame(Buffer.concat([Buffer.from([0x03, 0xf0]), Buffer.from("no\u001b[2J")]), { opcode: 8 }),
  );
  await until(() => seen.closed, "the end");
  expect(seen.error?.message).toContain("1008");
  expect(seen.error?.message).toContain("no\\u{1b}[2J");
});
