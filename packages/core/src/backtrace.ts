/**
 * The 32-bit hop stack of REQ/REP and SURVEYOR/RESPONDENT (reference 4.0): pipe ids, newest first, closed by a word whose
 * high bit is set. It is read from untrusted bytes, so the scan ends at the hop limit whatever the message holds.
 */
import type { Message } from "./message.js";

/** More words than the limit allows: the message is dropped, the peer kept. */
export const TOO_MANY_HOPS = -1;
/** The payload ended before a word with the high bit: the peer is at fault. */
export const NO_END = -2;

/** The most words that a header can hold (nng). */
export const MAX_HEADER_WORDS = 16;

/**
 * Counts the words of the stack in front of the payload, the closing word included.
 * The limit is checked before the end of the payload, as nng does.
 */
export function backtraceLength(message: Message, limit: number): number {
  for (let words = 0; ; words++) {
    if (words >= limit) return TOO_MANY_HOPS;
    const word = message.word(words * 4);
    if (word < 0) return NO_END;
    if (word >= 0x8000_0000) return words + 1;
  }
}
