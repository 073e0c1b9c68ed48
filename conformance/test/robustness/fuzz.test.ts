/** Z1 to Z3, B2: random bytes, random cuts, random headers. A failure prints the seed that repeats it. */
import type { Message } from "@sprocket/core";
import type { PipeSink, TransportPipe } from "@sprocket/core/plugin";
import { type ByteSink, type ByteStream, createStreamPipe, spIpcWire, spWire } from "@sprocket/core/stream";
import { Pair0, Pair1 } from "@sprocket/pair";
import { RawRep0, RawReq0, Rep0, Req0 } from "@sprocket/reqrep";
import {
  concat,
  frame,
  fuzz,
  ManualClock,
  MockTransport,
  mutate,
  protocolNumbers,
  type SeededRandom,
  spHeader,
  split,
  toHex,
  u32,
} from "@sprocket/testing";
import { expect, test } from "vitest";
import { keep, rawConnect, text, transports, turns } from "../support/world.js";

const LIMIT = 300;

/** A stream pipe whose bytes come from the test. */
class Pipe implements ByteStream, PipeSink {
  readonly localAddress = "fuzz://here";
  readonly remoteAddress = "fuzz://there";
  readonly messages: string[] = [];
  pipe: TransportPipe | undefined;
  failure: Error | undefined;
  closes = 0;
  /** Chunks that wait because reading was paused; a stream may still deliver one. */
  readonly #waiting: Uint8Array[] = [];
  #paused = false;
  #destroyed = false;
  #sink: ByteSink | undefined;

