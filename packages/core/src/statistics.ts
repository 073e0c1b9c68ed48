/**
 * Plain counters, and the snapshots that `stats()` gives: JSON-able, made when asked for, never reset.
 */
import type { DropReason } from "./events.js";

/** Messages and bytes (payload and protocol header) in both directions. */
export interface TrafficStats {
  readonly sentMessages: number;
  readonly sentBytes: number;
  readonly receivedMessages: number;
  readonly receivedBytes: number;
}

/** What `pipe.stats()` gives. */
export interface PipeStats extends TrafficStats {
  readonly id: number;
  readonly localAddress: string;
  readonly remoteAddress: string;
  /** Taken by the pipe, not yet by the system. Always 0 on inproc. */
  readonly pendingMessages: number;
  /** Their bytes, framing included. */
  readonly pendingBytes: number;
}

/** What `dialer.stats()` gives. */
export interface DialerStats {
  readonly url: string;
  /** A `DialerState`. */
  readonly state: string;
  /** Attempts begun. */
  readonly attempts: number;
  /** Attempts that became a pipe. */
  readonly connects: number;
  /** Attempts that failed, and connections that were refused on our side. */
  readonly failures: number;
}

/** What `listener.stats()` gives. */
export interface ListenerStats {
  readonly url: string;
  /** Connections that became a pipe. */
  readonly accepts: number;
  /** Connections that failed or were refused. */
  readonly failures: number;
  /** Live pipes. */
  readonly pipes: number;
}

/** What `socket.stats()` gives: of all pipes, past and present, and of each endpoint and pipe that is there. */
export interface SocketStats extends TrafficStats {
  readonly name: string;
  /** SP name, e.g. `"req"`. */
  readonly protocol: string;
  /** Peers refused. */
  readonly rejects: number;
  /** Pipes ever opened. */
  readonly opened: number;
  /** Dropped messages by reason. */
  readonly drops: Readonly<Partial<Record<DropReason, number>>>;
  /** What the protocol itself counts, e.g. `resent` on Req0. */
  readonly counters: Readonly<Record<string, number>>;
  /** Messages accepted for sending that no pipe has yet. */
  readonly queued: number;
  readonly dialers: readonly DialerStats[];
  readonly listeners: readonly ListenerStats[];
  readonly pipes: readonly PipeStats[];
}

/** Running totals of pipes that have gone, so that a socket's sums never shrink. */
export class Traffic {
  sentMessages = 0;
  sentBytes = 0;
  receivedMessages = 0;
  receivedBytes = 0;

  add(other: TrafficStats): void {
    this.sentMessages += other.sentMessages;
    this.sentBytes += other.sentBytes;
    this.receivedMessages += other.receivedMessages;
    this.receivedBytes += other.receivedBytes;
  }
}
