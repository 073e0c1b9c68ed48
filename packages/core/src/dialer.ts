/**
 * One remote address of a socket, dialled and dialled again (reference 5.3, 5.4). Its states:
 *
 *     connecting ──pipe──► connected ──pipe gone──► waiting ──delay──► connecting
 *          └──────────failed, background────────────►┘
 *     any ──close()──► closed
 */
import type { EndpointOptions } from "./common-options.js";
import {
  AddressInvalidError,
  AuthenticationError,
  ClosedError,
  CryptoError,
  InvalidOperationError,
  NotSupportedError,
  PermissionDeniedError,
  ProtocolError,
  TimeoutError,
} from "./errors.js";
import type { CorePipe, Pipe } from "./pipe.js";
import { Backoff } from "./reconnect.js";
import type { Socket } from "./socket.js";
import type { SocketCore } from "./socket-core.js";
import type { DialerStats } from "./statistics.js";
import type { EndpointContext, Timer, Transport, TransportPipe } from "./transport.js";
import { type TransportOverrides, transportOptions } from "./transport-options.js";
import type { SpUrl } from "./url.js";
import { PromiseWaiter, WaiterList, type WaitOptions, waitTime } from "./waiters.js";

/**
 * - `"connect"`: one attempt; rejects when it fails.
 * - `"background"`: returns at once and tries for ever.
 * - `"wait"`: tries until it is connected.
 * - `"auto"` (default): the first attempt is awaited; a failure that may pass (refused, unreachable, timed out) goes on
 *   in the background as an event, a permanent one (unknown host, wrong protocol, TLS identity) rejects.
 */
export type DialMode = "auto" | "connect" | "background" | "wait";

/**
 * What `dial` takes: how to begin, and overrides of the socket's options for this dialer. `timeout` (ms, default never) and
 * `signal` end the waiting of `dial`, and the dialer with it; once `dial` has resolved they have no effect.
 */
export interface DialOptions extends EndpointOptions, TransportOverrides, WaitOptions {
  /** When `dial` resolves, and what becomes of a first attempt that fails. Default `"auto"`. */
  readonly mode?: DialMode | undefined;
}

/** `"connecting"`: an attempt is under way. `"waiting"`: the next one follows after a delay. */
export type DialerState = "connecting" | "connected" | "waiting" | "closed";

const MODES: readonly string[] = ["auto", "connect", "background", "wait"];

/**
 * A remote address that is connected to again and again, over one pipe at a time. Made by `socket.dial()`.
 *
 * @example
 * const dialer = await socket.dial(url, { mode: "background" });
 * const pipe = await dialer.connected({ timeout: 5_000 });
 */
export class Dialer {
  readonly #core: SocketCore;
  readonly #transport: Transport;
  readonly #url: SpUrl;
  readonly #receiveMaxSize: number;
  readonly #handshakeTimeout: number;
  readonly #highWaterBytes: number;
  readonly #transportOptions: unknown;
  readonly #mode: DialMode;
  readonly #reconnectTimeMin: number;
  readonly #reconnectTimeMax: number;
  /** Made when it is needed first. */
  #backoff: Backoff | undefined;
  /** Of the attempt that is under way. */
  #abort: AbortController | undefined;
  /** Callers of `connected`; made with the first of them. */
  #waiters: WaiterList<Pipe> | undefined;
  #state: DialerState = "connecting";
  #pipe: CorePipe | undefined;
  #retry: Timer | undefined;
  #delay = 0;
  #attempts = 0;
  #connects = 0;
  #failures = 0;
  #lastError: Error | undefined;
  /** Settles `dial()` with the outcome of the first attempt. */
  #first: ((error?: Error) => void) | undefined;

  /** By the socket; use `socket.dial()`. */
  constructor(core: SocketCore, transport: Transport, url: SpUrl, options: DialOptions | undefined) {
    const { mode = "auto", timeout: _timeout, signal: _signal, transport: own, ...overrides } = options ?? {};
    if (!MODES.includes(mode)) {
      throw new InvalidOperationError(
        `mode must be one of ${MODES.map((each) => `"${each}"`).join(", ")}; got ${String(mode)}.`,
      );
    }
    this.#core = core;
    this.#transport = transport;
    this.#url = url;
    this.#mode = mode;
    const values = core.endpointOptions(overrides);
    this.#receiveMaxSize = values.receiveMaxSize as number;
    this.#handshakeTimeout = values.handshakeTimeout as number;
    this.#highWaterBytes = values.sendBufferBytes as number;
    this.#transportOptions = transportOptions(transport, own, "dial");
    this.#reconnectTimeMin = values.reconnectTimeMin as number;
    this.#reconnectTimeMax = values.reconnectTimeMax as number;
  }

