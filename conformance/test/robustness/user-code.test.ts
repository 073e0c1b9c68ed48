/** U1: code of the application that throws breaks nothing but itself. */
import type { SocketEventType } from "@sprocket/core";
import { Pair0 } from "@sprocket/pair";
import { Rep0, Req0 } from "@sprocket/reqrep";
import { protocolNumbers, until } from "@sprocket/testing";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { failure, keep, nextEvent, rawConnect, rawPeer, text, transports, turns } from "../support/world.js";

const TYPES: readonly SocketEventType[] = [
  "listening",
  "connecting",
  "connected",
  "connecterror",
  "reconnecting",
  "handshakeerror",
  "pipeopen",
  "pipeclose",
  "pipereject",
  "drop",
  "handlererror",
  "notice",
  "closing",
  "close",
];

const reported: unknown[] = [];

beforeEach(() => {
  reported.length = 0;
  vi.stubGlobal("reportError", (error: unknown) => reported.push(error));
});
afterEach(() => vi.unstubAllGlobals());

test("listeners of every event may throw: the sockets work on, and each error is reported", async () => {
  const rep = keep(new Rep0({ transports }));
  const req = keep(new Req0({ transports, reconnectTimeMin: 5 }));
  const thrown = new Set<string>();
  for (const socket of [rep, req]) {
    for (const type of TYPES) {
      socket.addEventListener(type, () => {
        thrown.add(type);
        throw new Error(`thrown by a listener of ${type}`);
      });
    }
  }
  const listener = await rep.listen("tcp://127.0.0.1:0");
  rep.serve((request) => {
    if (request.text() === "fail") throw new Error("thrown by a handler");
    return request.body;
  });
  await req.dial(listener.url);
  expect(await text(req.request("one"))).toBe("one");
  void failure(req.request("fail"));
  const bad = await rawConnect(listener.url);
  await bad.send("GET / HTTP/1.1\r\n\r\n");
  await bad.expectClosed();
  const wrong = await rawConnect(listener.url);
  await wrong.handshake(protocolNumbers.pub);
  await wrong.expectClosed();
  const gone = nextEvent(req, "connected");
  for (const pipe of rep.pipes) pipe.close();
  await gone;
  expect(await text(req.request("two"))).toBe("two");
  await Promise.all([req.close(), rep.close()]);
  await until(() => thrown.has("close"), "the last event");
  for (const type of [
    "listening",
    "connected",
    "reconnecting",
    "handshakeerror",
    "pipeopen",
    "pipeclose",
    "pipereject",
    "handlererror",
    "closing",
    "close",
  ]) {
    expect([...thrown]).toContain(type);
  }
  expect(reported.length).toBeGreaterThanOrEqual(thrown.size);
  expect(reported.every((error) => String(error).startsWith("Error: thrown by a listener of "))).toBe(true);
});

test("an acceptPipe that throws, rejects or never answers refuses that peer and no other", async () => {
  let behave: () => undefined | Promise<undefined> = () => undefined;
  const pair = keep(new Pair0({ transports, handshakeTimeout: 1_000, acceptPipe: () => behave() }));
  const { url } = await pair.listen("tcp://127.0.0.1:0");
  for (const bad of [
    () => {
      throw new Error("thrown by acceptPipe");
    },
    () => Promise.reject(new Error("rejected by acceptPipe")),
    () => Promise.reject(undefined),
    () => {
      throw undefined;
    },
    () => new Promise<undefined>(() => undefined),
  ]) {
    behave = bad;
    const peer = await rawConnect(url);
    await peer.handshake(protocolNumbers.pair0);
    await peer.expectClosed();
  }
  behave = () => undefined;
  const good = await rawPeer(url, protocolNumbers.pair0);
  await good.sendFrame("served");
  expect(await text(pair.receive())).toBe("served");
  expect(reported).toEqual([]);
});

test("a body that throws inside for await ends the loop only", async () => {
  const pair = keep(new Pair0({ transports }));
  const { url } = await pair.listen("tcp://127.0.0.1:0");
  const peer = await rawPeer(url, protocolNumbers.pair0);
  const loop = (async () => {
    for await (const bytes of pair) throw new Error(`thrown at ${bytes.length} bytes`);
  })();
  await peer.sendFrame("first");
  expect((await failure(loop)).message).toBe("thrown at 5 bytes");
  await peer.sendFrame("second");
  expect(await text(pair.receive())).toBe("second");
});

test("an abort listener that throws does not keep a receive from ending", async () => {
  const pair = keep(new Pair0());
  const abort = new AbortController();
  const uncaught: unknown[] = [];
  const catchIt = (error: unknown): void => {
    uncaught.push(error);
  };
  // The runtime itself reports what a listener of a signal throws.
  process.prependOnceListener("uncaughtException", catchIt);
  const listeners = process.listeners("uncaughtException").filter((listener) => listener !== catchIt);
  for (const listener of listeners) process.off("uncaughtException", listener);
  try {
    abort.signal.addEventListener("abort", () => {
      throw new Error("thrown by an abort listener");
    });
    const ended = failure(pair.receive({ signal: abort.signal }));
    abort.abort("reason");
    expect(await ended).toBe("reason");
    await turns();
  } finally {
    process.off("uncaughtException", catchIt);
    for (const listener of listeners) process.on("uncaughtException", listener);
  }
  expect(uncaught.map(String)).toEqual(["Error: thrown by an abort listener"]);
});

test("a clock whose chance is extreme and whose timers come late harms no one", async () => {
  const clock = {
    now: () => performance.now(),
    random: () => 1 - Number.EPSILON,
    setTimer: (delay: number, callback: () => void) => {
      const timer = setTimeout(callback, delay === Number.POSITIVE_INFINITY ? 2 ** 30 : delay + 5);
      return { cancel: () => clearTimeout(timer) };
    },
  };
  const rep = keep(new Rep0({ transports, clock }));
  const { url } = await rep.listen("tcp://127.0.0.1:0");
  rep.serve((request) => request.body);
  const req = keep(new Req0({ transports, clock, reconnectTimeMin: 5 }));
  await req.dial(url);
  expect(await text(req.request("hello"))).toBe("hello");
});
