/**
 * Anything shaped like a connected `net.Socket` as a `ByteStream`. Structural: it imports nothing of Node, so that it also
 * serves tls sockets, Bun and Deno.
 *
 * The rule it guards: one `error` listener from the first moment until after the close, so that no error of a socket can
 * end the process.
 */
import { fromSystemError } from "../system-error.js";
import type { ByteSink, ByteStream, StreamMemory } from "./byte-stream.js";
import type { DirectReads } from "./direct-reads.js";

/** The part of `net.Socket` that is used. Create it with `allowHalfOpen: true`. */
export interface NodeSocketLike {
  on(event: "data", listener: (chunk: Uint8Array) => void): unknown;
  on(event: "end", listener: () => void): unknown;
  on(event: "close", listener: (hadError: boolean) => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  write(chunk: Uint8Array, callback?: (error?: Error | null) => void): boolean;
  cork(): void;
  uncork(): void;
  pause(): unknown;
  resume(): unknown;
  end(): unknown;
  destroy(): unknown;
  unref?(): unknown;
}

/** Where the two ends are, as URLs, and what else the transport knows of the peer. Kept, and asked when somebody asks. */
export interface StreamFacts {
  readonly local: string;
  readonly remote: string;
  readonly properties?: ReadonlyMap<string, unknown>;
  /** Usually what `nodeMemory` gives. Not asked where the socket delivers to `reads`. */
  readonly memory?: StreamMemory | undefined;
}

/**
 * Wraps a socket that has just connected; call it in the same turn.
 *
 * @param reads where the socket was told to deliver what it reads, if it was
 */
export function fromNodeSocket(socket: NodeSocketLike, facts: StreamFacts, reads?: DirectReads): ByteStream {
  return new NodeStream(socket, facts, reads);
}

class NodeStream implements ByteStream {
  readonly #facts: StreamFacts;
  readonly #socket: NodeSocketLike;
  readonly #reads: DirectReads | undefined;
  #sink: ByteSink | undefined;
  #error: Error | undefined;
  #closed = false;

  constructor(socket: NodeSocketLike, facts: StreamFacts, reads: DirectReads | undefined) {
    this.#socket = socket;
    this.#reads = reads;
    this.#facts = facts;
    socket.unref?.();
    socket.on("error", (error) => this.#failed(error));
    socket.on("close", () => {
      this.#closed = true;
      this.#reads?.end();
      this.#sink?.onClose(this.#reason());
    });
  }

  get localAddress(): string {
    return this.#facts.local;
  }

  get remoteAddress(): string {
    return this.#facts.remote;
  }

  get properties(): ReadonlyMap<string, unknown> | undefined {
    return this.#facts.properties;
  }

  get memory(): StreamMemory | undefined {
    return this.#reads ?? this.#facts.memory;
  }

  start(sink: ByteSink): void {
    this.#sink = sink;
    if (this.#closed) {
      sink.onClose(this.#reason());
      return;
    }
    this.#socket.on("end", () => sink.onEnd());
    if (this.#reads === undefined) this.#socket.on("data", (chunk) => sink.onData(chunk));
    else this.#reads.sink = sink;
  }

  write(chunks: readonly Uint8Array[], done: (error?: Error | null) => void): void {
    const socket = this.#socket;
    const last = chunks.length - 1;
    if (last === 0) {
      socket.write(chunks[0] as Uint8Array, done);
      return;
    }
    socket.cork();
    for (let at = 0; at < last; at++) socket.write(chunks[at] as Uint8Array);
    socket.write(chunks[last] as Uint8Array, done);
    socket.uncork();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #failed(error: Error): void {
    this.#error ??= error;
    // A tls socket may report an error and go on.
    this.#socket.destroy();
  }

  #reason(): Error | undefined {
    if (this.#error === undefined) return undefined;
    return fromSystemError(this.#error, { operation: "connection", url: this.remoteAddress });
  }
}
