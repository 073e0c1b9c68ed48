/**
 * Who may connect to a listener: counts live and half-open connections, refuses above the limits, runs the handshakes.
 * When too many are half-open the oldest goes, so that silent peers cannot lock others out.
 */
import { BusyError, ClosedError, TimeoutError } from "../errors.js";
import type { ListenContext, TransportPipe } from "../transport.js";
import type { ByteStream } from "./byte-stream.js";
import { createStreamPipe, type HandshakeResult } from "./stream-pipe.js";
import type { Wire } from "./wire.js";

/** What an admission shares with its guests. */
interface Door {
  readonly context: ListenContext;
  /** In a handshake, oldest first. */
  readonly pending: Set<Guest>;
  live: number;
  closed: boolean;
}

/** The door of one listener. `listenOn` has one; others make their own. */
export class Admission {
  readonly #door: Door;

  constructor(context: ListenContext) {
    this.#door = { context, pending: new Set(), live: 0, closed: false };
  }

  /** Connections that are open, half-open ones included. */
  get live(): number {
    return this.#door.live;
  }

  /** Takes a connection that was just accepted. */
  admit(stream: ByteStream, wire: Wire): void {
    const door = this.#door;
    if (door.closed) {
      stream.destroy();
      return;
    }
    const { maxConnections, maxPendingHandshakes } = door.context;
    if (door.live >= maxConnections) {
      stream.destroy();
      door.context.onReject(
        new BusyError(
          `${stream.remoteAddress} was refused: ${maxConnections} connections are open (maxConnections).`,
        ),
      );
      return;
    }
    if (door.pending.size >= maxPendingHandshakes) {
      for (const oldest of door.pending) {
        oldest.handle?.destroy(
          new TimeoutError(
            `Dropped as the oldest of ${maxPendingHandshakes} handshakes under way (maxPendingHandshakes).`,
          ),
        );
        break;
      }
    }
    door.live++;
    const guest = new Guest(door);
    door.pending.add(guest);
    guest.handle = createStreamPipe(stream, door.context, wire, guest);
  }

  close(): void {
    this.#door.closed = true;
    for (const guest of this.#door.pending) guest.handle?.destroy(closedError());
    this.#door.pending.clear();
  }
}

/** A connection: in its handshake, or about which the application has not decided yet, or live. */
class Guest implements HandshakeResult {
  readonly #door: Door;
  /** To give up with, while it is half-open. */
  handle: { destroy(error: Error): void } | undefined = undefined;

  constructor(door: Door) {
    this.#door = door;
  }

  opened(pipe: TransportPipe): void {
    if (this.#door.closed) pipe.close(closedError());
    else this.#door.context.onPipe(pipe);
  }

  failed(error: Error): void {
    if (!this.#door.closed) this.#door.context.onReject(error);
  }

  started(): void {
    this.#door.pending.delete(this);
    this.handle = undefined;
  }

  closed(): void {
    this.#door.pending.delete(this);
    this.#door.live--;
  }
}

function closedError(): ClosedError {
  return new ClosedError("The listener is closed.");
}
