/**
 * A body that comes in pieces.
 *
 * The rules it guards: bytes are held for bytes that came, at most twice as many and 4 KiB, whatever was announced; pieces
 * of any size pin no object each. The buffer of the final size is made when half of the body is there (at once for a peer
 * that has kept its word), and what comes after that is copied once, while it is still in the cache. Before that large
 * chunks are kept as they are, small ones are copied together. Chunks that have been copied are given back.
 */
import { NoMemoryError } from "../errors.js";
import type { StreamMemory } from "./byte-stream.js";

/** What an announcement gets at once. */
const FIRST = 4096;
/** Small pieces are copied together in blocks up to this size. */
const BLOCK = 64 * 1024;
/** Chunks from this size on may be kept. */
const KEPT = 8 * 1024;

export class PartialBody {
  readonly #length: number;
  readonly #memory: StreamMemory;
  readonly #sure: boolean;
  #filled = 0;
  /** The buffer of the final size. */
  #body: Uint8Array | undefined;
  /** Before there is one: what came, in order, and behind it `#block[#start..#end)`. */
  #parts: Uint8Array[] = [];
  /** Chunks that are kept, and are nobody else's. */
  #chunks: Uint8Array[] = [];
  #block: Uint8Array | undefined;
  #start = 0;
  #end = 0;

  /** @param sure What was announced is believed: the buffer of the final size is made with the first byte. */
  constructor(length: number, memory: StreamMemory, sure = false) {
    this.#length = length;
    this.#memory = memory;
    this.#sure = sure;
  }

  /** Once it is whole. */
  get body(): Uint8Array | undefined {
    return this.#filled === this.#length ? this.#body : undefined;
  }

  /** Bytes that have not come yet. */
  get missing(): number {
    return this.#length - this.#filled;
  }

  /**
   * Takes `chunk[from..to)`, no more than is missing.
   *
   * @param own nobody else looks at the chunk
   * @returns whether the chunk is kept; one of its own is released when it is no longer
   * @throws NoMemoryError
   */
  add(chunk: Uint8Array, from: number, to: number, own = false): boolean {
    const filled = this.#filled + to - from;
    if (this.#body === undefined && (this.#sure || filled * 2 >= this.#length || this.#length <= FIRST)) {
      this.#gather();
    }
    // A chunk that is kept pins its whole buffer.
    const keep = this.#body === undefined && to - from >= KEPT && (to - from) * 2 >= chunk.buffer.byteLength;
    if (this.#body !== undefined) this.#body.set(part(chunk, from, to), this.#filled);
    else if (keep) this.#keep(part(chunk, from, to));
    else this.#copy(chunk, from, to);
    if (keep && own) this.#chunks.push(chunk);
    this.#filled = filled;
    return keep;
  }

  #keep(piece: Uint8Array): void {
    this.#cut();
    this.#parts.push(piece);
  }

  #copy(chunk: Uint8Array, from: number, to: number): void {
    for (let at = from; at < to; ) {
      if (this.#block === undefined || this.#end === this.#block.length) {
        this.#cut();
        // No more than has come already.
        const size = Math.max(FIRST, Math.min(BLOCK, this.#filled + to - from), to - at);
        this.#block = this.#make(Math.min(size, this.missing - (at - from)));
        this.#start = this.#end = 0;
      }
      const take = Math.min(to - at, this.#block.length - this.#end);
      this.#block.set(part(chunk, at, at + take), this.#end);
      this.#end += take;
      at += take;
    }
  }

  /** What is in the block becomes a part; its rest can still be used. */
  #cut(): void {
    if (this.#block === undefined || this.#end === this.#start) return;
    this.#parts.push(part(this.#block, this.#start, this.#end));
    this.#start = this.#end;
  }

  #gather(): void {
    const body = this.#make(this.#length);
    this.#cut();
    let at = 0;
    for (const piece of this.#parts) {
      body.set(piece, at);
      at += piece.length;
    }
    for (const chunk of this.#chunks) this.#memory.release?.(chunk);
    this.#parts = [];
    this.#chunks = [];
    this.#block = undefined;
    this.#body = body;
  }

  #make(length: number): Uint8Array {
    try {
      return this.#memory.allocate?.(length) ?? new Uint8Array(length);
    } catch (cause) {
      throw new NoMemoryError(
        `There is no memory for a message of ${this.#length} bytes. Lower receiveMaxSize.`,
        {
          cause,
        },
      );
    }
  }
}

function part(bytes: Uint8Array, from: number, to: number): Uint8Array {
  return from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to);
}
