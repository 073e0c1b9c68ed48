/**
 * Bytes to messages, split anywhere (reference 2.1, 2.2).
 *
 * A message that lies whole in its chunk becomes a view of it; only what spans chunks is copied, once, into a buffer of its
 * size. The rules it guards: the announced length is checked before anything is done with it and buys no memory by itself;
 * a pause takes effect at the current message.
 */
import { MessageTooLargeError, ProtocolError } from "../errors.js";
import { Message, readWord } from "../message.js";
import type { StreamMemory } from "./byte-stream.js";
import { PartialBody } from "./partial-body.js";
import type { FrameDecoder, FrameSink } from "./wire.js";

const LENGTH = 8;
/** Lengths above 2^53 cannot be counted, let alone held. */
const HIGHEST_WORD = 0x1f_ffff;
/** Bytes that an announcement gets at once at most, whatever the peer has sent before. */
const TRUSTED = 4 * 1024 * 1024;
const EMPTY = new Uint8Array(0);

export class SpDecoder implements FrameDecoder {
  paused = false;
  readonly #limit: number;
  /** Bytes in front of the length: the type byte of ipc. */
  readonly #prefix: number;
  readonly #sink: FrameSink;
  /** The chunk that is being read, from `#at` on. */
  #chunk: Uint8Array = EMPTY;
  /** Of the chunk. */
  #buffer: ArrayBufferLike | undefined;
  #at = 0;
  /** A body that spans chunks. */
  #open: PartialBody | undefined;
  readonly #memory: StreamMemory;
  /** Something else than this decoder looks at the chunk: a message in it, or a body of which it is a part. */
  #shared = false;
  /**
   * The longest body that came in several chunks, up to `TRUSTED`. A peer that has sent so much is believed when it
   * announces as much again: it gets the buffer with the first byte, and costs no more than it has sent.
   */
  #proven = 0;
  /** A frame header that spans chunks. */
  #carry: Uint8Array | undefined;
  #carried = 0;

  constructor(limit: number, prefix: 0 | 1, sink: FrameSink, memory: StreamMemory = {}) {
    this.#limit = limit;
    this.#prefix = prefix;
    this.#sink = sink;
    this.#memory = memory;
  }

  get partial(): boolean {
    return this.#open !== undefined || this.#carried > 0 || this.waiting;
  }

  get waiting(): boolean {
    return this.#at < this.#chunk.length;
  }

  push(chunk: Uint8Array): void {
    this.#chunk = chunk;
    this.#buffer = chunk.buffer;
    this.#shared = false;
    this.#at = 0;
    this.run();
  }

  stop(): void {
    this.paused = true;
    this.#forget();
    this.#open = undefined;
    this.#carry = undefined;
    this.#carried = 0;
  }