  get socket(): Socket {
    return this.#core.socket;
  }

  /** As given. */
  get url(): string {
    return this.#url.href;
  }

  /** What it is doing now. */
  get state(): DialerState {
    return this.#state;
  }

  /** True from `close()` on, and when `dial` has rejected. */
  get closed(): boolean {
    return this.#state === "closed";
  }

  /** Attempts begun. */
  get attempts(): number {
    return this.#attempts;
  }

  /** Why the last attempt failed or the last pipe was lost. */
  get lastError(): Error | undefined {
    return this.#lastError;
  }

  /** The live pipe, if there is one. */
  get pipe(): Pipe | undefined {
    return this.#pipe;
  }

  /**
   * The pipe, as soon as there is one.
   *
   * Rejects with TimeoutError, ClosedError or `signal.reason`. Waits for ever by default.
   */
  connected(options?: WaitOptions): Promise<Pipe> {
    if (this.#pipe !== undefined) return Promise.resolve(this.#pipe);
    if (this.closed) return Promise.reject(this.#closedError());
    if (options?.signal?.aborted) return Promise.reject(options.signal.reason);
    return new Promise((resolve, reject) => {
      const timeout = waitTime(options, Number.POSITIVE_INFINITY);
      this.#waiters ??= new WaiterList({
        clock: this.#core.clock,
        waiting: (some) => this.#core.pending(some),
        gaveUp: () => undefined,
        timeoutError: (delay) =>
          this.#timeout(
            `No connection to ${this.url} within ${delay} ms${this.#lastError ? `: ${this.#lastError.message}` : "."}`,
          ),
      });
      this.#waiters.add(new PromiseWaiter(resolve, reject), timeout, options?.signal);
    });
  }

