/**
 * A message that comes in several chunks, or fragments.
 *
 * The rule it guards: at most twice the bytes that came are held, and 4 KiB, in pieces of any size; small ones are no
 * objects of their own. How long the message will be is not known before its last fragment, so it is put together then.
 */
import type { StreamMemory } from "@sprocket/core/stream";

/** The smallest and the largest block in which small pieces are copied together. */
const SMALLEST = 512;
const LARGEST = 64 * 1024;

export class Pieces {
  length = 0;
  /** In order; behind them come `#block[#from..#to)` and what came in this chunk. */
  readonly #kept: Uint8Array[] = [];
  /** Parts of the chunk at hand, which may hold much else. */
  #fresh: Uint8Array[] = [];
  #freshBytes = 0;
  #block: Uint8Array = new Uint8Array(0);
  #from = 0;
  #to = 0;
  /** The one at hand, and those that are kept and are nobody else's. */
  #chunk: Uint8Array | undefined;
  readonly #chunks: Uint8Array[] = [];
  readonly #memory: StreamMemory | undefined;

  /** @param memory gives the place of a whole message, and gets back what has been copied */
  constructor(memory?: StreamMemory) {
    this.#memory = memory;
  }

  /** Adds `chunk[from..to)`. */
  add(chunk: Uint8Array, from: number, to: number): void {
    if (from === to) return;
    this.#chunk = chunk;
    this.#fresh.push(chunk.subarray(from, to));
    this.#freshBytes += to - from;
    this.length += to - from;
  }

  /**
   * The chunk is over: a large part of its buffer is kept as it is, a small one is copied.
   *
   * @param own nobody else looks at it
   * @returns whether it is kept
   */
  settle(own = false): boolean {
    const [first] = this.#fresh;
    if (first === undefined) return false;
    const keep = this.#freshBytes >= SMALLEST && this.#freshBytes * 2 >= first.buffer.byteLength;
    if (keep) {
      this.#cut();
      this.#kept.push(...this.#fresh);
      if (own) this.#chunks.push(this.#chunk as Uint8Array);
    } else {
      for (const piece of this.#fresh) this.#copy(piece);
    }
    this.#fresh = [];
    this.#freshBytes = 0;
    this.#chunk = undefined;
    return keep;
  }

  /** All of it in one. */
  join(): Uint8Array {
    this.#cut();
    const body = this.#memory?.allocate?.(this.length) ?? Buffer.allocUnsafeSlow(this.length);
    let at = 0;
    for (const pieces of [this.#kept, this.#fresh]) {
      for (const piece of pieces) {
        body.set(piece, at);
        at += piece.length;
      }
    }
    for (const chunk of this.#chunks) this.#memory?.release?.(chunk);
    return body;
  }

  #copy(piece: Uint8Array): void {
    for (let at = 0; at < piece.length; ) {
      if (this.#to === this.#block.length) {
        this.#cut();
        // No more than has come already.
        this.#block = Buffer.allocUnsafeSlow(Math.max(SMALLEST, Math.min(LARGEST, this.length)));
        this.#from = this.#to = 0;
      }
      const take = Math.min(piece.length - at, this.#block.length - this.#to);
      this.#block.set(piece.subarray(at, at + take), this.#to);
      this.#to += take;
      at += take;
    }
  }

  /** What is in the block becomes a piece; its rest can still be used. */
  #cut(): void {
    if (this.#to > this.#from) this.#kept.push(this.#block.subarray(this.#from, this.#to));
    this.#from = this.#to;
  }
}
