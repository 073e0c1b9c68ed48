/**
 * What comes from a peer: data frames become messages here, control frames go on to `ws`, whole.
 *
 * `ws` itself makes several objects and events of each frame and unmasks byte by byte, which costs more
 * than a small message does otherwise. So it sees a connection on which there are pings, pongs and a close only.
 *
 * The rules it guards: everything that RFC 6455 asks of frames, and that a length has its shortest form (reference 2.6);
 * a message may come in small pieces, of TCP or of WebSocket, but what they cost beyond their bytes is bounded: a message
 * in many tiny fragments, or with more talk between its fragments than content, ends the connection.
 */
import type { StreamMemory } from "@sprocket/core/stream";
import { applyMask, wordsOf } from "./mask.js";
import { Pieces } from "./pieces.js";

/** So many fragments of a message may be of any size; further ones must have so many bytes on average. */
const FREE_FRAGMENTS = 256;
const BYTES_PER_FRAGMENT = 256;
/** Bytes of pings and pongs that may come within a message, beyond as many as it has itself. */
const FREE_CONTROL = 64 * 1024;

const CONTINUATION = 0;
const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const PONG = 10;

/** Why a connection must end. */
export interface Violation {
  /** The close code. */
  readonly code: number;
  /** What the peer did, in words. */
  readonly what: string;
}

export interface FrameReaderPlan {
  /** The peer dialed: its frames must be masked, those of a listener must not. */
  readonly masked: boolean;
  /** Text is taken, too. */
  readonly text: boolean;
  /** The largest message, in bytes. */
  readonly most: number;
  /** A message is `bytes[start..end)`. */
  readonly onMessage: (bytes: Uint8Array, start: number, end: number, buffer: ArrayBufferLike) => void;
  /** A control frame as it came. */
  readonly onControl: (frame: Uint8Array) => void;
  /** Gets back the chunks of which nothing is looked at any more. */
  readonly memory?: StreamMemory | undefined;
}

export class FrameReader {
  /** What the message that is coming has announced so far, in bytes. */
  messageBytes = 0;
  readonly #plan: FrameReaderPlan;
  readonly #maskBit: number;
  /** The head of a frame as far as it has come. */
  readonly #head = new Uint8Array(14);
  #headBytes = 0;
  readonly #key = new Uint8Array(4);
  /** The head of a frame was the last that came whole: its payload follows. */
  #within = false;
  /** Bytes of the payload: all, and those that have not come. */
  #size = 0;
  #missing = 0;
  /** The control frame that is coming. */
  #control: Uint8Array | undefined;
  /** The last data frame was not the final one. */
  #open = false;
  #pieces: Pieces | undefined;
  /** A message is a part of the chunk that is being read. */
  #shared = false;
  /** Of the chunk that is being read. */
  #buffer: ArrayBufferLike | undefined;
  #fragments = 0;
  #controlBytes = 0;
  /** The peer has sent a close: nothing behind it counts. */
  #closed = false;

  constructor(plan: FrameReaderPlan) {
    this.#plan = plan;
    this.#maskBit = plan.masked ? 0x80 : 0;
  }

  /** A part of a message, or of a frame, has come. */
  get partial(): boolean {
    return this.#open || this.#within || this.#headBytes > 0;
  }

