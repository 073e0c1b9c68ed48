/**
 * A connection to a listener, from its first moment on: it counts as half-open during the TLS handshake, and its time
 * runs.
 *
 * The rule it guards: not a byte of SP leaves before the peer has been accepted, and whichever of the two sockets fails,
 * the stream hears of it once.
 */
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { type ByteSink, type ByteStream, fromNodeSocket } from "@sprocket/core/stream";
import type { TlsArrival } from "@sprocket/core/tls";
import { memory } from "./memory.js";

type Write = Parameters<ByteStream["write"]>;

export class AcceptedStream implements ByteStream, TlsArrival<TLSSocket> {
  readonly localAddress: string;
  readonly remoteAddress: string;
  readonly memory = memory;
  readonly #socket: Socket;
  /** Once the TLS handshake is over. */
  #secure: ByteStream | undefined;
  #sink: ByteSink | undefined;
  /** Our greeting, which core says at once. */
  #held: Write[] = [];
  /** Why there will be no secure stream. */
  #error: Error | undefined;

  constructor(socket: Socket, ends: { local: string; remote: string }) {
    this.#socket = socket;
    this.localAddress = ends.local;
    this.remoteAddress = ends.remote;
    socket.unref();
    // Its errors are those of the TLS handshake, which is told of them too.
    socket.on("error", () => undefined);
  }

  /** What became of the handshake is known. */
  get settled(): boolean {
    return this.#secure !== undefined || this.#error !== undefined;
  }

  get properties(): ReadonlyMap<string, unknown> {
    return this.#secure?.properties ?? new Map();
  }

  /** The peer is accepted. */
  secured(socket: TLSSocket, properties: ReadonlyMap<string, unknown>): void {
    const stream = fromNodeSocket(socket, {
      local: this.localAddress,
      remote: this.remoteAddress,
      properties,
    });
    if (this.#error !== undefined) {
      stream.destroy();
      return;
    }
    this.#secure = stream;
    if (this.#sink !== undefined) stream.start(this.#sink);
    for (const write of this.#held.splice(0)) stream.write(...write);
  }

  /** The peer is refused, or failed, or has gone. Only the first reason counts. */
  refused(error: Error): void {
    if (this.settled) return;
    this.#error = error;
    this.#held = [];
    this.#socket.destroy();
    this.#sink?.onClose(error);
  }

  start(sink: ByteSink): void {
    this.#sink = sink;
    if (this.#secure !== undefined) this.#secure.start(sink);
    else if (this.#error !== undefined) sink.onClose(this.#error);
  }

  write(...write: Write): void {
    if (this.#secure !== undefined) this.#secure.write(...write);
    else this.#held.push(write);
  }

  pause(): void {
    this.#secure?.pause();
  }

  resume(): void {
    this.#secure?.resume();
  }

  end(): void {
    if (this.#secure !== undefined) this.#secure.end();
    else this.#socket.destroy();
  }

  destroy(): void {
    if (this.#secure !== undefined) this.#secure.destroy();
    else this.#socket.destroy();
  }
}