  constructor(
    wire: typeof spWire,
    public onEach: (pipe: Pipe) => void = () => undefined,
  ) {
    createStreamPipe(
      this,
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
        receiveMaxSize: LIMIT,
        handshakeTimeout: 1_000_000,
        highWaterBytes: 1_000,
        signal: new AbortController().signal,
        clock: CLOCK,
      },
      wire,
      {
        opened: (pipe) => {
          this.pipe = pipe;
          pipe.start(this);
        },
        failed: (error) => {
          this.failure = error;
        },
      },
    );
  }

  // The stream's side.
  start(sink: ByteSink): void {
    this.#sink = sink;
  }
  write(): void {}
  pause(): void {
    this.#paused = true;
  }
  resume(): void {
    this.#paused = false;
    while (!this.#paused && !this.#destroyed) {
      const chunk = this.#waiting.shift();
      if (chunk === undefined) return;
      this.#sink?.onData(chunk);
    }
  }
  end(): void {}
  destroy(): void {
    this.#destroyed = true;
  }

  // Core's side.
  onMessage(message: Message): void {
    if (this.closes > 0) throw new Error("a message after onClose");
    this.messages.push(toHex(message.body));
    this.onEach(this);
  }
  onDrain(): void {}
  onClose(error?: Error): void {
    this.closes++;
    this.failure = error;
  }

  feed(chunk: Uint8Array): void {
    if (this.#destroyed) return;
    // A copy: what a stream delivers is the sink's alone.
    if (this.#paused) this.#waiting.push(chunk.slice());
    else this.#sink?.onData(chunk.slice());
  }

  /** Lets everything that waits in. */
  drain(): void {
    this.onEach = () => undefined;
    this.pipe?.resume();
    this.resume();
  }

  finish(): void {
    this.#sink?.onEnd();
    this.#sink?.onClose();
  }
}

const CLOCK = new ManualClock();

/** A stream of frames, good ones mostly, and now and then one that is too long. */
function stream(random: SeededRandom, framing: "tcp" | "ipc"): Uint8Array {
  const frames: Uint8Array[] = [spHeader(random.chance(0.98) ? 0x10 : 0x11)];
  for (let count = random.below(12); count > 0; count--) {
    const size = random.chance(0.03) ? LIMIT + 1 : random.pick([0, 1, 7, 8, 9, 30, 100, LIMIT]);
    frames.push(frame(framing, random.bytes(size)));
  }
  return concat(...frames);
}

test("Z1: any cut of a stream gives the same messages and the same end, paused or not", async () => {
  const runs = await fuzz({ runs: 40_000, budget: 4_000 }, (random) => {
    const framing = random.chance(0.5) ? "tcp" : "ipc";
    const wire = framing === "tcp" ? spWire : spIpcWire;
    let bytes = stream(random, framing);
    if (random.chance(0.5)) bytes = mutate(bytes, random);
    const whole = new Pipe(wire);
    whole.feed(bytes);
    const pauses = random.chance(0.5);
    const cut = new Pipe(wire, (pipe) => {
      if (pauses && random.chance(0.3)) pipe.pipe?.pause();
    });
    for (const piece of split(bytes, random)) {
      cut.feed(piece);
      if (pauses && random.chance(0.2)) cut.pipe?.resume();
    }
    cut.drain();
    whole.finish();
    cut.finish();
    expect(cut.messages).toEqual(whole.messages);
    expect(cut.closes).toBe(whole.closes);
    expect(String(cut.failure)).toBe(String(whole.failure));
  });
  expect(runs).toBeGreaterThan(100);
}, 30_000);

test("Z3: random bytes and mutated handshakes on live listeners hurt nobody else", async () => {
  const sockets = [
    { socket: new Rep0({ transports, handshakeTimeout: 500 }), number: protocolNumbers.req },
    {
      socket: new Pair1({ transports, polyamorous: true, handshakeTimeout: 500 }),
      number: protocolNumbers.pair1,
    },
    { socket: new Pair0({ transports, handshakeTimeout: 500 }), number: protocolNumbers.pair0 },
    { socket: new RawRep0({ transports, handshakeTimeout: 500 }), number: protocolNumbers.req },
    { socket: new RawReq0({ transports, handshakeTimeout: 500 }), number: protocolNumbers.rep },
  ];
  const urls: string[] = [];
  for (const { socket } of sockets) urls.push((await keep(socket).listen("tcp://127.0.0.1:0")).url);
  await fuzz({ runs: 1_000, budget: 6_000 }, async (random) => {
    const at = random.below(sockets.length);
    const { number } = sockets[at] as (typeof sockets)[0];
    const peer = await rawConnect(urls[at] as string);
    const words = Array.from({ length: random.below(4) }, () => u32(random.uint32()));
    let bytes: Uint8Array = concat(
      spHeader(number),
      frame("tcp", concat(...words, random.bytes(random.below(40)))),
    );
    bytes = random.chance(0.2) ? random.bytes(random.below(100)) : mutate(bytes, random, 3);
    for (const piece of split(bytes, random)) await peer.send(piece);
    if (random.chance(0.5)) await peer.reset();
    else await peer.close();
  });
  for (const { socket } of sockets) expect(socket.listeners.size).toBe(1);
  const rep = keep(new Rep0({ transports }));
  const { url } = await rep.listen("tcp://127.0.0.1:0");
  rep.serve((request) => request.copy());
  const req = keep(new Req0({ transports }));
  await req.dial(url);
  expect(await text(req.request("still fine"))).toBe("still fine");
}, 60_000);

test("B2: no hostile header makes a reply reach a wrong caller", async () => {
  const clock = new ManualClock();
  const mock = new MockTransport({ dials: "accept" });
  const req = keep(new Req0({ transports: [mock], clock }));
  await req.listen("mock://repliers");
  let good = mock.listener("repliers").connect();
  let bad = mock.listener("repliers").connect();
  await fuzz({ runs: 20_000, budget: 3_000 }, async (random, run) => {
    const asked = req.request(`question ${run}`);
    // The request went to one of the two; the other one is hostile.
    const holder = good.sent.length > 0 ? good : bad;
    if (holder === bad) [good, bad] = [bad, good];
    const request = good.sent.pop() as Uint8Array;
    good.sent.length = 0;
    const own = new DataView(request.buffer, request.byteOffset).getUint32(0);
    const near = random.pick([own, own + 1, own - 1, own & 0x7fff_ffff, random.uint32(), 0, 0xffff_ffff]);
    bad.deliver(u32(near), "forged");
    // Its own pipe may send rubbish too, as long as it is not this very id.
    if (near !== own) good.deliver(u32(near), "forged");
    good.deliver(request.subarray(0, 4), `answer ${run}`);
    expect(new TextDecoder().decode(await asked)).toBe(`answer ${run}`);
    // A pipe pauses now and then for others. What waits in it must not meet the next question, whose id it may have hit.
    while (good.undelivered + bad.undelivered > 0) await turns(1);
  });
  expect(req.pipes.size).toBe(2);
}, 30_000);

test("B1: hostile backtraces are dropped or end their pipe, and never reach the application wrongly", async () => {
  const mock = new MockTransport();
  const rep = keep(new RawRep0({ transports: [mock], ttlMax: 8 }));
  await rep.listen("mock://requesters");
  let pipe = mock.listener("requesters").connect();
  await fuzz({ runs: 30_000, budget: 3_000 }, (random) => {
    if (pipe.closing) pipe = mock.listener("requesters").connect();
    const words = Array.from({ length: random.below(20) }, () =>
      u32(random.chance(0.8) ? random.uint32() & 0x7fff_ffff : random.uint32() | 0x8000_0000),
    );
    const bytes = concat(...words, random.bytes(random.below(6)));
    // What the rules say: up to eight words, of which the last and only the last has the high bit.
    let hops = 0;
    while (hops < 8 && 4 * hops + 4 <= bytes.length && (bytes[4 * hops] as number) < 0x80) hops++;
    const ends = hops < 8 && 4 * hops + 4 <= bytes.length;
    const drops = rep.stats().drops.ttl ?? 0;
    pipe.deliver(bytes);
    const got = rep.tryReceive();
    if (ends) {
      expect(got?.header.length).toBe(4 + 4 * (hops + 1));
      expect(got?.length).toBe(bytes.length - 4 * (hops + 1));
    } else {
      expect(got).toBeUndefined();
      if (hops === 8) expect(rep.stats().drops.ttl).toBe(drops + 1);
      expect(pipe.closing).toBe(hops < 8);
    }
  });
}, 30_000);

test("Z2: random operations on a request and its replier keep the model: every answer is to its own question", async () => {
  await fuzz({ runs: 400, budget: 5_000 }, async (random) => {
    const clock = new ManualClock({ seed: random.uint32() });
    const rep = new Rep0({ clock });
    const req = new Req0({ clock, resendTime: 100, reconnectTimeMin: 10 });
    try {
      const url = `inproc://fuzz-${random.uint32()}`;
      const listener = await rep.listen(url);
      rep.serve((request) => `answer to ${request.text()}`, { concurrency: random.between(1, 4) });
      await req.dial(url, { mode: "background" });
      const outstanding: Promise<void>[] = [];
      for (let step = 0; step < 12; step++) {
        const question = `question ${step}`;
        switch (random.below(6)) {
          case 0:
          case 1:
          case 2: {
            const abort = new AbortController();
            outstanding.push(
              req.request(question, { timeout: random.between(1, 400), signal: abort.signal }).then(
                (bytes) => expect(new TextDecoder().decode(bytes)).toBe(`answer to ${question}`),
                (error: { code?: string }) => {
                  if (error instanceof DOMException) return;
                  expect(["SP_ETIMEDOUT", "SP_ECLOSED"]).toContain(error.code);
                },
              ),
            );
            if (random.chance(0.3)) abort.abort();
            break;
          }
          case 3:
            for (const pipe of random.chance(0.5) ? req.pipes : rep.pipes) pipe.close();
            break;
          case 4:
            await clock.advanceAsync(random.between(1, 60));
            break;
          default:
            await undefined;
        }
      }
      await clock.advanceAsync(1_000);
      await Promise.all(outstanding);
      expect(listener.closed).toBe(false);
    } finally {
      req.destroy();
      rep.destroy();
    }
    expect(clock.pending).toBe(0);
  });
}, 30_000);
