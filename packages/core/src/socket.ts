/**
 * The public face that all sockets share: endpoints, events, options, life. Verbs come from `mixins.ts`, what a protocol
 * adds from its own class.
 */
import type { AcceptPipe, SocketOptions } from "./common-options.js";
import type { Dialer, DialOptions } from "./dialer.js";
import { InvalidOperationError } from "./errors.js";
import type { EventListenerOptions, SocketEvent, SocketEventListener, SocketEventType } from "./events.js";
import type { Listener, ListenOptions } from "./listener.js";
import { missingVerbs } from "./missing-verbs.js";
import type { OperationQueue } from "./operation-queue.js";
import type { Pipe } from "./pipe.js";
import type { ProtocolDefinition } from "./protocol.js";
import { type CloseResult, SocketCore } from "./socket-core.js";
import type { SocketStats } from "./statistics.js";
import type { WaitOptions } from "./waiters.js";

const cores = new WeakMap<Socket, SocketCore>();

/** For core and its mixins: the inside of a socket. */
export function coreOf(socket: Socket): SocketCore {
  const core = cores.get(socket);
  if (core === undefined)
    throw new InvalidOperationError("This is no Sprocket socket of this copy of @sprocket/core.");
  return core;
}

/** A protocol and the number by which peers know it, e.g. `{ id: 0x30, name: "req" }`. */
export interface ProtocolName {
  readonly id: number;
  readonly name: string;
}

/** What every socket can do. Use `Pair0`, `Req0` and so on; protocol packages extend this. */
export abstract class Socket {
  /** For the verbs in `mixins.ts`. */
  readonly operationQueue: OperationQueue;
  readonly #core: SocketCore;

