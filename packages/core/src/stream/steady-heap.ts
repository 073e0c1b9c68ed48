/**
 * Has the C library keep the memory of large bodies that were freed, for the next ones.
 *
 * glibc returns what is free at the end of its heap to the system, from 128 KiB on. A stream of large bodies, many of which
 * the collector frees at a time, then takes every page anew: up to half of the time in which it is received. The limit
 * is not fixed: it becomes twice the size of the largest block that was mapped by itself and freed. Such a block costs
 * nothing when nobody has touched it. Other C libraries see a block come and go.
 */
import { discard } from "./discard.js";

/** The limit becomes twice that: somewhat more than what the collector lets pile up. */
const BLOCK = 16 * 1024 * 1024;
/** From this size on glibc maps a block by itself; less is hardly worth it. */
const LARGE = 128 * 1024;

/** Once in a process. */
let lifted = false;

/** `allocate(length)`, after it has lifted the limit for the first large block. */
export function allocateSteadily<Bytes extends Uint8Array>(
  allocate: (length: number) => Bytes,
  length: number,
): Bytes {
  if (length >= LARGE && !lifted) lift(allocate);
  return allocate(length);
}

function lift(allocate: (length: number) => Uint8Array): void {
  lifted = true;
  try {
    discard(allocate(BLOCK));
  } catch {
    // There is not so much memory: then none should be kept either.
  }
}
