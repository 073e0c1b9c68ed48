/**
 * Reads of a dialing socket straight into buffers of ours (`onread` of `net.connect`), past the machinery of Node's
 * readable streams: 4 us less for a round trip, and up to twice the rate for large messages, which then lie whole in what
 * one read brings. Accepted sockets have no such option.
 *
 * The rules it guards: what has been handed out is never read into again; small reads share a block, so that a ping-pong
 * hardly allocates; blocks grow and shrink with what arrives, so that an idle connection holds little.
 */
import type { ByteSink } from "./byte-stream.js";

/** The smallest block: all that an idle connection holds. */
const SMALLEST = 4 * 1024;
/** What one read brings at most: four times what Node reads at once. */
const LARGEST = 256 * 1024;
const STEP = 4;
/** So many small reads in a row, and blocks become smaller. */
const PATIENCE = 4;

/** What `net.connect` takes as `onread`. */
export interface OnRead {
  /** Where the next read goes. */
  buffer(): Uint8Array;
  /** So many bytes have been read into it. */
  callback(bytes: number): boolean;
}

/** Give `onread` to `net.connect`, and the whole to `fromNodeSocket`. */
export class DirectReads {
  /** Gets what is read. */
  sink: ByteSink | undefined;
  readonly onread: OnRead = {
    buffer: () => this.#room(),
    callback: (bytes) => this.#read(bytes),
  };
  readonly #allocate: (length: number) => Uint8Array<ArrayBuffer>;
  #size = SMALLEST;
  #block: Uint8Array<ArrayBuffer>;
  #used = 0;
  /** Reads in a row that would have fitted into a smaller block. */
  #small = 0;

  /** @param allocate bytes in a buffer of their own; what they hold does not matter */
  constructor(allocate: (length: number) => Uint8Array<ArrayBuffer>) {
    this.#allocate = allocate;
    this.#block = allocate(SMALLEST);
  }

  /** The free part of the block, or a new block when that is small. */
  #room(): Uint8Array {
    if (this.#used === 0) return this.#block;
    if (this.#block.length !== this.#size || this.#used * 2 > this.#size) {
      this.#block = this.#allocate(this.#size);
      this.#used = 0;
      return this.#block;
    }
    return new Uint8Array(this.#block.buffer, this.#used, this.#size - this.#used);
  }

  #read(bytes: number): boolean {
    const block = this.#block;
    const at = this.#used;
    this.#used = at + bytes;
    if (this.#used === block.length) {
      this.#size = Math.min(LARGEST, block.length * STEP);
      this.#small = 0;
    } else if (bytes * STEP * STEP >= block.length) {
      this.#small = 0;
    } else if (++this.#small === PATIENCE) {
      this.#size = Math.max(SMALLEST, block.length / STEP);
      this.#small = 0;
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
  allocate: (length: number) => Uint8Array<ArrayBuffer>,
): DirectReads | undefined {
  return versions.bun === undefined && versions.deno === undefined ? new DirectReads(allocate) : undefined;
}
