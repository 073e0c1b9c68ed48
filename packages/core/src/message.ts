/**
 * One message: body, protocol header, and the pipe that it came from.
 *
 * The rule it guards is ownership. Bytes that an application lends for a `send` are copied before anything keeps them;
 * bytes that it gave away as a `Message` are never copied on the way to the wire; a small view that would pin a large
 * chunk is copied before it waits in a queue. Views are made when somebody looks, because making one costs more than all
 * the rest of a small message.
 */
import { BadTypeError } from "./errors.js";
import type { Pipe } from "./pipe.js";

/** What can be sent. A string goes as UTF-8. */
export type Data = string | ArrayBuffer | ArrayBufferView | Message;

/** Facts for `new Message`. */
export interface MessageDetails {
  /** Protocol header words in wire order; raw sockets only. */
  readonly header?: Uint8Array;
  /** The peer that a polyamorous pair sends to. */
  readonly pipe?: Pipe | undefined;
}

/** What an encoder made of a message that goes to several pipes: a part of a buffer that others may go on with. */
export interface EncodedMessage {
  /** Whoever made it, and nobody else, can use it. */
  readonly format: unknown;
  readonly buffer: unknown;
  readonly start: number;
  readonly end: number;
}

const EMPTY = new Uint8Array(0);
const encoder = new TextEncoder();
const decoder = new TextDecoder();
const brand = Symbol.for("sprocket.message");

/** The bytes of the body still belong to the caller of `send`. */
const LENT = 1;
/** Made by core for one `send`, so nobody else can see it change. */
const FRESH = 2;
/** The body has been handed to a receiver in this process, or is kept for a resend: the next one gets a copy. */
const GIVEN = 4;

/** It goes to several pipes. */
const SHARED = 8;

/** The bytes lie in a buffer of just their size. */
const OWN = 16;

/** A queued view smaller than this part of its chunk is copied out. */
const PIN_RATIO = 8;
/** So is every one of up to so many bytes: engines keep them on their own heap, and to look at their buffer moves them off it. */
const TINY = 64;

/**
 * A message. Immutable once sent: it may be shared by several pipes, queues and resends.
 *
 * @example
 * await socket.send(new Message(bytes));           // gives the bytes away: no copy
 * const message = await socket.receiveMessage();
 * message.text(); message.pipe?.remoteAddress;
 */
export class Message {
  /** Where the body lies: `#bytes[#start..#end)`. */
  #bytes: Uint8Array;
  #start: number;
  #end: number;
  /** The buffer of a chunk that holds many messages: to ask for it each time costs as much as a view. Else undefined. */
  #buffer: ArrayBufferLike | undefined;
  #body: Uint8Array | undefined;
  /** The header as bytes, if it has been given or asked for as such; else it is the one word `#word`, or nothing (-1). */
  #head: Uint8Array | undefined;
  #word: number;
  /** Wire words in front of the body that arrived in a piece of their own (inproc). */
  #prefix: Uint8Array;
  #flags: number;
  /** For encoders: the encoded form of a shared message. */
  encoded: EncodedMessage | undefined;
  /** The pipe that it came from, or (polyamorous pairs only) goes to. */
  pipe: Pipe | undefined;

  /**
   * @param body Given away: do not change the bytes afterwards.
   * @throws BadTypeError when the body is none of these types.
   */
  constructor(body: string | ArrayBuffer | ArrayBufferView, details?: MessageDetails) {
    const bytes = toBytes(body);
    this.#bytes = bytes;
    this.#start = 0;
    this.#end = bytes.length;
    this.#buffer = undefined;
    this.#body = bytes;
    this.#head = details?.header;
    this.#word = -1;
    this.#prefix = EMPTY;
    this.#flags = 0;
    this.encoded = undefined;
    this.pipe = details?.pipe;
  }

  /**
   * For transports: a message that arrived as `bytes[start..end)`, protocol header included.
   * @param buffer `bytes.buffer`, if many messages lie in `bytes`: then it is asked for but once
   */
  static received(bytes: Uint8Array, start: number, end: number, buffer?: ArrayBufferLike): Message {
    const message = new Message(EMPTY);
    message.#bytes = bytes;
    message.#start = start;
    message.#end = end;
    message.#buffer = buffer;
    message.#body = undefined;
    return message;
  }

  /**
   * For transports that move messages in memory: header words and body in two pieces, read as one.
   * @param own the body lies in a buffer of just its size
   */
  static pieces(prefix: Uint8Array, body: Uint8Array, own: boolean): Message {
    const message = new Message(plain(body));
    message.#prefix = prefix;
    if (own) message.#flags = OWN;
    return message;
  }

  /**
   * For core: what `send` was given, as a message. Plain bytes stay the caller's: they are copied when they must wait.
   * @throws BadTypeError
   */
  static from(data: Data): Message {
    if (data instanceof Message) return data;
    if (data instanceof Uint8Array) {
      const message = new Message(data);
      message.#flags = LENT | FRESH;
      return message;
    }
    if (typeof data === "string") {
      const message = new Message(encoder.encode(data));
      message.#flags = FRESH;
      return message;
    }
    if (isForeign(data)) {
      // A message class of another copy of core: its public face is all that counts.
      const { body, header, pipe }: ForeignMessage = data;
      return new Message(body, { header, pipe });
    }
    const message = new Message(data);
    message.#flags = LENT | FRESH;
    return message;
  }

