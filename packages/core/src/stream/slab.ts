/**
 * The buffer that small messages are gathered in: one for the realm, so that ten thousand idle pipes hold nothing. Used
 * slabs go to the garbage collector once their writes are done; recycling them gains nothing and risks corruption.
 */
const SIZE = 64 * 1024;

export interface Slab {
  readonly bytes: Uint8Array;
  /** The first free byte. */
  used: number;
}

let current: Slab = { bytes: new Uint8Array(0), used: 0 };

/** A slab with at least `length` free bytes; `length` is far below its size. */
export function slabFor(length: number): Slab {
  if (current.bytes.length - current.used < length) current = { bytes: new Uint8Array(SIZE), used: 0 };
  return current;
}