  /**
   * @throws NotSupportedError for an unknown option, BadTypeError for a value of the wrong type, InvalidOperationError
   * for one out of range.
   */
  constructor(definition: ProtocolDefinition, options: SocketOptions | undefined) {
    if (typeof definition?.create !== "function") {
      throw new InvalidOperationError(
        "Socket is the base of all sockets; make a Pair0, a Req0 or another protocol's class.",
      );
    }
    this.#core = new SocketCore(this, definition, options);
    cores.set(this, this.#core);
    this.operationQueue = this.#core.operations;
  }

  /**
   * Binds an address. The listener's `url` has the real port where port 0 was asked for.
   *
   * Rejects with AddressInUseError, AddressInvalidError, NoEntryError, PermissionDeniedError, NotSupportedError (no
   * transport for the scheme, unknown option), InvalidOperationError (malformed URL), BadTypeError or ClosedError.
   *
   * @example
   * const { url } = await socket.listen("tcp://127.0.0.1:0");
   */
  listen(url: string, options?: ListenOptions): Promise<Listener> {
    return this.#core.listen(url, options);
  }

  /**
   * Connects, and connects again whenever the connection is lost, until the dialer or the socket closes.
   *
   * Rejects in every mode for what can never work: AddressInvalidError, InvalidOperationError, NotSupportedError,
   * BadTypeError, ClosedError; and as `DialOptions.mode` says.
   *
   * @example
   * const dialer = await socket.dial(url, { mode: "wait", timeout: 5_000 });
   */
  dial(url: string, options?: DialOptions): Promise<Dialer> {
    return this.#core.dial(url, options);
  }

  /** Live pipes. */
  get pipes(): ReadonlySet<Pipe> {
    return this.#core.pipes;
  }

  /** Dialers that are not closed. */
  get dialers(): ReadonlySet<Dialer> {
    return this.#core.dialers;
  }

  /** Listeners that are not closed. */
  get listeners(): ReadonlySet<Listener> {
    return this.#core.listeners;
  }

  /**
   * Resolves once at least `count` pipes are open: what others use a sleep for.
   *
   * Rejects with TimeoutError, ClosedError or `signal.reason`. Waits for ever by default.
   */
  waitForPipes(count: number, options?: WaitOptions): Promise<void> {
    return this.#core.waitForPipes(count, options);
  }

  /**
   * Calls the listener with every event of a type. One that throws breaks nothing: its error goes to `reportError`, or to
   * the console where there is none.
   *
   * @example
   * socket.addEventListener("pipeclose", ({ pipe, error }) => console.log(pipe.remoteAddress, error?.message));
   */
  addEventListener<Type extends SocketEventType>(
    type: Type,
    listener: SocketEventListener<Type>,
    options?: EventListenerOptions,
  ): void {
    this.#core.events.add(type, listener, options);
  }

  /** Removes a listener that was added with the same function. */
  removeEventListener<Type extends SocketEventType>(type: Type, listener: SocketEventListener<Type>): void {
    this.#core.events.remove(type, listener);
  }

  /**
   * Every event until the socket has closed. A reader that falls 1,024 events behind loses the oldest.
   *
   * @example
   * for await (const event of socket.events({ replay: true })) console.log(event.type);
   *
   * @param options `replay`: begin with a `listening` for each listener and a `pipeopen` for each pipe that is there.
   */
  events(options?: { readonly replay?: boolean }): AsyncIterableIterator<SocketEvent> {
    return this.#core.events.stream(options?.replay ? this.#core.replay() : []);
  }

  /** Counters of the socket, its endpoints and its pipes: a plain object, made now, never reset. */
  stats(): SocketStats {
    return this.#core.stats();
  }

  /**
   * Delivers what `send` has accepted, for at most `closeTimeout`, then closes everything. Pending calls reject with
   * ClosedError at once. A second call gives the same promise.
   *
   * @returns how many accepted messages no connection took in time
   */
  close(): Promise<CloseResult> {
    return this.#core.close();
  }

  /** Closes everything now; what was not sent is lost. Idempotent. */
  destroy(error?: Error): void {
    this.#core.destroy(error);
  }

  /** True from the first `close()` or `destroy()` on. */
  get closed(): boolean {
    return this.#core.closing;
  }

  /** A socket with an endpoint, a pipe or a pending call keeps the process alive. This lets the process end. */
  unref(): this {
    this.#core.setRef(false);
    return this;
  }

  /** Takes `unref` back. */
  ref(): this {
    this.#core.setRef(true);
    return this;
  }

  /** True: the application sees and writes protocol headers. */
  get raw(): boolean {
    return this.#core.info.raw;
  }

  /** The protocol of this socket. */
  get protocol(): ProtocolName {
    return { id: this.#core.info.id, name: this.#core.info.name };
  }

  /** The protocol at the other end. */
  get peer(): ProtocolName {
    return { id: this.#core.info.peerId, name: this.#core.info.peerName };
  }

  /** Shows in errors and statistics; at most 63 characters. */
  get name(): string {
    return this.#core.name;
  }

  set name(value: string) {
    this.setOption("name", value);
  }

  /** Default of `receive`, in ms; `Infinity`: never. A change holds for calls, and for contexts, that begin after it. */
  get receiveTimeout(): number {
    return this.#core.options.receiveTimeout as number;
  }

  set receiveTimeout(value: number | undefined) {
    this.setOption("receiveTimeout", value);
  }

  /** Default of `send`, in ms; `Infinity`: never. A change holds for calls, and for contexts, that begin after it. */
  get sendTimeout(): number {
    return this.#core.options.sendTimeout as number;
  }

  set sendTimeout(value: number | undefined) {
    this.setOption("sendTimeout", value);
  }

  /** Bytes; `Infinity`: no limit. A change holds for dialers and listeners that are made after it, as do the next three. */
  get receiveMaxSize(): number {
    return this.#core.options.receiveMaxSize as number;
  }

  set receiveMaxSize(value: number) {
    this.setOption("receiveMaxSize", value);
  }

  /** ms. */
  get reconnectTimeMin(): number {
    return this.#core.options.reconnectTimeMin as number;
  }

  set reconnectTimeMin(value: number) {
    this.setOption("reconnectTimeMin", value);
  }

  /** ms; 0: the delay does not grow. */
  get reconnectTimeMax(): number {
    return this.#core.options.reconnectTimeMax as number;
  }

  set reconnectTimeMax(value: number) {
    this.setOption("reconnectTimeMax", value);
  }

  /** ms; `Infinity`: never. */
  get handshakeTimeout(): number {
    return this.#core.options.handshakeTimeout as number;
  }

  set handshakeTimeout(value: number) {
    this.setOption("handshakeTimeout", value);
  }

  /** ms; `Infinity`: `close` waits for ever. */
  get closeTimeout(): number {
    return this.#core.options.closeTimeout as number;
  }

  set closeTimeout(value: number) {
    this.setOption("closeTimeout", value);
  }

  /** Bytes for each peer; fixed when the socket is made, as are the next three. */
  get sendBufferBytes(): number {
    return this.#core.options.sendBufferBytes as number;
  }

  /** Live connections of one listener. */
  get maxConnections(): number {
    return this.#core.options.maxConnections as number;
  }

  /** Half-open connections of one listener. */
  get maxPendingHandshakes(): number {
    return this.#core.options.maxPendingHandshakes as number;
  }

  /** What decides about peers, if anything does. */
  get acceptPipe(): AcceptPipe | undefined {
    return this.#core.options.acceptPipe as AcceptPipe | undefined;
  }

  /** For protocol classes: the value of an option. */
  protected getOption(name: string): unknown {
    return this.#core.options[name];
  }

  /** For protocol classes: sets an option after checking it. */
  protected setOption(name: string, value: unknown): void {
    this.#core.setOption(name, value);
  }
}

export interface Socket extends AsyncDisposable, Disposable {}

function hidden(name: PropertyKey, value: (this: Socket, ...rest: never[]) => unknown): void {
  Object.defineProperty(Socket.prototype, name, { value, configurable: true, writable: true });
}

// Browsers without the symbols simply have no such methods.
if (typeof Symbol.asyncDispose === "symbol") {
  hidden(Symbol.asyncDispose, async function () {
    await this.close();
  });
}
if (typeof Symbol.dispose === "symbol") {
  hidden(Symbol.dispose, function () {
    this.destroy();
  });
}

missingVerbs(Socket.prototype, (socket: Socket) => coreOf(socket).info);
hidden("context", function () {
  return coreOf(this).openContext(undefined);
});
