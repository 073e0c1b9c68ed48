/** How long a WebSocket of `ws` may last, and what it leaves to us. */

/** After our own close, ms that a peer may take to answer it before the connection is cut. */
export const LINGER = 500;

/** Options of `ws`, which sees nothing of a connection but its control frames. */
export const receiverOptions = {
  closeTimeout: LINGER,
  // The reason of a close is made harmless, whatever it is.
  skipUTF8Validation: true,
} as const;
