/** What a WebSocket of `ws` may hold for one peer, and how long it may last, whatever that peer does. */
import { LARGEST_MESSAGE } from "./link.js";

/** After our own close, ms that a peer may take to answer it before the connection is cut. */
export const LINGER = 500;

/** Options of `ws` for a limit in bytes; `Infinity` or 0: none. */
export function receiverOptions(receiveMaxSize: number): {
  readonly maxPayload: number;
  readonly maxFragments: 0;
  readonly maxBufferedChunks: 0;
  readonly skipUTF8Validation: true;
  readonly closeTimeout: number;
} {
  const limit = receiveMaxSize === 0 ? Number.POSITIVE_INFINITY : receiveMaxSize;
  return {
    maxPayload: Math.min(limit, LARGEST_MESSAGE),
    // The gate in front of it bounds what they cost, and counts no honest ones.
    maxFragments: 0,
    maxBufferedChunks: 0,
    closeTimeout: LINGER,
    // Bodies are bytes to us, also in text frames, as for nng.
    skipUTF8Validation: true,
  };
}
