/**
 * A byte stream as a `TransportPipe`: handshake, framing, back-pressure, close. Its states:
 *
 *     greeting ──peer's greeting──► ready ──start()──► open ──close()──► closing ──flushed, or time──► closed
 *         └───────────── error, time, close() ──────────────────────────────────────────────────────►┘
 *
 * tcp, ipc and tls share it; they differ in the stream and the wire that they hand in.
 */
import { ConnectionShutdownError, ProtocolError, TimeoutError } from "../errors.js";
import { macrotask } from "../macrotask.js";
import type { Message } from "../message.js";
import { type Unwatch, watchAbort } from "../signals.js";
import type { Clock, EndpointContext, MessageRun, PipeSink, Timer, TransportPipe } from "../transport.js";
import type { ByteSink, ByteStream } from "./byte-stream.js";
import { gather } from "./gather.js";
import type { EncoderOptions, FrameDecoder, FrameEncoder, FrameSink, Wire } from "./wire.js";

/** Who waits for the handshake: `opened` or `failed` is called, once. */
export interface HandshakeResult {
  opened(pipe: TransportPipe): void;
  /** The stream is destroyed. */
  failed(error: Error): void;
  /** Core has taken the pipe: it is no longer half-open. */
  started?(): void;
  /** The pipe is over, in whatever state it was. Comes once and last. */
  closed?(): void;
}

/** After our end of the stream, ms that a peer may take to end its own before the connection is cut. */
const LINGER = 500;
const NOTHING: ReadonlyMap<string, unknown> = new Map();
const NO_BYTES = new Uint8Array(0);

/**
 * Begins the handshake on a stream that has just connected.
 *
 * @param startedAt When the attempt began, on the context's clock: the handshake budget counts from there.
 * @returns a handle to give up with
 */
export function createStreamPipe(
  stream: ByteStream,
  context: EndpointContext,
  wire: Wire,
  result: HandshakeResult,
  startedAt: number = context.clock.now(),
): { destroy(error: Error): void } {
  return new StreamPipe(stream, context, wire, result, startedAt);
}

/** The same for a dialer: rejects as `Transport.dial` should, and gives up when the context aborts. */
export function dialStream(
  stream: ByteStream,
  context: EndpointContext,
  wire: Wire,
  startedAt?: number,
): Promise<TransportPipe> {
  return new Promise((resolve, reject) => {
    const { signal } = context;
    const abort = (): void => handle.destroy(signal.reason as Error);
    let watch: Unwatch | undefined;
    let settled = false;
    const settle = (): void => {
      settled = true;
      watch?.cancel();
    };
    const handle = createStreamPipe(
      stream,
      context,
      wire,
      {
        opened(pipe) {
          settle();
          resolve(pipe);
        },
        failed(error) {
          settle();
          reject(error);
        },
      },
      startedAt,
    );
    if (signal.aborted) abort();
    else if (!settled) watch = watchAbort(signal, { aborted: abort });
  });
}

class StreamPipe implements TransportPipe, ByteSink, FrameSink, EncoderOptions {
  peerProtocol = 0;
  readonly highWaterBytes: number;
  readonly #stream: ByteStream;
  readonly #clock: Clock;
  readonly #decoder: FrameDecoder;
  readonly #encoder: FrameEncoder;
  #state: "greeting" | "ready" | "open" | "closing" | "closed" = "greeting";
  /** Let go as soon as there is nothing more to tell. */
  #result: HandshakeResult | undefined;
  #sink: PipeSink | undefined;
  #timer: Timer | undefined;
  #greeting: Greeting | undefined;
  /** Chunks that came while reading was paused: one, or two if the stream was slow to pause. */
  #held: Uint8Array[] | undefined;
  #streamPaused = false;
  #running = false;
  /** Messages that the run of the decoder has delivered. */
  #delivered = 0;
  /** The peer ended its side. */
  #ended = false;
  #error: Error | undefined;
  #flushed: (() => void)[] | undefined;
  /** What a close loses, frozen when it happens. */
  #lostMessages = 0;
  #lostBytes = 0;

