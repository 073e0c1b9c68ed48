/**
 * Anything shaped like a listening `net.Server` as a `TransportListener`: each connection becomes a byte stream and goes
 * to the SP handshake. Structural: it imports nothing of Node.
 *
 * The rule it guards: listening survives whatever single connections do and a shortage of descriptors, and once it is
 * closed nothing comes from it any more.
 */
import { BusyError } from "../errors.js";
import { macrotask } from "../macrotask.js";
import { fromSystemError } from "../system-error.js";
import type { ListenContext, TransportListener } from "../transport.js";
import type { SpUrl } from "../url.js";
import { Admission } from "./admission.js";
import type { ByteStream } from "./byte-stream.js";
import type { Wire } from "./wire.js";

/** The part of `net.Server` that is used. Create it with `allowHalfOpen: true`. */
export interface NodeServerLike<Connection> {
  on(event: "connection", listener: (connection: Connection) => void): unknown;
  on(event: "drop", listener: () => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  close(): unknown;
  unref(): unknown;
  maxConnections: number;
}

/** What to do with a server that is bound. */
export interface NodeServerPlan<Connection> {
  /** As given, with the real port or name. */
  readonly url: SpUrl;
  /** Where it is bound, as a URL. */
  readonly address: string;
  readonly wire: Wire;
  /** Wraps a connection that was just accepted, in the same turn. */
  stream(connection: Connection): ByteStream;
  /** Called before the server stops listening, to free what stands for it. */
  release?(): void;
}

/** Takes connections from a server that listens already; call it in the turn in which it began to. */
export function listenOn<Connection extends { destroy(): unknown }>(
  server: NodeServerLike<Connection>,
  plan: NodeServerPlan<Connection>,
  context: ListenContext,
): TransportListener {
  return new NodeListener(server, plan, context);
}

/** Errors of accept in one turn of the loop beyond which something retries without end. */
const ERRORS_PER_TURN = 64;

class NodeListener<Connection extends { destroy(): unknown }> implements TransportListener {
  readonly url: SpUrl;
  readonly address: string;
  readonly #server: NodeServerLike<Connection>;
  readonly #plan: NodeServerPlan<Connection>;
  readonly #admission: Admission;
  readonly #context: ListenContext;
  #closed = false;
  #errorsThisTurn = 0;

  constructor(server: NodeServerLike<Connection>, plan: NodeServerPlan<Connection>, context: ListenContext) {
    this.url = plan.url;
    this.address = plan.address;
    this.#server = server;
    this.#plan = plan;
    this.#context = context;
    this.#admission = new Admission(context);
    server.unref();
    // Admission keeps the limit. This one holds even if connections pile up between their end and their release.
    const most = context.maxConnections + context.maxPendingHandshakes;
    if (Number.isSafeInteger(most)) server.maxConnections = most;
    server.on("connection", (connection) => {
      if (this.#closed) connection.destroy();
      else this.#admission.admit(plan.stream(connection), plan.wire);
    });
    server.on("drop", () =>
      context.onReject(
        new BusyError("Too many connections: raise maxConnections.", {
          url: this.url.href,
          operation: "accept",
        }),
      ),
    );
    // Never removed: a server without an `error` listener would end the process.
    server.on("error", (error) => this.#failed(error));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#plan.release?.();
    // Frees the address at once. Its callback would wait for the pipes, which core closes.
    this.#server.close();
    this.#admission.close();
    await new Promise<void>((resolve) => macrotask(resolve));
  }

  /** A shortage of descriptors passes, anything else is the end. */
  #failed(cause: Error): void {
    if (this.#closed) return;
    const error = fromSystemError(cause, { operation: "accept", url: this.url.href });
    const { code } = cause as { code?: unknown };
    const shortage = code === "EMFILE" || code === "ENFILE";
    if (this.#errorsThisTurn++ === 0) macrotask(() => (this.#errorsThisTurn = 0));
    if (shortage && this.#errorsThisTurn < ERRORS_PER_TURN) {
      this.#context.onReject(error);
      return;
    }
    void this.close();
    this.#context.onError(error);
  }
}