  /** By the socket, once: begins, and resolves or rejects as the mode says. */
  async start(options: WaitOptions | undefined): Promise<this> {
    try {
      options?.signal?.throwIfAborted();
      if (this.#mode === "background") this.#attempt();
      else if (this.#mode === "wait") await this.#until(options);
      else await this.#once(options);
    } catch (error) {
      await this.close();
      throw error;
    }
    return this;
  }

  async #until(options: WaitOptions | undefined): Promise<void> {
    const connected = this.connected(options);
    this.#attempt();
    await connected;
  }

  #once(options: WaitOptions | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const gate = new WaiterList<void>({
        clock: this.#core.clock,
        waiting: () => undefined,
        gaveUp: () => undefined,
        timeoutError: (delay) => this.#timeout(`${this.url} did not answer within ${delay} ms.`),
      });
      const waiter = new PromiseWaiter<void>(resolve, reject);
      gate.add(waiter, waitTime(options, Number.POSITIVE_INFINITY), options?.signal);
      this.#first = (error) => {
        this.#first = undefined;
        if (waiter.list === undefined) return;
        gate.remove(waiter);
        if (error === undefined || (this.#mode === "auto" && !this.closed && mayPass(error))) resolve();
        else reject(error);
      };
      this.#attempt();
    });
  }

  /** Closes the pipe and dials no more. Idempotent. */
  close(): Promise<void> {
    if (this.#state === "closed") return Promise.resolve();
    this.#state = "closed";
    const error = this.#closedError();
    this.#retry?.cancel();
    this.#abort?.abort(error);
    this.#waiters?.failAll(error);
    this.#pipe?.close();
    this.#first?.(error);
    this.#core.endpointClosed(this);
    return Promise.resolve();
  }

  /** Counters of this dialer, as a plain object. */
  stats(): DialerStats {
    return {
      url: this.url,
      state: this.#state,
      attempts: this.#attempts,
      connects: this.#connects,
      failures: this.#failures,
    };
  }

  /** By the socket, when its pipe is over. */
  pipeEnded(pipe: CorePipe, error: Error | undefined): void {
    if (pipe !== this.#pipe) return;
    this.#pipe = undefined;
    this.#lastError = error ?? this.#lastError;
    // Only a connection that lasted shows that the peer is well: one that is dropped at once keeps the delay growing.
    if (this.#core.now() - pipe.since > this.#delay) this.#backoff?.reset();
    this.#again();
  }

  #attempt(): void {
    this.#state = "connecting";
    this.#attempts++;
    const abort = new AbortController();
    this.#abort = abort;
    this.#core.emit("connecting", { dialer: this, url: this.url, attempt: this.#attempts });
    let attempt: Promise<TransportPipe>;
    try {
      attempt = this.#transport.dial(this.#url, this.#context(abort.signal));
    } catch (error) {
      attempt = Promise.reject(error);
    }
    attempt.then(
      (pipe) => this.#arrived(pipe),
      (error: Error) => this.#failed(error),
    );
  }

  #arrived(transport: TransportPipe): void {
    this.#abort = undefined;
    if (this.closed) {
      transport.close(this.#closedError());
      return;
    }
    this.#core.admit(transport, this, (pipe, error) => {
      if (error !== undefined) {
        this.#failed(error);
        return;
      }
      if (this.closed) {
        pipe.close();
        return;
      }
      this.#pipe = pipe;
      this.#state = "connected";
      this.#connects++;
      this.#core.emit("connected", { dialer: this, url: this.url, pipe });
      const waiters = this.#waiters;
      for (let waiter = waiters?.head; waiter !== undefined; waiter = waiters?.head) {
        waiters?.remove(waiter);
        waiter.resolve(pipe);
      }
      this.#first?.();
    });
  }

  #failed(error: Error): void {
    this.#abort = undefined;
    this.#failures++;
    this.#lastError = error;
    if (this.closed) return;
    this.#core.emit("connecterror", { dialer: this, url: this.url, error, attempt: this.#attempts });
    const first = this.#first;
    if (first === undefined || (this.#mode === "auto" && mayPass(error))) this.#again();
    first?.(error);
  }

  #again(): void {
    if (this.closed) return;
    this.#state = "waiting";
    this.#backoff ??= new Backoff(this.#reconnectTimeMin, this.#reconnectTimeMax, () =>
      this.#core.clock.random(),
    );
    this.#delay = this.#backoff.next();
    this.#core.emit("reconnecting", {
      dialer: this,
      url: this.url,
      delay: this.#delay,
      attempt: this.#attempts + 1,
    });
    this.#retry = this.#core.clock.setTimer(this.#delay, () => {
      if (!this.closed) this.#attempt();
    });
  }

  #context(signal: AbortSignal): EndpointContext {
    return {
      protocol: this.#core.info,
      receiveMaxSize: this.#receiveMaxSize,
      handshakeTimeout: this.#handshakeTimeout,
      highWaterBytes: this.#highWaterBytes,
      signal,
      clock: this.#core.clock,
      transportOptions: this.#transportOptions,
    };
  }

  #timeout(text: string): TimeoutError {
    return new TimeoutError(text, { url: this.url, socket: this.#core.name, operation: "dial" });
  }

  #closedError(): ClosedError {
    return new ClosedError(`The dialer for ${this.url} is closed.`, {
      url: this.url,
      socket: this.#core.name,
    });
  }
}

export interface Dialer extends AsyncDisposable {}

if (typeof Symbol.asyncDispose === "symbol") {
  Object.defineProperty(Dialer.prototype, Symbol.asyncDispose, {
    value(this: Dialer) {
      return this.close();
    },
    configurable: true,
    writable: true,
  });
}

/** Is it worth trying again without anyone changing anything? */
function mayPass(error: Error): boolean {
  return !(
    error instanceof AddressInvalidError ||
    error instanceof AuthenticationError ||
    error instanceof CryptoError ||
    error instanceof NotSupportedError ||
    error instanceof PermissionDeniedError ||
    error instanceof ProtocolError ||
    error instanceof InvalidOperationError ||
    (error instanceof ClosedError && !(error instanceof TimeoutError))
  );
}
