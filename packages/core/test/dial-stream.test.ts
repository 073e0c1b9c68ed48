import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import type { ByteSink, ByteStream } from "../src/stream/byte-stream.js";
import { spWire } from "../src/stream/sp-wire.js";
import { dialStream } from "../src/stream/stream-pipe.js";
import { systemClock } from "../src/timers.js";
import type { EndpointContext } from "../src/transport.js";

/** A stream whose peer says only what the test has it say. */
class ScriptedStream implements ByteStream {
  readonly localAddress = "tcp://127.0.0.1:1";
  readonly remoteAddress = "tcp://127.0.0.1:2";
  destroyed = false;
  sink!: ByteSink;

  start(sink: ByteSink): void {
    this.sink = sink;
  }
  write(): void {}
  pause(): void {}
  resume(): void {}
  end(): void {}
  destroy(): void {
    this.destroyed = true;
  }

  greet(): void {
    this.sink.onData(spWire.greeting(0x10));
  }
}

function context(signal: AbortSignal): EndpointContext {
  return {
    protocol: {
      id: 0x10,
      name: "pair",
      peerId: 0x10,
      peerName: "pair",
      className: "Pair0",
      peerClassName: "Pair0",
      raw: false,
    },
    receiveMaxSize: 1_048_576,
    handshakeTimeout: 10_000,
    highWaterBytes: 1_048_576,
    signal,
    clock: systemClock,
  };
}

const listeners = (signal: AbortSignal): number => getEventListeners(signal, "abort").length;

test("any number of handshakes under one signal take one listener, and none once they are over", async () => {
  const { signal } = new AbortController();
  const streams = Array.from({ length: 30 }, () => new ScriptedStream());
  const attempts = streams.map((stream) => dialStream(stream, context(signal), spWire));
  expect(listeners(signal)).toBe(1);
  for (const [at, stream] of streams.entries()) {
    if (at % 2 === 0) stream.greet();
    else stream.sink.onClose();
  }
  const outcomes = await Promise.allSettled(attempts);
  expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(15);
  expect(listeners(signal)).toBe(0);
});

test("an abort ends every handshake under its signal, with its reason", async () => {
  const abort = new AbortController();
  const reason = new Error("given up");
  const streams = [new ScriptedStream(), new ScriptedStream()];
  const attempts = streams.map((stream) => dialStream(stream, context(abort.signal), spWire));
  abort.abort(reason);
  for (const attempt of attempts) await expect(attempt).rejects.toBe(reason);
  expect(streams.every(({ destroyed }) => destroyed)).toBe(true);
});

test("a handshake under a signal that has aborted ends at once", async () => {
  const reason = new Error("given up");
  const stream = new ScriptedStream();
  await expect(dialStream(stream, context(AbortSignal.abort(reason)), spWire)).rejects.toBe(reason);
  expect(stream.destroyed).toBe(true);
});

test("a stream that closes as soon as it is started leaves no listener", async () => {
  const { signal } = new AbortController();
  const stream = new ScriptedStream();
  stream.start = (sink) => sink.onClose(new Error("gone"));
  await expect(dialStream(stream, context(signal), spWire)).rejects.toThrow("gone");
  expect(listeners(signal)).toBe(0);
});