  get [brand](): true {
    return true;
  }

  /** The payload. May share a larger buffer; `copy()` gives bytes of their own. */
  get body(): Uint8Array {
    if (this.#prefix.length > 0) this.#flatten();
    this.#body ??= this.#view(this.#start, this.#end);
    return this.#body;
  }

  /** Protocol header words in wire order; empty but on raw sockets. */
  get header(): Uint8Array {
    if (this.#head !== undefined) return this.#head;
    if (this.#word < 0) return EMPTY;
    this.#head = headerOf(this.#word);
    return this.#head;
  }

  /** Bytes of the header. */
  get headerLength(): number {
    if (this.#head !== undefined) return this.#head.length;
    return this.#word < 0 ? 0 : 4;
  }

  /** For encoders: copies the header to `target[at..]`. */
  writeHeader(target: Uint8Array, at: number): void {
    if (this.#word >= 0) writeWord(target, at, this.#word);
    else if (this.#head !== undefined) target.set(this.#head, at);
  }

  /** Bytes of the payload. */
  get length(): number {
    return this.#prefix.length + this.#end - this.#start;
  }

  /** Bytes on the wire: header and payload. */
  get size(): number {
    return this.headerLength + this.#prefix.length + this.#end - this.#start;
  }

  /** The payload as text (UTF-8; bad sequences become U+FFFD). */
  text(): string {
    return decoder.decode(this.body);
  }

  /** The payload parsed as JSON. @throws SyntaxError */
  json<T = unknown>(): T {
    return JSON.parse(this.text()) as T;
  }

  /** The payload in a buffer of its own, which pins nothing else in memory. */
  copy(): Uint8Array {
    return copyOf(this.body);
  }

  /** For protocols: the same message in bytes of its own, for a second reader. */
  clone(): Message {
    const message = new Message(this.copy(), { pipe: this.pipe });
    message.#takeHeader(this);
    message.#flags = OWN;
    return message;
  }

  /** For protocols: the 32-bit big-endian word at byte `at` of the payload, or -1 when the payload ends before. */
  word(at: number): number {
    if (this.#prefix.length > 0) {
      if (at + 4 <= this.#prefix.length) return readWord(this.#prefix, at);
      this.#flatten();
    }
    const from = this.#start + at;
    return from + 4 > this.#end ? -1 : readWord(this.#bytes, from);
  }

  /** For protocols: removes `count` bytes from the front of the payload. */
  trim(count: number): void {
    if (this.#prefix.length > 0) {
      if (count === this.#prefix.length) {
        this.#prefix = EMPTY;
        return;
      }
      this.#flatten();
    }
    this.#start += count;
    this.#body = undefined;
  }

  /** For protocols: moves `count` bytes from the front of the payload to the end of the header. */
  moveToHeader(count: number): void {
    if (count === 4 && this.headerLength === 0) {
      this.#word = this.word(0);
      this.trim(4);
      return;
    }
    if (this.#prefix.length > 0 && this.#prefix.length !== count) this.#flatten();
    const moved = this.#prefix.length === count ? this.#prefix : this.#view(this.#start, this.#start + count);
    this.#head = this.headerLength === 0 ? moved : concat(this.header, moved);
    this.#word = -1;
    this.trim(count);
  }

  /** For protocols: this payload behind another header. The same object where nobody else holds it. */
  withHeader(header: Uint8Array): Message {
    const message = this.#sameBody();
    message.#head = header;
    message.#word = -1;
    return message;
  }

  /** For protocols: this payload behind a header of one word, the usual case. */
  withHeaderWord(word: number): Message {
    const message = this.#sameBody();
    message.#head = undefined;
    message.#word = word;
    return message;
  }

  /** For core: this payload without a header. */
  withoutHeader(): Message {
    return this.headerLength === 0 ? this : this.withHeader(EMPTY);
  }

  /** For queues: makes the bytes safe to keep, whatever the lender does, and pins no large chunk for a small body. */
  retain(): void {
    if ((this.#flags & OWN) !== 0) return;
    const length = this.#end - this.#start;
    if ((this.#flags & LENT) !== 0) {
      this.#own();
    } else if (length <= TINY || length * PIN_RATIO < (this.#buffer ?? this.#bytes.buffer).byteLength) {
      this.#own();
      if (this.#head !== undefined && this.#head.length > 0) this.#head = copyOf(this.#head);
    }
  }

  /** For encoders: core made the bytes for one `send` to one peer, so that nobody looks at them once they are written. */
  get passing(): boolean {
    return (this.#flags & (FRESH | LENT | SHARED | GIVEN)) === FRESH;
  }

  /**
   * For protocols that may send the same message again, before its first `send`: no receiver gets bytes themselves that
   * were lent or made for it, and no encoder lets go of them. After it, `retain`.
   */
  mayRepeat(): void {
    if ((this.#flags & FRESH) !== 0) this.#flags |= GIVEN;
  }

  /** For protocols that send one message to many pipes: encoders may keep its encoded form for the next pipe. */
  share(): void {
    this.#flags |= SHARED;
  }

  get shared(): boolean {
    return (this.#flags & SHARED) !== 0;
  }

  /** For transports in memory: the body for a receiver. The first gets the bytes themselves, every further one a copy. */
  handOver(): Uint8Array {
    const body = this.body;
    if (this.handsOverCopies) return copyOf(body);
    this.#flags |= GIVEN;
    return body;
  }

  /**
   * For transports in memory: this very message for its receiver, if it was made for one `send` to one peer and nobody
   * keeps it. Lent bytes are copied. Otherwise undefined.
   */
  passOn(): Message | undefined {
    if ((this.#flags & (FRESH | SHARED | GIVEN)) !== FRESH || this.headerLength > 0) return undefined;
    if ((this.#flags & LENT) !== 0) this.#own();
    this.#flags &= OWN;
    return this;
  }

  /** What `handOver` gives is a copy. */
  get handsOverCopies(): boolean {
    return (this.#flags & (LENT | GIVEN)) !== 0;
  }

  #sameBody(): Message {
    if ((this.#flags & FRESH) !== 0) return this;
    const message = new Message(this.body, { pipe: this.pipe });
    message.#flags = this.#flags & (LENT | GIVEN | OWN);
    // A receiver in this process may now get the bytes from there.
    this.#flags |= GIVEN;
    return message;
  }

  #takeHeader(other: Message): void {
    this.#head = other.#head;
    this.#word = other.#word;
  }

  #view(start: number, end: number): Uint8Array {
    const bytes = this.#bytes;
    return new Uint8Array(this.#buffer ?? bytes.buffer, bytes.byteOffset + start, end - start);
  }

  #own(): void {
    const body = copyOf(this.body);
    this.#bytes = body;
    this.#buffer = undefined;
    this.#start = 0;
    this.#end = body.length;
    this.#body = body;
    this.#flags = (this.#flags & ~LENT) | OWN;
  }

  #flatten(): void {
    const joined = concat(this.#prefix, this.#view(this.#start, this.#end));
    this.#prefix = EMPTY;
    this.#bytes = joined;
    this.#buffer = undefined;
    this.#start = 0;
    this.#end = joined.length;
    this.#body = joined;
    this.#flags = (this.#flags & ~LENT) | OWN;
  }
}

/** What two copies of core share of a message. */
interface ForeignMessage {
  readonly body: Uint8Array;
  readonly header: Uint8Array;
  readonly pipe: Pipe | undefined;
}

function isForeign(data: unknown): data is ForeignMessage {
  return typeof data === "object" && data !== null && brand in data;
}

function toBytes(data: unknown): Uint8Array {
  if (data instanceof Uint8Array) return data;
  if (typeof data === "string") return encoder.encode(data);
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (isBuffer(data)) return new Uint8Array(data);
  throw new BadTypeError(
    `Cannot send ${nameOf(data)}. Give a string, an ArrayBuffer, a typed array or a Message; ` +
      "turn other values into one first, e.g. with JSON.stringify().",
  );
}

function isBuffer(data: unknown): data is ArrayBuffer {
  const tag = Object.prototype.toString.call(data);
  return tag === "[object ArrayBuffer]" || tag === "[object SharedArrayBuffer]";
}

function nameOf(value: unknown): string {
  if (value === null) return "null";
  if (typeof value !== "object") return value === undefined ? "undefined" : `a ${typeof value}`;
  return `an object of type ${value.constructor?.name || "Object"}`;
}

/** The same bytes as a plain `Uint8Array`, whatever subclass (Node's Buffer) they came as. */
function plain(bytes: Uint8Array): Uint8Array {
  return Object.getPrototypeOf(bytes) === Uint8Array.prototype
    ? bytes
    : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Always a plain `Uint8Array` on a buffer of its own, also for subclasses such as Node's Buffer. */
function copyOf(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

function concat(first: Uint8Array, second: Uint8Array): Uint8Array {
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}

/** The 32-bit big-endian word at byte `at`. */
export function readWord(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number)) >>>
    0
  );
}

/** A header of one 32-bit word: the usual case. */
export function headerOf(word: number): Uint8Array {
  const header = new Uint8Array(4);
  writeWord(header, 0, word);
  return header;
}

/** A header of the given 32-bit words, in wire order. */
export function headerOfWords(words: readonly number[]): Uint8Array {
  const header = new Uint8Array(words.length * 4);
  words.forEach((word, index) => {
    writeWord(header, index * 4, word);
  });
  return header;
}

function writeWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word >>> 24;
  bytes[at + 1] = word >>> 16;
  bytes[at + 2] = word >>> 8;
  bytes[at + 3] = word;
}
