/**
 * One bound address of a socket: takes what its transport accepts and hands it to the socket.
 */
import type { EndpointOptions } from "./common-options.js";
import { ClosedError } from "./errors.js";
import type { CorePipe, Pipe } from "./pipe.js";
import type { Socket } from "./socket.js";
import type { SocketCore } from "./socket-core.js";
import type { ListenerStats } from "./statistics.js";
import type { ListenContext, Transport, TransportListener } from "./transport.js";
import { type TransportOverrides, transportOptions } from "./transport-options.js";
import type { SpUrl } from "./url.js";

/** What `listen` takes: overrides of the socket's options for this listener. */
export interface ListenOptions extends EndpointOptions, TransportOverrides {}

/**
 * A bound address. Made by `socket.listen()`.
 *
 * @example
 * const listener = await socket.listen("tcp://127.0.0.1:0");
 * console.log(listener.url);   // with the real port
 */
export class Listener {
  readonly #core: SocketCore;
  readonly #transport: Transport;
  readonly #options: Record<string, unknown>;
  readonly #transportOptions: unknown;
  readonly #pipes = new Set<CorePipe>();
  readonly #abort = new AbortController();
  #url: SpUrl;
  #bound: TransportListener | undefined;
  #closed: Promise<void> | undefined;
  #accepts = 0;
  #failures = 0;

  /** By the socket; use `socket.listen()`. */
  constructor(core: SocketCore, transport: Transport, url: SpUrl, options: ListenOptions | undefined) {
    this.#core = core;
    this.#transport = transport;
    this.#url = url;
    const { transport: own, ...overrides } = options ?? {};
    this.#options = core.endpointOptions(overrides);
    this.#transportOptions = transportOptions(transport, own, "listen");
  }

  get socket(): Socket {
    return this.#core.socket;
  }

  /** As given, with the real port where the system chose one: what peers dial, if they can reach the host in it. */
  get url(): string {
    return this.#bound?.url.href ?? this.#url.href;
  }

  /** What is bound, as the system says, e.g. `"tcp://[::]:5555"` for `"tcp://*:5555"`. */
  get address(): string {
    return this.#bound?.address ?? this.url;
  }

  /** Live pipes that came from it. */
  get pipes(): ReadonlySet<Pipe> {
    return this.#pipes;
  }

  /** True from `close()` on, also when the listener failed. */
  get closed(): boolean {
    return this.#closed !== undefined;
  }

  /** By the socket, once. */
  async start(): Promise<this> {
    try {
      const bound = await (this.#transport as Required<Transport>).listen(this.#url, this.#context());
      if (this.#closed !== undefined || this.#core.closing) {
        await bound.close();
        throw new ClosedError(`${this.#core.label} was closed while it began to listen.`, {
          url: this.url,
          operation: "listen",
        });
      }
      this.#bound = bound;
    } catch (error) {
      await this.close();
      throw error;
    }
    this.#core.emit("listening", { listener: this, url: this.url });
    return this;
  }

  /** Stops listening and closes the pipes that came from it. Idempotent. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#abort.abort(new ClosedError("The listener is closed.", { url: this.url }));
    for (const pipe of this.#pipes) pipe.close();
    try {
      await this.#bound?.close();
    } finally {
      this.#core.endpointClosed(this);
    }
  }

  /** Counters of this listener, as a plain object. */
  stats(): ListenerStats {
    return { url: this.url, accepts: this.#accepts, failures: this.#failures, pipes: this.#pipes.size };
  }

  /** By the socket, when a pipe of this listener is over. */
  pipeEnded(pipe: CorePipe): void {
    this.#pipes.delete(pipe);
  }

  #context(): ListenContext {
    const options = this.#options;
    return {
      protocol: this.#core.info,
      receiveMaxSize: options.receiveMaxSize as number,
      handshakeTimeout: options.handshakeTimeout as number,
      highWaterBytes: options.sendBufferBytes as number,
      maxConnections: options.maxConnections as number,
      maxPendingHandshakes: options.maxPendingHandshakes as number,
      signal: this.#abort.signal,
      clock: this.#core.clock,
      transportOptions: this.#transportOptions,
      onPipe: (pipe) => {
        if (this.#closed !== undefined) {
          pipe.close(new ClosedError("The listener is closed."));
          return;
        }
        this.#core.admit(pipe, this, (admitted, error) => {
          if (error !== undefined) {
            this.#failures++;
          } else if (this.#closed !== undefined) {
            admitted.close();
          } else {
            this.#accepts++;
            this.#pipes.add(admitted);
          }
        });
      },
      onReject: (error) => {
        this.#failures++;
        this.#core.emit("handshakeerror", { listener: this, url: this.url, error });
      },
      onError: (error) => {
        this.#core.emit("handshakeerror", { listener: this, url: this.url, error });
        void this.close();
      },
    };
  }
}

export interface Listener extends AsyncDisposable {}

if (typeof Symbol.asyncDispose === "symbol") {
  Object.defineProperty(Listener.prototype, Symbol.asyncDispose, {
    value(this: Listener) {
      return this.close();
    },
    configurable: true,
    writable: true,
  });
}
