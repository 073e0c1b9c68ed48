/**
 * Reads of a dialing socket straight into buffers of ours (`onread` of `net.connect`), past the machinery of Node's
 * readable streams: 4 us less for a round trip, and up to twice the rate for large messages, which then lie whole in what
 * one read brings. Accepted sockets have no such option.
 *
 * Connections with little to read have no block of their own: all of them read into the same one, from which what came is
 * copied before anybody sees it. A read and its callback are one step of the event loop, so nothing comes in between. Who
 * fills it gets a block of his own, which is handed out in parts, without a copy.
 *
 * The rules it guards: what has been handed out is read into again only when it was given back; small reads share a block,
 * so that a ping-pong hardly allocates; blocks grow and shrink with what arrives, and an idle connection holds none.
 */
import type { ByteSink, StreamMemory } from "./byte-stream.js";
import { discard } from "./discard.js";
import { allocateSteadily } from "./steady-heap.js";

type Allocate = (length: number) => Uint8Array<ArrayBuffer>;

/** The block that connections share: up to here a copy is as cheap as a view of one's own block. */
const SMALLEST = 1024;
/** Where copies lie. */
const COPIES = 4 * 1024;
/** What one read brings at most: four times what Node reads at once. */
const LARGEST = 256 * 1024;
const STEP = 4;
/**
 * With more connections than these that are busy, one read brings no more than what Node reads: they take turns, and what
 * lies in large blocks until its turn comes has left the processor's caches.
 */
const FEW = 4;
/** So many small reads in a row, and blocks become smaller. */
const PATIENCE = 4;

/** What `net.connect` takes as `onread`. */
export interface OnRead {
  /** Where the next read goes. */
  buffer(): Uint8Array;
  /** So many bytes have been read into it. */
  callback(bytes: number): boolean;
}

/** Where connections without a block read into. One for the realm. */
let landing: Uint8Array<ArrayBuffer> | undefined;
/** Connections with blocks of their own. */
let busy = 0;
/** Where they are copied to, one behind the other. */
let copies = new Uint8Array(0);
let copied = 0;

/** What has just been read into the block that all share, as bytes of their own. */
function takeOff(bytes: number, allocate: Allocate): Uint8Array {
  const read = new Uint8Array((landing as Uint8Array<ArrayBuffer>).buffer, 0, bytes);
  if (copies.length - copied < bytes) {
    copies = allocate(COPIES);
    copied = 0;
  }
  const copy = new Uint8Array(copies.buffer, copied, bytes);
  copied += bytes;
  copy.set(read);
  return copy;
}

/** Give `onread` to `net.connect`, and the whole to `fromNodeSocket`. */
export class DirectReads implements StreamMemory {
  /** Gets what is read. */
  sink: ByteSink | undefined;
  readonly onread: OnRead = {
    buffer: () => this.#room(),
    callback: (bytes) => this.#read(bytes),
  };
  readonly #allocate: Allocate;
  #size = SMALLEST;
  /** undefined: it reads into the one that all share. */
  #block: Uint8Array<ArrayBuffer> | undefined;
  #used = 0;
  /** The system may be waiting for bytes to put there already, when what lies before is given back. */
  #next = 0;
  /** Reads in a row that would have fitted into a smaller block. */
  #small = 0;

  /** @param allocate bytes in a buffer of their own; what they hold does not matter */
  constructor(allocate: Allocate) {
    this.#allocate = allocate;
  }

  allocate(length: number): Uint8Array<ArrayBuffer> {
    return allocateSteadily(this.#allocate, length);
  }

  /** What has just been read is copied: the next read goes there. */
  release(chunk: Uint8Array): void {
    if (chunk.buffer === this.#block?.buffer && chunk.byteOffset + chunk.length === this.#used) {
      this.#used = chunk.byteOffset;
    } else if (chunk.buffer !== this.#block?.buffer) {
      discard(chunk);
    }
  }

  /** The connection is over. */
  end(): void {
    this.#resize(SMALLEST);
    this.#block = undefined;
  }

  #resize(size: number): void {
    if (this.#size === SMALLEST) busy++;
    this.#size = size;
    if (size === SMALLEST) busy--;
    this.#small = 0;
  }

  /** The free part of the block, or a new block when that is small. */
  #room(): Uint8Array {
    if (this.#size === LARGEST && busy > FEW) this.#size = LARGEST / STEP;
    if (this.#size === SMALLEST) {
      this.#block = undefined;
      landing ??= this.allocate(SMALLEST);
      return landing;
    }
    if (this.#block === undefined || this.#block.length !== this.#size || this.#used * 2 > this.#size) {
      this.#block = this.allocate(this.#size);
      this.#used = 0;
    }
    this.#next = this.#used;
    if (this.#used === 0) return this.#block;
    return new Uint8Array(this.#block.buffer, this.#used, this.#size - this.#used);
  }

  #read(bytes: number): boolean {
    const block = this.#block;
    if (block === undefined) {
      if (bytes === SMALLEST) this.#resize(SMALLEST * STEP);
      this.sink?.onData(takeOff(bytes, this.#allocate));
      return true;
    }
    const at = this.#next;
    this.#used = at + bytes;
    if (this.#used === block.length) {
      this.#resize(Math.min(LARGEST, block.length * STEP));
    } else if (bytes * STEP * STEP >= block.length) {
      this.#small = 0;
    } else if (++this.#small === PATIENCE) {
      this.#resize(Math.max(SMALLEST, block.length / STEP));
    }
    this.sink?.onData(new Uint8Array(block.buffer, at, bytes));
    return true;
  }
}

/**
 * Undefined where `onread` does not keep its contract.
 *
 * @param versions `process.versions`
 * @param allocate `Buffer.allocUnsafeSlow`
 */
export function directReads(
  versions: Readonly<Record<string, string | undefined>>,
  allocate: Allocate,
): DirectReads | undefined {
  if (versions.bun !== undefined || versions.deno !== undefined) return undefined;
  return new DirectReads(allocate);
}
