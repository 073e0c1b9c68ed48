/** How the link for browsers learns that a buffer has emptied, of which no browser tells. */
import { Message } from "@sprocket/core";
import { ManualClock } from "@sprocket/testing";
import { expect, test } from "vitest";
import { BrowserLink } from "../src/browser-link.js";
import type { NativeCloseEvent, NativeWebSocket } from "../src/browser-native.js";

class FakeWebSocket implements NativeWebSocket {
  binaryType = "arraybuffer";
  bufferedAmount = 0;
  readonly protocol = "pair.sp.nanomsg.org";
  readyState = 1;
  onopen: (() => void) | null = null;
  onmessage: ((event: { readonly data: unknown }) => void) | null = null;
  onclose: ((event: NativeCloseEvent) => void) | null = null;
  readonly closes: (number | undefined)[] = [];

  send(data: string | Uint8Array): void {
    this.bufferedAmount += data.length;
  }

  close(code?: number): void {
    this.closes.push(code);
    this.readyState = 2;
  }
}

function scene() {
  const native = new FakeWebSocket();
  const clock = new ManualClock();
  const heard: string[] = [];
  const link = new BrowserLink({
    native,
    clock,
    localAddress: "ws://page",
    remoteAddress: "ws://127.0.0.1:1/x",
    properties: new Map(),
    text: false,
    limit: 0,
  });
  link.begin({
    message: () => heard.push("message"),
    written: () => heard.push(`written at ${clock.now()}`),
    closed: (error) => heard.push(`closed: ${error?.message ?? "in good order"}`),
  });
  const send = (length: number): void => link.send(new Message(new Uint8Array(length)));
  return { native, clock, heard, link, send };
}

test("while a pipe waits it looks after 4, 8, 16, 32 and then every 64 ms, until the buffer is empty", () => {
  const { native, clock, heard, link, send } = scene();
  send(100);
  clock.advance(1_000);
  expect(heard).toEqual([]);
  link.watch();
  clock.advance(200);
  expect(heard).toEqual([1004, 1012, 1028, 1060, 1124, 1188].map((at) => `written at ${at}`));
  native.bufferedAmount = 0;
  clock.advance(10_000);
  expect(heard.slice(6)).toEqual(["written at 1252"]);
});

test("a pipe that waits anew begins with 4 ms again", () => {
  const { clock, heard, link, send } = scene();
  send(100);
  link.watch();
  clock.advance(60);
  heard.length = 0;
  link.watch();
  clock.advance(4);
  expect(heard).toEqual(["written at 64"]);
});

test("while it looks, each message that arrives looks too: timers of a hidden page are late", () => {
  const { native, heard, link, send } = scene();
  send(100);
  native.onmessage?.({ data: new ArrayBuffer(1) });
  link.watch();
  native.onmessage?.({ data: new ArrayBuffer(1) });
  expect(heard).toEqual(["message", "message", "written at 0"]);
});

test("messages are pending until the buffer has less than what came after them", () => {
  const { native, link, send } = scene();
  send(10);
  send(20);
  send(0);
  send(30);
  expect([link.pendingMessages, link.pendingBytes]).toEqual([4, 60]);
  native.bufferedAmount = 51;
  expect(link.pendingMessages).toBe(4);
  native.bufferedAmount = 50;
  expect(link.pendingMessages).toBe(3);
  native.bufferedAmount = 29;
  expect(link.pendingMessages).toBe(1);
  native.bufferedAmount = 0;
  expect(link.pendingMessages).toBe(0);
});

test("a peer that does not say goodbye is left after 500 ms", () => {
  const { native, clock, heard, link } = scene();
  link.end();
  expect(native.closes).toEqual([1000]);
  clock.advance(499);
  expect(heard).toEqual([]);
  clock.advance(1);
  expect(heard).toEqual(["closed: in good order"]);
  expect([native.onmessage, native.onclose]).toEqual([null, null]);
});

test("shared memory is copied, because a WebSocket takes none", () => {
  const { native, link } = scene();
  const seen: unknown[] = [];
  native.send = (data) => void seen.push((data as Uint8Array).buffer.constructor.name);
  link.send(new Message(new Uint8Array(new SharedArrayBuffer(4))));
  link.send(new Message(new Uint8Array(4)));
  expect(seen).toEqual(["ArrayBuffer", "ArrayBuffer"]);
});

test.each([
  [1000, "in good order"],
  [1001, "in good order"],
  [1006, "in good order"],
  [4001, "in good order"],
  [1009, "ended the connection with code 1009 (a message was too large for it)"],
  [4009, "ended the connection with code 4009 (a message was too large for it)"],
  [4999, "ended the connection with code 4999 (of its own)"],
])("code %i of a peer means: %s", (code, text) => {
  const { native, heard } = scene();
  native.onclose?.({ code, reason: "" });
  expect(heard).toEqual([expect.stringContaining(text)]);
});
