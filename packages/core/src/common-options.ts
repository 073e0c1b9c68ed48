/**
 * The options that every socket has (reference 5.2), their ranges and defaults. Protocols add their own or redefine one.
 */
import { bytes, callback, count, duration, type OptionSchema, text } from "./options.js";
import type { Pipe } from "./pipe.js";
import type { Clock, Transport } from "./transport.js";

/** Decides about a peer before it joins. `false` or an error refuses it. */
// biome-ignore lint/suspicious/noConfusingVoidType: a hook that only looks need not return anything
export type AcceptPipe = (pipe: Pipe) => boolean | void | Promise<boolean | void>;

/** Options that an endpoint may override for itself. */
export interface EndpointOptions {
  /**
   * Largest message taken from a peer, in bytes, protocol header included. A larger one closes its connection: `drop` with
   * the reason `"oversize"`, and `pipeclose` with a MessageTooLargeError that names both sizes. A whole number; 0 or
   * `Infinity`: no limit. Default 1,048,576. inproc ignores it. (nng `recv-size-max`)
   */
  readonly receiveMaxSize?: number | undefined;
  /** Dialers: the first reconnect comes after a random time below this, in ms. Default 1,000. (nng `reconnect-time-min`) */
  readonly reconnectTimeMin?: number | undefined;
  /** Dialers: the delay doubles up to this, in ms. Default 0: it does not grow. (nng `reconnect-time-max`) */
  readonly reconnectTimeMax?: number | undefined;
  /** One budget in ms for connecting, every handshake and `acceptPipe`. Default 10,000. */
  readonly handshakeTimeout?: number | undefined;
  /**
   * Bytes that may wait in the pipe to one peer before it counts as busy, 1 or more, or `Infinity`. Default 1,048,576. Then
   * messages wait in the protocol's own queue, if it has one, and in the callers of `send`. Over inproc each message counts
   * 256 bytes more than it has.
   */
  readonly sendBufferBytes?: number | undefined;
  /** Listeners: live connections, 1 to 1,000,000; further ones are refused. Default 10,000. */
  readonly maxConnections?: number | undefined;
  /** Listeners: connections in a handshake, 1 to 1,000,000; above it the oldest is dropped. Default 128. */
  readonly maxPendingHandshakes?: number | undefined;
}

/** Options of every socket. Durations are milliseconds: 0 at once, `Infinity` never. `undefined` stands for the default. */
export interface SocketOptions extends EndpointOptions {
  /** The transports that this socket may use, e.g. `[tcp(), ipc()]`. inproc is always there. */
  readonly transports?: readonly Transport[] | undefined;
  /** Shows in errors and statistics. At most 63 characters; default: class and number, `"Pair0#1"`. (nng `socket-name`) */
  readonly name?: string | undefined;
  /** How long `receive` waits, in ms, where a call does not say. Default `Infinity`. (nng `recv-timeout`) */
  readonly receiveTimeout?: number | undefined;
  /** How long `send` waits, in ms, where a call does not say. Default `Infinity`. (nng `send-timeout`) */
  readonly sendTimeout?: number | undefined;
  /** How long `close` may spend on delivering what was accepted, in ms. Default 1,000. */
  readonly closeTimeout?: number | undefined;
  /**
   * May refuse a peer before it joins, also asynchronously, within `handshakeTimeout`. Peers of a wrong protocol do not get
   * so far. A refused dialer sees its connection open and close.
   *
   * @example
   * new Pair0({ acceptPipe: (pipe) => pipe.remoteAddress.startsWith("tcp://127.0.0.1:") });
   */
  readonly acceptPipe?: AcceptPipe | undefined;
  /** Time and chance; tests give a manual clock. */
  readonly clock?: Clock | undefined;
}

const MIB = 1024 * 1024;
const FOREVER = Number.POSITIVE_INFINITY;

/** `transports` and `clock` are objects, which the socket checks itself. */
export const commonOptions = {
  name: text({ default: "", maxLength: 63, writable: true }),
  receiveTimeout: duration({ default: FOREVER, writable: true, context: true }),
  sendTimeout: duration({ default: FOREVER, writable: true, context: true }),
  closeTimeout: duration({ default: 1_000, writable: true }),
  receiveMaxSize: bytes({ default: MIB, zeroIsInfinite: true, writable: true, endpoint: true }),
  sendBufferBytes: bytes({ default: MIB, min: 1, endpoint: true }),
  reconnectTimeMin: duration({ default: 1_000, writable: true, endpoint: true }),
  reconnectTimeMax: duration({ default: 0, writable: true, endpoint: true }),
  handshakeTimeout: duration({ default: 10_000, writable: true, endpoint: true }),
  maxConnections: count({ default: 10_000, min: 1, max: 1_000_000, endpoint: true }),
  maxPendingHandshakes: count({ default: 128, min: 1, max: 1_000_000, endpoint: true }),
  acceptPipe: callback<AcceptPipe>(),
} satisfies OptionSchema;