  run(): void {
    const header = this.#prefix + LENGTH;
    // Each delivery may pause, stop or (through a resume of its own) run this decoder: state is written before it.
    while (!this.paused) {
      const chunk = this.#chunk;
      const at = this.#at;
      const left = chunk.length - at;
      if (this.#open !== undefined) {
        if (left === 0) break;
        this.#fill(this.#open, chunk, at, left);
        continue;
      }
      if (this.#carried > 0) {
        if (left === 0) break;
        this.#fillCarry(chunk, at, left, header);
        continue;
      }
      if (left < header) {
        if (left > 0) this.#fillCarry(chunk, at, left, header);
        break;
      }
      const length = this.#readHeader(chunk, at);
      const start = at + header;
      if (chunk.length - start >= length) {
        this.#at = start + length;
        this.#shared = true;
        this.#sink.onMessage(Message.received(chunk, start, start + length, this.#buffer));
        if (this.#at < this.#chunk.length && !this.paused) this.#pass(header);
      } else {
        this.#at = start;
        this.#open = new PartialBody(length, this.#memory, length <= this.#proven);
      }
    }
    if (this.#at >= this.#chunk.length) this.#letGo();
  }

  fetch(): Message | undefined {
    const chunk = this.#chunk;
    const at = this.#at;
    const start = at + this.#prefix + LENGTH;
    if (this.#open !== undefined || this.#carried > 0 || start > chunk.length) return undefined;
    if (this.#prefix === 1 && chunk[at] !== 1) return undefined;
    const high = readWord(chunk, start - LENGTH);
    const length = readWord(chunk, start - 4);
    if (high > 0 || length > this.#limit || length > chunk.length - start) return undefined;
    const end = start + length;
    this.#shared = true;
    const message = Message.received(chunk, start, end, this.#buffer);
    this.#at = end;
    if (end === chunk.length) this.#letGo();
    return message;
  }

  /** What lies whole behind a message, to where that one went, if there is such a place: the innermost loop. */
  #pass(header: number): void {
    const { run } = this.#sink;
    if (run === undefined) return;
    const chunk = this.#chunk;
    const last = chunk.length - header;
    const buffer = this.#buffer as ArrayBufferLike;
    const { bodies } = run;
    let at = this.#at;
    for (let { room } = run; room > 0 && at <= last; room--) {
      const start = at + header;
      const end = start + this.#readHeader(chunk, at);
      if (end > chunk.length) break;
      at = end;
      if (bodies && run.takeBytes(chunk, buffer, start, end)) continue;
      const message = Message.received(chunk, start, end, buffer);
      if (!bodies && run.take(message)) continue;
      this.#at = at;
      this.#sink.onMessage(message);
      return;
    }
    this.#at = at;
  }

  /** All of the chunk is read. */
  #letGo(): void {
    if (!this.#shared && this.#chunk.length > 0) this.#memory.release?.(this.#chunk);
    this.#forget();
  }

  #forget(): void {
    this.#chunk = EMPTY;
    this.#buffer = undefined;
    this.#at = 0;
  }

  /** Reads a length that is whole, and checks it. */
  #readHeader(bytes: Uint8Array, at: number): number {
    let from = at;
    if (this.#prefix === 1) {
      if (bytes[at] !== 1) {
        throw new ProtocolError(`The peer sent an ipc message of type ${bytes[at]}; only type 1 exists.`, {
          reason: "bad-frame",
        });
      }
      from++;
    }
    const high = readWord(bytes, from);
    const low = readWord(bytes, from + 4);
    if (high > HIGHEST_WORD) throw this.#tooLarge(`2^${Math.floor(Math.log2(high)) + 32} bytes or more`);
    const length = high * 0x1_0000_0000 + low;
    if (length > this.#limit) throw this.#tooLarge(`${length} bytes`);
    return length;
  }

  #fill(open: PartialBody, chunk: Uint8Array, at: number, left: number): void {
    const take = Math.min(open.missing, left);
    this.#at = at + take;
    if (open.add(chunk, at, at + take, !this.#shared)) this.#shared = true;
    const { body } = open;
    if (body === undefined) return;
    this.#open = undefined;
    if (body.length > this.#proven) this.#proven = Math.min(body.length, TRUSTED);
    this.#sink.onMessage(Message.received(body, 0, body.length));
  }

  #fillCarry(chunk: Uint8Array, at: number, left: number, header: number): void {
    this.#carry ??= new Uint8Array(LENGTH + 1);
    const take = Math.min(header - this.#carried, left);
    this.#carry.set(chunk.subarray(at, at + take), this.#carried);
    this.#carried += take;
    this.#at = at + take;
    if (this.#carried < header) return;
    const length = this.#readHeader(this.#carry, 0);
    this.#carried = 0;
    const here = chunk.length - this.#at;
    if (here >= length) {
      const start = this.#at;
      this.#at = start + length;
      this.#shared = true;
      this.#sink.onMessage(Message.received(chunk, start, start + length, this.#buffer));
    } else {
      this.#open = new PartialBody(length, this.#memory, length <= this.#proven);
    }
  }

  #tooLarge(announced: string): MessageTooLargeError {
    return new MessageTooLargeError(
      `The peer announced a message of ${announced}, but receiveMaxSize is ${this.#limit} bytes. ` +
        "Raise receiveMaxSize on this, the receiving, socket if such messages are meant.",
    );
  }
}
