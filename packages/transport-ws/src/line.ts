/**
 * The connection under a WebSocket, between the system's socket and `ws`.
 *
 * Writing: messages as frames of ours, and what `ws` writes, gather and go out as one write whenever none is in flight, or
 * as soon as a batch is full. Small pieces lie in a slab, larger ones go by reference.
 *
 * Reading: the answer to an upgrade goes to `ws` as it comes. What comes behind it waits for a `FrameReader`, which gives
 * `ws` the control frames.
 *
 * The rules it guards: one `error` listener from the first moment until after the close, so that no error of a socket can
 * end the process; a handle that does not keep the process alive; nothing written after the end.
 */
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { type DirectReads, nodeMemory, type StreamMemory } from "@sprocket/core/stream";
import type { FrameReader, Violation } from "./frame-reader.js";
import { wordsOf } from "./mask.js";

const memory = nodeMemory(process.versions, Buffer.allocUnsafeSlow);

/** Pieces up to this many bytes are copied: below, a copy is cheaper than one more piece in a write. */
const COPY = 1024;
/** A batch of this many bytes goes out although another write is in flight. */
const BATCH = 256 * 1024;
const SLAB = 64 * 1024;
/** Bytes of frames that may wait for a reader; the system holds what comes behind them. */
const EARLY = 64 * 1024;

/** Where small pieces are gathered: one for the realm, so that ten thousand idle connections hold nothing. */
let slab = Buffer.alloc(0);
let slabWords = wordsOf(slab);
let used = 0;

type WriteCallback = (error?: Error | null) => void;

/** A batch that the system has not finished writing. */
interface Batch {
  readonly messages: number;
  readonly bytes: number;
  readonly callbacks: readonly WriteCallback[] | undefined;
}

export class Line extends Duplex {
  /** Bytes that came. */
  received = 0;
  /** Why it broke, if it did. */
  failure: Error | undefined;
  /** Called, once, when the peer's frames break a rule. */
  onViolation: ((violation: Violation) => void) | undefined;
  /** Called when the peer has ended its side, whether or not somebody reads. */
  onEnd: (() => void) | undefined;
  /** Called when a batch is written. */
  onWritten: (() => void) | undefined;
  readonly #socket: Socket;
  #pieces: Uint8Array[] = [];
  /** The open piece: `#slab[#start..#end)`. */
  #slab: Buffer | undefined;
  #start = 0;
  #end = 0;
  #bytes = 0;
  #messages = 0;
  #callbacks: WriteCallback[] | undefined;
  /** Where what comes lies. */
  readonly memory: StreamMemory;
  readonly #batches: Batch[] = [];
  #inFlightBytes = 0;
  #inFlightMessages = 0;
  #corks = 0;
  /** Frames come, but nobody reads them yet. */
  #early: Uint8Array[] | undefined;
  #earlyBytes = 0;
  #reader: FrameReader | undefined;
  /** Nothing is read from the system for now. */
  #stopped = false;
  /** Nothing of the peer is taken any more. */
  #left = false;
  #ending: WriteCallback | undefined;

  /** @param reads what the socket reads into, if that is ours */
  constructor(socket: Socket, reads?: DirectReads) {
    super({ allowHalfOpen: true });
    this.#socket = socket;
    this.memory = reads ?? memory;
    socket.unref();
    this.on("error", (error) => {
      this.failure ??= error;
    });
    socket.on("error", (error) => this.destroy(error));
    socket.on("close", () => {
      reads?.end();
      this.destroy();
    });
    socket.on("end", () => {
      this.push(null);
      this.onEnd?.();
    });
    const onData = (chunk: Uint8Array): void => {
      this.received += chunk.length;
      this.#receive(chunk);
    };
    if (reads === undefined) socket.on("data", onData);
    else reads.sink = { onData, onEnd: () => undefined, onClose: () => undefined };
  }

  /** From here on frames come: those in `head` first. They wait for `readFrames`. */
  expectFrames(head: Uint8Array): void {
    this.#early = [];
    if (head.length > 0) this.#receive(head);
  }

  /** Gives all frames to this reader. Call it when `ws` has the line. */
  readFrames(reader: FrameReader): void {
    this.#reader = reader;
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const chunk of early) this.#receive(chunk);
    if (this.#earlyBytes >= EARLY && !this.#stopped) this.#socket.resume();
  }

  /** Gives `ws` what came for it. */
  forward(chunk: Uint8Array): void {
    if (!this.push(chunk)) this.#socket.pause();
  }

  /** Reads nothing more from the system, until `proceed`. */
  stop(): void {
    this.#stopped = true;
    this.#socket.pause();
  }

  proceed(): void {
    this.#stopped = false;
    this.#socket.resume();
  }

  /** Takes nothing more from the peer, tells it that this is the end, and waits for its own, but not for long. */
  leave(): void {
    this.#left = true;
    this.proceed();
    this.resume();
    this.end();
  }

  /** Messages written to it and not yet taken by the system. */
  get pendingMessages(): number {
    return this.#messages + this.#inFlightMessages;
  }

  get pendingBytes(): number {
    return this.#bytes + this.#inFlightBytes;
  }

  /** Makes room for so many bytes in the slab, behind all that was written, and gives where; fill them at once. */
  reserve(length: number): number {
    if (slab.length - used < length) {
      slab = Buffer.allocUnsafeSlow(SLAB);
      slabWords = wordsOf(slab);
      used = 0;
    }
    if (this.#slab !== slab || this.#end !== used) {
      this.#cut();
      this.#slab = slab;
      this.#start = used;
    }
    const start = used;
    used += length;
    this.#end = used;
    this.#bytes += length;
    return start;
  }

