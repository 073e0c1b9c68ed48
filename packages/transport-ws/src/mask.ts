/**
 * Masks of frames: a dialer's are masked with bytes from the system's randomness (RFC 6455, 5.3).
 *
 * The rule it guards: no mask is zero. `ws`, which makes the control frames, would send a body under such a mask as it lies
 * there, and the bytes might belong to somebody who changes them before they are written.
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

/** The whole words of the buffer in which `bytes` lie, for `applyMask`. */
export function wordsOf({ buffer }: Uint8Array): Int32Array {
  return new Int32Array(buffer, 0, buffer.byteLength >>> 2);
}

/** The mask as it lies over a word, whatever the order of bytes here. */
const keyBytes = new Uint8Array(4);
const keyWord = new Int32Array(keyBytes.buffer);

/**
 * Masks or unmasks `bytes[start..end)` where they lie, a word at a time: ten times as fast as byte by byte.
 *
 * @param words of `wordsOf(bytes)`: made once for many frames
 * @param phase how many bytes of the frame came before
 */
export function applyMask(
  bytes: Uint8Array,
  words: Int32Array,
  start: number,
  end: number,
  key: Uint8Array,
  phase: number,
): void {
  const { byteOffset } = bytes;
  let at = start;
  let turn = phase;
  while (at < end && ((byteOffset + at) & 3) !== 0) {
    (bytes[at] as number) ^= key[turn++ & 3] as number;
    at++;
  }
  if (end - at >= 4) {
    for (let each = 0; each < 4; each++) keyBytes[each] = key[(turn + each) & 3] as number;
    const word = keyWord[0] as number;
    const last = (byteOffset + end) >>> 2;
    let index = (byteOffset + at) >>> 2;
    for (; index + 4 <= last; index += 4) {
      (words[index] as number) ^= word;
      (words[index + 1] as number) ^= word;
      (words[index + 2] as number) ^= word;
      (words[index + 3] as number) ^= word;
    }
    for (; index < last; index++) (words[index] as number) ^= word;
    at = last * 4 - byteOffset;
  }
  for (; at < end; at++) (bytes[at] as number) ^= key[turn++ & 3] as number;
}
