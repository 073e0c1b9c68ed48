/**
 * All that a byte-stream transport (tcp, ipc, tls) supplies; `createStreamPipe` does the rest. Types only.
 */

/** An open, connected stream of bytes. Its handles must not keep the process alive. */
export interface ByteStream {
  /** As URLs, e.g. `"tcp://127.0.0.1:5555"`. */
  readonly localAddress: string;
  readonly remoteAddress: string;
  readonly properties?: ReadonlyMap<string, unknown> | undefined;
  readonly memory?: StreamMemory | undefined;
  /** Called once, at once after connecting. No byte is read before it. */
  start(sink: ByteSink): void;
  /**
   * Hands the chunks to the system as one batch. `done` is called when all of them are written, in the order of the
   * calls, with an error (or never) if the stream dies; it is not called before `write` returns.
   */
  write(chunks: readonly Uint8Array[], done: (error?: Error | null) => void): void;
  /** At most one more chunk may arrive after it. */
  pause(): void;
  resume(): void;
  /** Writes what is pending, then signals the end of our side; bytes are still read until the peer ends its side. */
  end(): void;
  /** Frees the stream at once, resetting the connection where the system can. `onClose` follows. */
  destroy(): void;
}

/** Where received bytes lie. */
export interface StreamMemory {
  /**
   * A buffer of `length` bytes for a received message, which may hold anything: every byte is overwritten before somebody
   * sees it. Default: one of zeros, which costs the time to write them.
   */
  readonly allocate?: ((length: number) => Uint8Array) | undefined;
  /**
   * A chunk of which all bytes have been copied, and no view is left: its memory may be used again at once. Absent: that
   * is left to the collector.
   */
  release?(chunk: Uint8Array): void;
}

/** Core's side of a byte stream. Never throws. `onClose` comes once and last. */
export interface ByteSink {
  /** The chunk is the sink's from now on. */
  onData(chunk: Uint8Array): void;
  /** The peer ended its side in good order. */
  onEnd(): void;
  onClose(error?: Error): void;
}