  get slab(): Uint8Array {
    return slab;
  }

  /** The words of the slab. */
  get slabWords(): Int32Array {
    return slabWords;
  }

  /** Writes bytes by reference. They go out with what comes behind them: `endMessage` is the latest. */
  add(bytes: Uint8Array): void {
    this.#cut();
    this.#pieces.push(bytes);
    this.#bytes += bytes.length;
  }

  /** What was put in since the last was a message. */
  endMessage(): void {
    this.#messages++;
    if (this.#batches.length === 0 || this.#bytes >= BATCH) this.#flush();
  }

  /** Cuts it in `ms`, if it is not over by then. */
  setPatience(ms: number): void {
    const timer = setTimeout(() => this.destroy(), ms).unref();
    this.once("close", () => clearTimeout(timer));
  }

  /** `ws` gives back what came behind the answer to its request. */
  override unshift(chunk: Buffer): void {
    if (this.#early === undefined && this.#reader === undefined) super.unshift(chunk);
    else this.#receive(chunk);
  }

  override write(chunk: unknown, encoding?: unknown, callback?: unknown): boolean {
    const done = typeof encoding === "function" ? encoding : callback;
    if (this.destroyed || this.writableEnded) {
      if (typeof done === "function")
        process.nextTick(done as WriteCallback, new Error("write after the end"));
      return false;
    }
    this.#put(
      typeof chunk === "string"
        ? Buffer.from(chunk, typeof encoding === "string" ? (encoding as BufferEncoding) : "utf8")
        : (chunk as Uint8Array),
    );
    if (typeof done === "function") {
      this.#callbacks ??= [];
      this.#callbacks.push(done as WriteCallback);
    }
    if (this.#corks === 0 && this.#batches.length === 0) this.#flush();
    return true;
  }

  override cork(): void {
    this.#corks++;
  }

  override uncork(): void {
    this.#corks--;
    if (this.#corks === 0 && (this.#batches.length === 0 || this.#bytes >= BATCH)) this.#flush();
  }

  override _read(): void {
    if (!this.#stopped && (this.#early === undefined || this.#earlyBytes < EARLY)) this.#socket.resume();
  }

  override _final(callback: WriteCallback): void {
    this.#ending = callback;
    if (this.#batches.length === 0) this.#flush();
    this.#endWhenWritten();
  }

  override _destroy(error: Error | null, callback: WriteCallback): void {
    this.#pieces = [];
    this.#slab = undefined;
    const lost = [...this.#batches.flatMap((batch) => batch.callbacks ?? []), ...(this.#callbacks ?? [])];
    this.#callbacks = undefined;
    for (const each of lost) process.nextTick(each, new Error("the connection is closed"));
    this.#socket.destroy();
    callback(error);
  }

  #endWhenWritten(): void {
    const ending = this.#ending;
    if (ending === undefined || this.pendingBytes > 0) return;
    this.#ending = undefined;
    this.#socket.end(() => ending());
  }

  #receive(chunk: Uint8Array): void {
    if (this.#left) return;
    if (this.#early !== undefined) {
      this.#early.push(chunk);
      this.#earlyBytes += chunk.length;
      if (this.#earlyBytes >= EARLY) this.#socket.pause();
      return;
    }
    if (this.#reader === undefined) {
      this.forward(chunk);
      return;
    }
    const violation = this.#reader.take(chunk);
    if (violation === undefined || this.#left) return;
    this.#left = true;
    this.onViolation?.(violation);
  }

  #put(bytes: Uint8Array): void {
    const { length } = bytes;
    if (length > COPY) this.add(bytes);
    else {
      const at = this.reserve(length);
      slab.set(bytes, at);
    }
  }

  /** Ends the open piece. */
  #cut(): void {
    if (this.#slab !== undefined && this.#end > this.#start) {
      this.#pieces.push(this.#slab.subarray(this.#start, this.#end));
    }
    this.#slab = undefined;
    this.#start = this.#end = 0;
  }

  #flush(): void {
    this.#cut();
    const pieces = this.#pieces;
    if (pieces.length === 0) return;
    this.#pieces = [];
    const batch: Batch = { messages: this.#messages, bytes: this.#bytes, callbacks: this.#callbacks };
    this.#batches.push(batch);
    this.#inFlightBytes += batch.bytes;
    this.#inFlightMessages += batch.messages;
    this.#bytes = this.#messages = 0;
    this.#callbacks = undefined;
    const socket = this.#socket;
    if (pieces.length === 1) {
      socket.write(pieces[0] as Uint8Array, this.#done);
      return;
    }
    socket.cork();
    for (let at = 0; at < pieces.length - 1; at++) socket.write(pieces[at] as Uint8Array);
    socket.write(pieces[pieces.length - 1] as Uint8Array, this.#done);
    socket.uncork();
  }

  /** Batches are written in their order. */
  readonly #done = (error?: Error | null): void => {
    if (error || this.destroyed) return;
    const batch = this.#batches.shift() as Batch;
    this.#inFlightBytes -= batch.bytes;
    this.#inFlightMessages -= batch.messages;
    if (batch.callbacks !== undefined) for (const callback of batch.callbacks) callback();
    if (this.#bytes > 0 && this.#batches.length === 0) this.#flush();
    this.#endWhenWritten();
    this.onWritten?.();
  };
}
