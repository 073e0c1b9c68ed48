/**
 * Masks for frames of dialers, from the system's randomness (RFC 6455, 5.3).
 *
 * The rule it guards: no mask is zero. `ws` would send a body under such a mask as it lies there, and the bytes might
 * belong to somebody who changes them before they are written.
 */
import { randomFillSync } from "node:crypto";

const pool = new Uint8Array(8 * 1024);
let at = pool.length;

/** Fills the four bytes of a mask. */
export function mask(target: Uint8Array): void {
  do {
    if (at === pool.length) {
      randomFillSync(pool);
      at = 0;
    }
    target[0] = pool[at++] as number;
    target[1] = pool[at++] as number;
    target[2] = pool[at++] as number;
    target[3] = pool[at++] as number;
  } while (target[0] === 0 && target[1] === 0 && target[2] === 0 && target[3] === 0);
}