  constructor(
    stream: ByteStream,
    context: EndpointContext,
    wire: Wire,
    result: HandshakeResult,
    startedAt: number,
  ) {
    this.#stream = stream;
    this.#clock = context.clock;
    this.#result = result;
    this.#greeting = new Greeting(wire);
    this.highWaterBytes = context.highWaterBytes;
    const limit = context.receiveMaxSize === 0 ? Number.POSITIVE_INFINITY : context.receiveMaxSize;
    this.#decoder = wire.decoder(limit, this, stream.memory);
    this.#encoder = wire.encoder(stream, this);
    const { handshakeTimeout } = context;
    const budget = handshakeTimeout - (context.clock.now() - startedAt);
    this.#timer = context.clock.setTimer(Math.max(0, budget), () => this.#late(handshakeTimeout));
    stream.start(this);
    if (this.#state === "greeting") stream.write([wire.greeting(context.protocol.id)], () => undefined);
  }

  get localAddress(): string {
    return this.#stream.localAddress;
  }

  get remoteAddress(): string {
    return this.#stream.remoteAddress;
  }

  get properties(): ReadonlyMap<string, unknown> {
    return this.#stream.properties ?? NOTHING;
  }

  get pendingMessages(): number {
    return this.#state === "closed" ? this.#lostMessages : this.#encoder.pendingMessages;
  }

  get pendingBytes(): number {
    return this.#state === "closed" ? this.#lostBytes : this.#encoder.pendingBytes;
  }

  whenFlushed(callback: () => void): void {
    this.#flushed ??= [];
    this.#flushed.push(callback);
    if (this.#state === "closed" || this.#encoder.pendingMessages === 0)
      queueMicrotask(() => this.#tellFlushed());
  }

  start(sink: PipeSink): void {
    this.#sink = sink;
    if (this.#state === "closed") {
      sink.onClose(this.#error);
      return;
    }
    if (this.#state !== "ready") return;
    this.#state = "open";
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#result?.started?.();
    if (this.#result?.closed === undefined) this.#result = undefined;
    this.#run();
  }

  send(message: Message): boolean {
    if (this.#state !== "open" && this.#state !== "ready") return false;
    return this.#encoder.put(message);
  }

  pause(): void {
    this.#decoder.paused = true;
  }

  resume(): void {
    if (this.#state !== "open" || !this.#decoder.paused) return;
    this.#decoder.paused = false;
    // Resumed from inside a delivery: the loop that delivers goes on by itself.
    if (!this.#running) this.#run();
  }

  fetch(): Message | undefined {
    return this.#state === "open" && !this.#running ? this.#decoder.fetch() : undefined;
  }

  close(error?: Error): void {
    switch (this.#state) {
      case "closed":
        return;
      case "greeting":
        this.#fail(error ?? new ConnectionShutdownError("The connection was given up during the handshake."));
        return;
      case "closing":
        if (error !== undefined) this.#cut(error);
        return;
      default:
        if (error === undefined) this.#closeGracefully();
        else this.#cut(error);
    }
  }

  onData(chunk: Uint8Array): void {
    switch (this.#state) {
      case "greeting":
        this.#greet(chunk);
        return;
      case "ready":
        this.#hold(chunk);
        return;
      case "open":
        if (this.#decoder.waiting || this.#held !== undefined) {
          this.#hold(chunk);
          return;
        }
        this.#decode(chunk);
        return;
      default:
        // Closing: read on, so that the system need not reset the connection under the bytes that we still send.
        return;
    }
  }

  onEnd(): void {
    this.#ended = true;
    if (this.#state === "greeting") {
      this.#fail(
        new ConnectionShutdownError(
          `The peer at ${this.remoteAddress} closed the connection before its greeting was complete. Is it an SP socket?`,
        ),
      );
    } else if (this.#state === "closing") {
      if (this.#encoder.pendingMessages === 0) this.#stream.destroy();
    } else if (this.#state === "open") {
      this.#endOfInput();
    }
  }

  onClose(error?: Error): void {
    if (this.#state === "closed") return;
    if (this.#state === "greeting") {
      this.#fail(
        error ??
          new ConnectionShutdownError(
            `The peer at ${this.remoteAddress} closed the connection before its greeting was complete.`,
          ),
      );
      return;
    }
    this.#closed(this.#state === "closing" ? this.#error : error);
  }

  /** Whoever watches over the handshake gives up. */
  destroy(error: Error): void {
    this.close(error);
  }

  onMessage(message: Message): void {
    this.#delivered++;
    (this.#sink as PipeSink).onMessage(message);
  }

  get run(): MessageRun | undefined {
    return this.#sink?.run;
  }

  #late(handshakeTimeout: number): void {
    this.close(
      new TimeoutError(
        `The handshake with ${this.remoteAddress} took longer than ${handshakeTimeout} ms (handshakeTimeout).`,
      ),
    );
  }

  #greet(chunk: Uint8Array): void {
    const greeting = this.#greeting as Greeting;
    let rest: Uint8Array | undefined;
    try {
      rest = greeting.add(chunk);
    } catch (error) {
      this.#fail(error as Error);
      return;
    }
    if (rest === undefined) return;
    this.peerProtocol = greeting.protocol;
    this.#greeting = undefined;
    this.#state = "ready";
    if (rest.length > 0) this.#hold(rest);
    this.#result?.opened(this);
    // A dialer starts it some microtasks later. If the application still thinks about the peer in the next turn of the
    // event loop, read no more until it has decided.
    if ((this.#state as string) === "ready" && !this.#streamPaused) macrotask(() => this.#undecided());
  }

  #undecided(): void {
    if (this.#state === "ready") this.#pauseStream();
  }

  #hold(chunk: Uint8Array): void {
    this.#held ??= [];
    this.#held.push(chunk);
    this.#pauseStream();
  }

  #pauseStream(): void {
    if (this.#streamPaused) return;
    this.#streamPaused = true;
    this.#stream.pause();
  }

  #decode(chunk: Uint8Array): void {
    this.#running = true;
    this.#delivered = 0;
    const outer = gather.enter(this.#decoder);
    try {
      this.#decoder.push(chunk);
    } catch (error) {
      this.#cut(error as Error);
    } finally {
      this.#running = false;
      gather.leave(outer, this.#delivered > 1);
    }
  }

  /** Reads what is there, as far as nobody pauses; then lets the stream flow again. */
  #run(): void {
    this.#running = true;
    this.#delivered = 0;
    const outer = gather.enter(this.#decoder);
    try {
      if (this.#decoder.waiting) this.#decoder.run();
      while (this.#state === "open" && !this.#decoder.paused && this.#held !== undefined) {
        const chunk = this.#held.shift() as Uint8Array;
        if (this.#held.length === 0) this.#held = undefined;
        this.#decoder.push(chunk);
      }
    } catch (error) {
      this.#cut(error as Error);
    } finally {
      this.#running = false;
      gather.leave(outer, this.#delivered > 1);
    }
    if (this.#state !== "open" || this.#decoder.paused) return;
    if (this.#ended) this.#endOfInput();
    else if (this.#streamPaused) {
      this.#streamPaused = false;
      this.#stream.resume();
    }
  }

  /** The peer has ended its side: once everything that it sent is delivered, the pipe closes. */
  #endOfInput(): void {
    if (this.#running || this.#decoder.paused || this.#held !== undefined) return;
    if (this.#decoder.partial) {
      this.#cut(
        new ProtocolError("The peer closed the connection in the middle of a message.", {
          reason: "truncated",
        }),
      );
    } else {
      this.#closeGracefully();
    }
  }

  #closeGracefully(): void {
    this.#state = "closing";
    this.#decoder.stop();
    this.#held = undefined;
    if (this.#streamPaused) {
      this.#streamPaused = false;
      this.#stream.resume();
    }
    if (this.#encoder.pendingMessages === 0) this.#end();
  }

  /** Everything is written: end our side and give the peer a moment to end its own. */
  #end(): void {
    this.#timer?.cancel();
    if (this.#ended) {
      this.#stream.end();
      this.#stream.destroy();
      return;
    }
    this.#timer = this.#clock.setTimer(LINGER, () => this.#stream.destroy());
    this.#stream.end();
  }

  /** By the encoder: there is room again. */
  onDrain(): void {
    this.#sink?.onDrain();
  }

  /** By the encoder: nothing is pending any more. */
  onFlushed(): void {
    this.#tellFlushed();
    if (this.#state === "closing") this.#end();
  }

  #tellFlushed(): void {
    const callbacks = this.#flushed;
    this.#flushed = undefined;
    for (const callback of callbacks ?? []) callback();
  }

  #fail(error: Error): void {
    this.#cut(error);
    this.#result?.failed(error);
  }

  /** Ends at once. */
  #cut(error: Error): void {
    this.#error = error;
    this.#stream.destroy();
    this.#closed(error);
  }

  #closed(error: Error | undefined): void {
    if (this.#state === "closed") return;
    this.#lostMessages = this.#encoder.pendingMessages;
    this.#lostBytes = this.#encoder.pendingBytes;
    this.#state = "closed";
    this.#error = error;
    this.#timer?.cancel();
    this.#decoder.stop();
    this.#encoder.stop();
    this.#held = undefined;
    this.#tellFlushed();
    this.#sink?.onClose(error);
    this.#result?.closed?.();
  }
}

/** The peer's greeting, as far as it has come. */
class Greeting {
  protocol = 0;
  readonly #wire: Wire;
  #bytes: Uint8Array | undefined;
  #count = 0;

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  /** What follows it in the chunk; undefined while it is not complete. @throws ProtocolError */
  add(chunk: Uint8Array): Uint8Array | undefined {
    const { greetingLength } = this.#wire;
    if (this.#bytes === undefined && chunk.length === greetingLength) {
      this.protocol = this.#wire.readGreeting(chunk);
      return NO_BYTES;
    }
    this.#bytes ??= new Uint8Array(greetingLength);
    const take = Math.min(greetingLength - this.#count, chunk.length);
    this.#bytes.set(chunk.subarray(0, take), this.#count);
    this.#count += take;
    if (this.#count < greetingLength) return undefined;
    this.protocol = this.#wire.readGreeting(this.#bytes);
    return chunk.subarray(take);
  }
}
