/**
 * How bytes reach a peer: the whole transport plug-in point.
 *
 * A transport makes one attempt at a time and knows nothing of protocols, retries or queues. Core owns those. Types and
 * comments only: nothing here exists at run time.
 */
import type { Message } from "./message.js";
import type { ProtocolInfo } from "./protocol.js";
import type { SpUrl } from "./url.js";

/** A way to reach peers, for one or more URL schemes. Plain value: put it in a socket's `transports`. */
export interface Transport {
  /** Short name for messages and statistics, e.g. `"tcp"`. */
  readonly name: string;
  /** Schemes answered, lower case, without `"://"`. */
  readonly schemes: readonly string[];
  /**
   * Throws for a URL that can never work in this role. Optional: it lets a bad URL be refused at once, even by a dialer
   * that works in the background.
   */
  check?(url: SpUrl, role: "dial" | "listen"): void;
  /**
   * Checks what `dial` or `listen` was given for this transport alone, `{ transport: { … } }`; what it returns is found in
   * `context.transportOptions`. Absent: the transport takes no options for a single endpoint.
   */
  readOptions?(given: object, role: "dial" | "listen"): unknown;
  /** One attempt; rejects with a `SprocketError`. Retry and back-off belong to core. */
  dial(url: SpUrl, context: EndpointContext): Promise<TransportPipe>;
  /** Absent where the runtime cannot listen. Resolves once bound. */
  listen?(url: SpUrl, context: ListenContext): Promise<TransportListener>;
}

/** What core tells a transport about the endpoint that it serves. */
export interface EndpointContext {
  readonly protocol: ProtocolInfo;
  /** Bytes; 0 or `Infinity`: no limit. Checked against the announced length before any memory is set aside. */
  readonly receiveMaxSize: number;
  /** One budget in ms for the TCP, TLS, WebSocket and SP handshakes and for `acceptPipe` together. */
  readonly handshakeTimeout: number;
  /** Bytes buffered towards one peer before `send` answers false. */
  readonly highWaterBytes: number;
  /**
   * Aborts when the endpoint or its socket closes. A transport then gives up the attempt and frees what it holds. Each attempt
   * of a dialer has one of its own, which is let go when the attempt is over: pipes are told by `close`.
   */
  readonly signal: AbortSignal;
  /** Time, so that tests can drive it. */
  readonly clock: Clock;
  /** What `readOptions` of the transport made of this endpoint's options; undefined when there were none. */
  readonly transportOptions?: unknown;
}

/** What a listening transport gets in addition. */
export interface ListenContext extends EndpointContext {
  /** Half-open connections; the oldest is dropped for a new one. */
  readonly maxPendingHandshakes: number;
  /** Live connections; further ones are refused at accept. */
  readonly maxConnections: number;
  /** A handshake succeeded. Never called once `close` has resolved. */
  onPipe(pipe: TransportPipe): void;
  /** A connection failed before it was a pipe, or was refused; listening goes on. */
  onReject(error: Error): void;
  /** The listener itself died. At most once. */
  onError(error: Error): void;
}

/** A bound address. */
export interface TransportListener {
  /** As given, with port 0 (or an empty name where the system chooses) replaced by the real one. */
  readonly url: SpUrl;
  /** Where it is bound, as a URL: what `listener.address` shows. */
  readonly address: string;
  /** Stops accepting and drops half-open connections; core closes the pipes. */
  close(): Promise<void>;
}

/**
 * A handshaken, message-oriented link to one peer.
 *
 * Handles of the system that stand behind it must not keep the process alive (`unref`): core does that for all
 * transports alike, see `keepalive.ts`.
 */
export interface TransportPipe {
  /** The number that the peer announced. Core refuses the pipe when it is not the expected one. */
  readonly peerProtocol: number;
  readonly localAddress: string;
  readonly remoteAddress: string;
  /** Facts such as `"tls.authorized"` or `"ws.path"`. */
  readonly properties: ReadonlyMap<string, unknown>;
  /** Taken but not yet given to the system: what a close may still lose. */
  readonly pendingMessages: number;
  readonly pendingBytes: number;
  /** Calls back once, later, when nothing is pending any more or the pipe has closed. */
  whenFlushed(callback: () => void): void;
  /** Called once; nothing reaches the sink before it. Ends the handshake budget. An earlier close is reported here. */
  start(sink: PipeSink): void;
  /** Takes ownership. False: taken, but wait for `onDrain`. Ignored after close. */
  send(message: Message): boolean;
  /** Takes effect at this message, even in the middle of a chunk. */
  pause(): void;
  /** May deliver messages before it returns. */
  resume(): void;
  /**
   * While it is paused: the next message, if all of it has arrived. Whatever is wrong with it is for `resume` to find.
   * Absent: nothing can be had without a resume.
   */
  fetch?(): Message | undefined;
  /** Idempotent. Without an error: flush, then end. With one: reset at once. Legal before `start`. */
  close(error?: Error): void;
}

/** Core's side of a pipe. Synchronous, never throws. `onClose` comes once and last. */
export interface PipeSink {
  onMessage(message: Message): void;
  /**
   * Right after `onMessage`, unless that paused or closed the pipe: where messages that lie behind it in what has arrived may
   * go instead of `onMessage`. A transport need not look.
   */
  readonly run?: MessageRun | undefined;
  onDrain(): void;
  onClose(error?: Error): void;
}

/** A shorter way for messages that have arrived together, past the state machine. Good until its owner is called otherwise. */
export interface MessageRun {
  /** Messages that it takes now; each takes up one place at most. */
  readonly room: number;
  /**
   * Only while there is room. Runs no code of the application, so that nothing else changes. False: not taken, it has to go
   * the usual way.
   */
  take(message: Message): boolean;
  /** Bodies alone are wanted: a message can be taken with `takeBytes`, without an object around its bytes. */
  readonly bodies: boolean;
  /**
   * As `take`: a message that lies in `bytes[start..end)`, header words included.
   * @param buffer `bytes.buffer`, which is asked for but once a chunk: to ask costs as much as a view
   */
  takeBytes(bytes: Uint8Array, buffer: ArrayBufferLike, start: number, end: number): boolean;
}

/** Time and chance. The system's by default; `ManualClock` of `@sprocket/testing` in tests. */
export interface Clock {
  /** Milliseconds, monotonic, from any origin. */
  now(): number;
  /** Calls back once, never before `delay` ms have passed. */
  setTimer(delay: number, callback: () => void): Timer;
  /** Uniform in [0, 1). */
  random(): number;
}

/** A running timer. */
export interface Timer {
  /** Idempotent; harmless after the timer fired. */
  cancel(): void;
}
