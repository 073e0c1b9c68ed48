/**
 * Who may connect to a listener: counts live and half-open connections, refuses above the limits, runs the handshakes.
 * When too many are half-open the oldest goes, so that silent peers cannot lock others out.
 */
import { BusyError, ClosedError, TimeoutError } from "../errors.js";
import type { ListenContext } from "../transport.js";
import type { ByteStream } from "./byte-stream.js";
import { createStreamPipe } from "./stream-pipe.js";
import type { Wire } from "./wire.js";

/** The door of one listener. `listenOn` has one; others make their own. */
export class Admission {
  readonly #context: ListenContext;
  /** In a handshake, oldest first. */
  readonly #pending = new Set<Pending>();
  #live = 0;
  #closed = false;

  constructor(context: ListenContext) {
    this.#context = context;
  }

  /** Connections that are open, half-open ones included. */
  get live(): number {
    return this.#live;
  }

  /** Takes a connection that was just accepted. */
  admit(stream: ByteStream, wire: Wire): void {
    if (this.#closed) {
      stream.destroy();
      return;
    }
    const { maxConnections, maxPendingHandshakes } = this.#context;
    if (this.#live >= maxConnections) {
      stream.destroy();
      this.#context.onReject(
        new BusyError(
          `${stream.remoteAddress} was refused: ${maxConnections} connections are open (maxConnections).`,
        ),
      );
      return;
    }
    if (this.#pending.size >= maxPendingHandshakes) {
      for (const oldest of this.#pending) {
        oldest.handle?.destroy(
          new TimeoutError(
            `Dropped as the oldest of ${maxPendingHandshakes} handshakes under way (maxPendingHandshakes).`,
          ),
        );
        break;
      }
    }
    this.#live++;
    const entry: Pending = { handle: undefined };
    const settled = (): void => {
      this.#pending.delete(entry);
    };
    this.#pending.add(entry);
    entry.handle = createStreamPipe(stream, this.#context, wire, {
      opened: (pipe) => {
        if (this.#closed) pipe.close(closedError());
        else this.#context.onPipe(pipe);
      },
      failed: (error) => {
        if (!this.#closed) this.#context.onReject(error);
      },
      started: settled,
      closed: () => {
        settled();
        this.#live--;
      },
    });
  }

  close(): void {
    this.#closed = true;
    for (const entry of this.#pending) entry.handle?.destroy(closedError());
    this.#pending.clear();
  }
}

/** A connection in its handshake, or about which the application has not decided yet. */
interface Pending {
  handle: { destroy(error: Error): void } | undefined;
}

function closedError(): ClosedError {
  return new ClosedError("The listener is closed.");
}
