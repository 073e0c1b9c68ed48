/**
 * What comes from a peer, on its way to `ws`: which rules of frames `ws` does not check, and what a peer may make us hold.
 *
 * The rules it guards: a length has its shortest form (reference 2.6); a message may come in small pieces, of TCP or of
 * WebSocket, but what they cost beyond their bytes is bounded: pieces of one frame are gathered, and a message in many tiny
 * fragments, or with more talk between its fragments than content, ends the connection.
 */

/** Pieces of a frame that are smaller are gathered. */
const SMALL = 4 * 1024;
const GATHERED_FROM = 512;
const GATHERED_MOST = 16 * 1024;

/** So many fragments of a message may be of any size; further ones must have so many bytes on average. */
const FREE_FRAGMENTS = 256;
const BYTES_PER_FRAGMENT = 256;
/** Bytes of pings and pongs that may come within a message, beyond as many as it has itself. */
const FREE_CONTROL = 64 * 1024;

/** Why a connection must end. */
export interface Violation {
  /** The close code. */
  readonly code: number;
  /** What the peer did, in words. */
  readonly what: string;
}

export class FrameGate {
  /** What the message that is coming has announced so far, in bytes. */
  messageBytes = 0;
  readonly #forward: (chunk: Uint8Array) => void;
  /** The head of a frame as far as it has come, when it lies in several chunks. */
  readonly #head = new Uint8Array(14);
  #headBytes = 0;
  /** Of the frame that is coming. */
  #missing = 0;
  /** In the middle of a message, between its frames or within one. */
  #fragments = 0;
  #controlBytes = 0;
  #gathered: Uint8Array | undefined;
  #gatheredBytes = 0;
  /** The last data frame was not the final one. */
  #open = false;

  constructor(forward: (chunk: Uint8Array) => void) {
    this.#forward = forward;
  }

  /** A part of a message, or of a frame, has come. */
  get partial(): boolean {
    return this.#open || this.#missing > 0 || this.#headBytes > 0;
  }

  /** Passes on what may pass; what breaks a rule, and all behind it, does not. */
  pass(chunk: Uint8Array): Violation | undefined {
    const { length } = chunk;
    if (this.#missing >= length && length < SMALL && this.#headBytes === 0) {
      this.#missing -= length;
      this.#gather(chunk);
      return undefined;
    }
    this.#release();
    let at = 0;
    let violation: Violation | undefined;
    for (;;) {
      const take = Math.min(this.#missing, length - at);
      at += take;
      this.#missing -= take;
      if (at === length) break;
      const start = at;
      at = this.#readHead(chunk, at);
      if (at < 0) break;
      violation = this.#judge();
      if (violation !== undefined) {
        at = start;
        break;
      }
    }
    if (violation === undefined) this.#forward(chunk);
    else if (at > 0) this.#forward(chunk.subarray(0, at));
    return violation;
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
    this.#headBytes = 0;
    const first = head[0] as number;
    const short = (head[1] as number) & 0x7f;
    let size = short;
    if (short === 126) {
      size = ((head[2] as number) << 8) | (head[3] as number);
      if (size < 126) return LONG_FORM;
    } else if (short === 127) {
      size = 0;
      for (let at = 2; at < 10; at++) size = size * 256 + (head[at] as number);
      if (size < 65_536) return LONG_FORM;
    }
    this.#missing = size;
    const control = (first & 8) !== 0;
    if (control) {
      if (!this.#open) return undefined;
      this.#controlBytes += size + 6;
      return this.#controlBytes > FREE_CONTROL + this.messageBytes ? TALK : undefined;
    }
    if (!this.#open) {
      this.#fragments = this.#controlBytes = this.messageBytes = 0;
    }
    this.#open = (first & 0x80) === 0;
    this.#fragments++;
    this.messageBytes += size;
    const tiny = this.messageBytes < (this.#fragments - FREE_FRAGMENTS) * BYTES_PER_FRAGMENT;
    return tiny ? TINY : undefined;
  }

  /** Keeps a small piece that lies within a frame. */
  #gather(chunk: Uint8Array): void {
    const needed = this.#gatheredBytes + chunk.length;
    let room = this.#gathered;
    if (room === undefined || room.length < needed) {
      room = new Uint8Array(Math.max(needed, GATHERED_FROM, 2 * (room?.length ?? 0)));
      if (this.#gathered !== undefined) room.set(this.#gathered.subarray(0, this.#gatheredBytes));
      this.#gathered = room;
    }
    room.set(chunk, this.#gatheredBytes);
    this.#gatheredBytes = needed;
    if (this.#missing === 0 || needed >= GATHERED_MOST) this.#release();
  }

  #release(): void {
    if (this.#gatheredBytes === 0) return;
    const gathered = (this.#gathered as Uint8Array).subarray(0, this.#gatheredBytes);
    this.#gathered = undefined;
    this.#gatheredBytes = 0;
    this.#forward(gathered);
  }
}

const LONG_FORM: Violation = { code: 1002, what: "a length that is not in its shortest form" };
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