  /** Takes what came; the bytes are its own from now on. What breaks a rule, and all behind it, is not taken. */
  take(chunk: Uint8Array): Violation | undefined {
    const { length } = chunk;
    this.#buffer = chunk.buffer;
    this.#shared = false;
    const words = this.#plan.masked ? wordsOf(chunk) : undefined;
    for (let at = 0; at < length && !this.#closed; ) {
      if (!this.#within) {
        at = this.#readHead(chunk, at);
        if (at < 0) break;
        const violation = this.#judge();
        if (violation !== undefined) return violation;
        this.#within = true;
      }
      const end = Math.min(at + this.#missing, length);
      const came = this.#size - this.#missing;
      this.#missing -= end - at;
      if (this.#control !== undefined) this.#takeControl(this.#control, chunk, at, end);
      else {
        if (words !== undefined) applyMask(chunk, words, at, end, this.#key, came);
        this.#takeData(chunk, at, end);
      }
      at = end;
    }
    this.#buffer = undefined;
    const kept = this.#pieces?.settle(!this.#shared) ?? false;
    if (!kept && !this.#shared) this.#plan.memory?.release?.(chunk);
    return undefined;
  }

  /** Reads on in the head of a frame. Gives where its payload begins, or -1 when the chunk ends before. */
  #readHead(chunk: Uint8Array, from: number): number {
    const head = this.#head;
    let at = from;
    while (at < chunk.length) {
      head[this.#headBytes++] = chunk[at++] as number;
      if (this.#headBytes >= 2 && this.#headBytes === headLength(head[1] as number)) return at;
    }
    return -1;
  }

  /** The head of a frame is there. */
  #judge(): Violation | undefined {
    const head = this.#head;
    const headBytes = this.#headBytes;
    const first = head[0] as number;
    const second = head[1] as number;
    const opcode = first & 0x0f;
    if ((first & 0x70) !== 0) return RESERVED;
    if ((second & 0x80) !== this.#maskBit) return this.#plan.masked ? UNMASKED : MASKED;
    const short = second & 0x7f;
    let size = short;
    if (short === 126) {
      size = ((head[2] as number) << 8) | (head[3] as number);
      if (size < 126) return LONG_FORM;
    } else if (short === 127) {
      size = 0;
      for (let at = 2; at < 10; at++) size = size * 256 + (head[at] as number);
      if (size < 65_536) return LONG_FORM;
    }
    this.#size = this.#missing = size;
    if (opcode >= CLOSE) {
      if (opcode > PONG) return UNKNOWN;
      if (first < 0x80 || short > 125) return CONTROL;
      this.#headBytes = 0;
      this.#control = new Uint8Array(headBytes + size);
      this.#control.set(head.subarray(0, headBytes));
      if (!this.#open) return undefined;
      this.#controlBytes += size + 6;
      return this.#controlBytes > FREE_CONTROL + this.messageBytes ? TALK : undefined;
    }
    if (opcode > BINARY) return UNKNOWN;
    if (this.#open !== (opcode === CONTINUATION)) return this.#open ? WITHIN : OF_NOTHING;
    if (opcode === TEXT && !this.#plan.text) return TEXT_FRAME;
    if (!this.#open) this.#fragments = this.#controlBytes = this.messageBytes = 0;
    this.messageBytes += size;
    if (this.messageBytes > this.#plan.most) return TOO_LARGE;
    this.#headBytes = 0;
    this.#open = first < 0x80;
    this.#fragments++;
    if (this.messageBytes < (this.#fragments - FREE_FRAGMENTS) * BYTES_PER_FRAGMENT) return TINY;
    if (second >= 0x80) {
      for (let at = 0; at < 4; at++) this.#key[at] = head[headBytes - 4 + at] as number;
    }
    return undefined;
  }

  #takeControl(frame: Uint8Array, chunk: Uint8Array, from: number, to: number): void {
    if (to > from) frame.set(chunk.subarray(from, to), frame.length - this.#missing - (to - from));
    if (this.#missing > 0) return;
    this.#within = false;
    this.#control = undefined;
    if (((frame[0] as number) & 0x0f) === CLOSE) this.#closed = true;
    this.#plan.onControl(frame);
  }

  #takeData(chunk: Uint8Array, from: number, to: number): void {
    const whole = this.#missing === 0;
    if (whole) this.#within = false;
    else if (from === to) return;
    const ended = whole && !this.#open;
    const pieces = this.#pieces;
    if (ended && pieces === undefined) {
      this.#shared = true;
      this.#plan.onMessage(chunk, from, to, this.#buffer as ArrayBufferLike);
      return;
    }
    if (pieces === undefined) {
      this.#pieces = new Pieces(this.#plan.memory);
      this.#pieces.add(chunk, from, to);
      return;
    }
    pieces.add(chunk, from, to);
    if (!ended) return;
    this.#pieces = undefined;
    const body = pieces.join();
    this.#plan.onMessage(body, 0, body.length, body.buffer);
  }
}

export const TEXT_FRAME: Violation = { code: 1003, what: "a text message" };
export const TOO_LARGE: Violation = { code: 1009, what: "a message that is too large" };
const RESERVED: Violation = { code: 1002, what: "a frame with a reserved bit" };
const UNMASKED: Violation = { code: 1002, what: "a frame without a mask" };
const MASKED: Violation = { code: 1002, what: "a frame with a mask" };
const LONG_FORM: Violation = { code: 1002, what: "a length that is not in its shortest form" };
const UNKNOWN: Violation = { code: 1002, what: "a frame of an unknown kind" };
const CONTROL: Violation = { code: 1002, what: "a control frame in fragments, or of more than 125 bytes" };
const WITHIN: Violation = { code: 1002, what: "a new message within another" };
const OF_NOTHING: Violation = { code: 1002, what: "a further fragment of no message" };
const TINY: Violation = {
  code: 1008,
  what: `a message in fragments of fewer than ${BYTES_PER_FRAGMENT} bytes on average, and more than ${FREE_FRAGMENTS} of them`,
};
const TALK: Violation = {
  code: 1008,
  what: "more pings and pongs within a message than the message has bytes",
};

function headLength(second: number): number {
  const length = second & 0x7f;
  return 2 + (length === 126 ? 2 : length === 127 ? 8 : 0) + (second >= 0x80 ? 4 : 0);
}
