import { beforeEach, expect, test, vi } from "vitest";
import { Message } from "../src/message.js";
import type { ByteSink, ByteStream } from "../src/stream/byte-stream.js";
import { spWire } from "../src/stream/sp-wire.js";
import { createStreamPipe } from "../src/stream/stream-pipe.js";
import { systemClock } from "../src/timers.js";
import type { TransportPipe } from "../src/transport.js";

/** Writes down how many messages of one byte each write carried; no write is ever done before the test says so. */
class Wires implements ByteStream {
  readonly localAddress = "tcp://127.0.0.1:1";
  readonly remoteAddress = "tcp://127.0.0.1:2";
  readonly writes: number[] = [];
  sink!: ByteSink;
  #done: (() => void)[] = [];

  start(sink: ByteSink): void {
    this.sink = sink;
  }
  write(chunks: readonly Uint8Array[], done: () => void): void {
    this.writes.push(chunks.reduce((sum, chunk) => sum + chunk.length, 0) / FRAME.length);
    this.#done.push(done);
  }
  /** The system has taken everything. */
  written(): void {
    for (const done of this.#done.splice(0)) done();
  }
  pause(): void {}
  resume(): void {}
  end(): void {}
  destroy(): void {}
}

const FRAME = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 1, 7);
const chunk = (messages: number): Uint8Array =>
  Uint8Array.from({ length: messages * FRAME.length }, (_, at) => FRAME[at % FRAME.length] as number);
const message = (): Message => Message.from(Uint8Array.of(7));

/** A pipe past its handshake, nothing in flight, and what it does with each message. */
function pipeOf(onMessage: (pipe: TransportPipe) => void): { pipe: TransportPipe; wires: Wires } {
  const wires = new Wires();
  let pipe!: TransportPipe;
  createStreamPipe(
    wires,
    {
      protocol: {
        id: 0x10,
        name: "pair",
        peerId: 0x10,
        peerName: "pair",
        className: "Pair0",
        peerClassName: "Pair0",
        raw: false,
      },
      receiveMaxSize: 0,
      handshakeTimeout: 10_000,
      highWaterBytes: 1_048_576,
      signal: new AbortController().signal,
      clock: systemClock,
    },
    spWire,
    {
      opened: (opened) => {
        pipe = opened;
      },
      failed: (error) => {
        throw error;
      },
    },
  );
  wires.sink.onData(spWire.greeting(0x10));
  pipe.start({ onMessage: () => onMessage(pipe), onDrain: () => undefined, onClose: () => undefined });
  wires.written();
  wires.writes.length = 0;
  return { pipe, wires };
}

/** ms that have passed. */
let now: number;
beforeEach(() => {
  now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => now);
});

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("The answer to a lone message is written at once", () => {
  const { wires } = pipeOf((pipe) => pipe.send(message()));
  wires.sink.onData(chunk(1));
  expect(wires.writes).toEqual([1]);
});

test("Answers on the spot to one chunk are one write, made before the chunk's call returns", () => {
  const { wires } = pipeOf((pipe) => pipe.send(message()));
  wires.sink.onData(chunk(31));
  expect(wires.writes).toEqual([31]);
});

test("Every 32 messages go out, so that the peer can begin", () => {
  const { wires } = pipeOf((pipe) => pipe.send(message()));
  wires.sink.onData(chunk(70));
  expect(wires.writes).toEqual([32, 32]);
  wires.written();
  expect(wires.writes).toEqual([32, 32, 6]);
});

test("Callers that go on when their promises settle share one write, before the loop turns", async () => {
  const { wires } = pipeOf((pipe) => {
    void (async () => {
      // As an async function that awaits another one.
      await (async () => {
        await null;
      })();
      pipe.send(message());
    })();
  });
  wires.sink.onData(chunk(31));
  expect(wires.writes).toEqual([]);
  await turn();
  expect(wires.writes).toEqual([31]);
});

test("A chunk for one pipe that makes messages for others gathers for each of them", () => {
  const others = [pipeOf(() => undefined), pipeOf(() => undefined)];
  const { wires } = pipeOf(() => {
    for (const other of others) other.pipe.send(message());
  });
  wires.sink.onData(chunk(10));
  expect(others.map((other) => other.wires.writes)).toEqual([[10], [10]]);
});

test("A pipe that pauses in the middle of a chunk writes what it has answered", () => {
  let left = 3;
  const { wires, pipe } = pipeOf((self) => {
    self.send(message());
    if (--left === 0) self.pause();
  });
  wires.sink.onData(chunk(10));
  expect(wires.writes).toEqual([3]);
  wires.written();
  pipe.resume();
  expect(wires.writes).toEqual([3, 7]);
});

test("A loop of sends after a chunk does not hold for ever", async () => {
  const { wires, pipe } = pipeOf(() => undefined);
  wires.sink.onData(chunk(2));
  for (let sent = 0; wires.writes.length === 0; sent++) {
    pipe.send(message());
    await null;
    expect(sent).toBeLessThan(100);
  }
  expect(wires.writes[0]).toBe(32);
});

test("What is sent later, when no chunk is at work, is written at once", async () => {
  const { wires, pipe } = pipeOf(() => undefined);
  wires.sink.onData(chunk(64));
  await turn();
  pipe.send(message());
  expect(wires.writes).toEqual([1]);
});

test("Answers that take long to compute do not wait for each other", () => {
  const { wires } = pipeOf((pipe) => {
    now += 0.4;
    pipe.send(message());
  });
  wires.sink.onData(chunk(9));
  // No write is ever done here: what is late goes out beside those in flight.
  expect(wires.writes).toEqual([4, 4]);
  wires.written();
  expect(wires.writes).toEqual([4, 4, 1]);
});

test("An end of the pipe while it holds harms nobody", async () => {
  const { wires } = pipeOf((pipe) => {
    pipe.send(message());
    pipe.close(new Error("enough"));
  });
  const good = pipeOf((pipe) => pipe.send(message()));
  wires.sink.onData(chunk(10));
  good.wires.sink.onData(chunk(3));
  await turn();
  expect(wires.writes).toEqual([]);
  expect(good.wires.writes).toEqual([3]);
});
