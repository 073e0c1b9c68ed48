/**
 * An HTTP server of ours on one address, with TLS or without: it answers nothing but upgrades, for any number of paths.
 *
 * The rules it guards: a connection that does not become a request in time is dropped, and when too many linger the oldest
 * goes first; listening survives whatever single connections do and a shortage of descriptors.
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { BusyError, ConnectionShutdownError, ProtocolError, TimeoutError } from "@sprocket/core";
import { macrotask, type Timer } from "@sprocket/core/plugin";
import { formatTcpAddress, fromSystemError } from "@sprocket/core/stream";
import type { TlsArrival, TlsHandshakes } from "@sprocket/core/tls";
import type { Door } from "./door.js";
import { acceptEmptyTargets } from "./empty-target.js";
import { Routes, turnAway } from "./routes.js";
import { MOST_HEADERS } from "./upgrade.js";

/** Errors of accept in one turn of the loop beyond which something retries without end. */
const ERRORS_PER_TURN = 64;

/** What a server of ours is made of. */
export interface OwnServerPlan {
  /** It listens; call it in the turn in which it began to. */
  readonly server: Server;
  /** For error texts: `"ws"` or `"wss"`. */
  readonly scheme: string;
  /** Where there is TLS. */
  readonly handshakes: TlsHandshakes<TLSSocket> | undefined;
  /** Whose credentials it has: only listeners with the same may share it. */
  readonly owner: unknown;
  /** Called when it stops listening. */
  released(): void;
}

export class OwnServer {
  readonly routes = new Routes();
  readonly address: AddressInfo;
  readonly owner: unknown;
  readonly #plan: OwnServerPlan;
  /** Those that have not brought a whole request yet, oldest first. */
  readonly #arrivals = new Set<Arrival>();
  /** The same by their socket, or the secure one on it. */
  readonly #bySocket = new Map<Socket, Arrival>();
  #errorsThisTurn = 0;
  #closed = false;

  constructor(plan: OwnServerPlan) {
    const { server, handshakes } = plan;
    this.#plan = plan;
    this.owner = plan.owner;
    this.address = server.address() as AddressInfo;
    server.unref();
    server.maxHeadersCount = MOST_HEADERS + 1;
    // The budget of the context counts, from the first moment on.
    server.headersTimeout = 0;
    server.requestTimeout = 0;
    server.timeout = 0;
    acceptEmptyTargets(server, handshakes === undefined ? "connection" : "secureConnection");
    server.on("connection", (socket: Socket) => this.#arrived(socket));
    server.on("upgrade", (request, socket, head) => this.#upgrade(request, socket as Socket, head));
    server.on("request", (request, response) => this.#request(request, response));
    server.on("clientError", (error, socket) => this.#malformed(error, socket as Socket));
    server.on("drop", () =>
      this.#report((door) => new BusyError("Too many connections: raise maxConnections.", place(door))),
    );
    // Never removed: a server without an `error` listener would end the process.
    server.on("error", (error) => this.#failed(error));
    handshakes?.follow(server as never);
  }

  /** @throws AddressInUseError */
  add(path: string, door: Door): void {
    this.routes.add(path, door);
    this.#limit();
  }

  /** The last one closes the server. */
  remove(door: Door): void {
    this.routes.remove(door);
    if (this.routes.size > 0) this.#limit();
    else this.#close();
  }

  /** Nobody listens here after all. */
  closeIfUnused(): void {
    if (this.routes.size === 0) this.#close();
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#plan.released();
    // Frees the address at once. Its callback would wait for the pipes, which core closes.
    this.#plan.server.close();
    for (const arrival of this.#arrivals) {
      arrival.timer?.cancel();
      arrival.socket.destroy();
    }
    this.#arrivals.clear();
    this.#bySocket.clear();
  }

  /** The doors keep their limits. This one holds even if connections pile up before they name a door. */
  #limit(): void {
    let most = 0;
    for (const { context } of this.routes.doors)
      most += context.maxConnections + context.maxPendingHandshakes;
    this.#plan.server.maxConnections = Number.isSafeInteger(most) ? most : 0;
  }

  #arrived(socket: Socket): void {
    socket.unref();
    // Its errors are told elsewhere too: here it only must not be without a listener.
    socket.on("error", () => undefined);
    const { doors } = this.routes;
    const [door] = doors;
    if (this.#closed || door === undefined) {
      socket.destroy();
      return;
    }
    const pending = Math.max(...doors.map(({ context }) => context.maxPendingHandshakes));
    if (this.#arrivals.size >= pending) {
      for (const oldest of this.#arrivals) {
        this.#drop(
          oldest,
          new TimeoutError(
            `Dropped as the oldest of ${pending} handshakes under way (maxPendingHandshakes).`,
          ),
        );
        break;
      }
    }
    const { clock } = door.context;
    const budget = Math.max(...doors.map(({ context }) => context.handshakeTimeout));
    const { handshakes, scheme } = this.#plan;
    const arrival = new Arrival(socket, scheme, clock.now(), {
      secured: (secure) => {
        secure.unref();
        this.#bySocket.set(secure, arrival);
      },
      refused: (error) => this.#drop(arrival, error),
    });
    arrival.timer = clock.setTimer(budget, () =>
      this.#drop(
        arrival,
        new TimeoutError(
          `The handshake with ${arrival.remoteAddress} took longer than ${budget} ms (handshakeTimeout).`,
        ),
      ),
    );
    this.#arrivals.add(arrival);
    this.#bySocket.set(socket, arrival);
    socket.once("close", () => {
      // What TLS has to say of it comes from there.
      if (arrival.settled || handshakes === undefined) this.#left(arrival);
    });
    handshakes?.begin(socket, arrival);
  }

  #left(arrival: Arrival): void {
    if (!this.#settle(arrival)) return;
    this.#report(
      (door) =>
        new ConnectionShutdownError(
          `${arrival.remoteAddress} closed the connection before its request was complete.`,
          place(door),
        ),
    );
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const arrival = this.#bySocket.get(socket);
    if (arrival === undefined || !this.#settle(arrival)) {
      socket.destroy();
      return;
    }
    const door = this.routes.find(request);
    if (door === undefined || door === "malformed") {
      const status = turnAway(socket, door);
      this.#report(
        (each) =>
          new ProtocolError(
            `${arrival.remoteAddress} was refused with ${status}: no listener has its path.`,
            place(each),
          ),
      );
      return;
    }
    door.knock(request, socket, head, { since: arrival.since, facts: arrival.facts });
  }

  /** No upgrade: nothing for us. */
  #request(request: IncomingMessage, response: ServerResponse): void {
    const { method } = request;
    const door = this.routes.find(request);
    const wrongMethod = method !== "GET" && method !== "HEAD";
    const status = door === undefined ? 404 : door !== "malformed" && wrongMethod ? 405 : 400;
    const text =
      status === 404
        ? "Refused: nobody listens at this path.\n"
        : status === 405
          ? "Refused: its method is not GET.\n"
          : "Refused: it asks for no upgrade to WebSocket.\n";
    response.writeHead(status, {
      Connection: "close",
      "Content-Type": "text/plain; charset=utf-8",
      "Content-Length": Buffer.byteLength(text),
      ...(status === 405 ? { Allow: "GET" } : {}),
    });
    response.end(text, () => request.socket.destroySoon());
    const arrival = this.#bySocket.get(request.socket);
    if (arrival === undefined || !this.#settle(arrival)) return;
    this.#report(
      (each) =>
        new ProtocolError(
          `${arrival.remoteAddress} was refused with ${status}: it asked for no upgrade.`,
          place(each),
        ),
    );
  }

  /** Not HTTP, or too much of it. What TLS finds wrong comes here too, and is told elsewhere. */
  #malformed(error: Error, socket: Socket): void {
    const { code } = error as { code?: unknown };
    const ofHttp = typeof code === "string" && code.startsWith("HPE_");
    if (ofHttp && socket.writable) {
      const status =
        code === "HPE_HEADER_OVERFLOW" ? "431 Request Header Fields Too Large" : "400 Bad Request";
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () =>
        socket.destroy(),
      );
    } else socket.destroy();
    const arrival = this.#bySocket.get(socket);
    if (arrival === undefined || !this.#settle(arrival)) return;
    const from = arrival.remoteAddress;
    this.#report((each) =>
      ofHttp
        ? new ProtocolError(`${from} sent what is no HTTP request that we can read (${code}).`, {
            ...place(each),
            cause: error,
          })
        : fromSystemError(error, { operation: "accept", url: from }),
    );
  }

  #drop(arrival: Arrival, error: Error): void {
    if (!this.#settle(arrival)) return;
    arrival.socket.destroy();
    this.#report(() => error);
  }

  /** It is no longer pending. False: it was not. */
  #settle(arrival: Arrival): boolean {
    arrival.timer?.cancel();
    this.#bySocket.delete(arrival.socket);
    if (arrival.secure !== undefined) this.#bySocket.delete(arrival.secure);
    return this.#arrivals.delete(arrival);
  }

  /** What happened before a path was named is told to the listener that has been here longest. */
  #report(error: (door: Door) => Error): void {
    const [door] = this.routes.doors;
    if (door !== undefined && !this.#closed) door.context.onReject(error(door));
  }

  /** A shortage of descriptors passes, anything else is the end. */
  #failed(cause: Error): void {
    if (this.#closed) return;
    const { code } = cause as { code?: unknown };
    const shortage = code === "EMFILE" || code === "ENFILE";
    const error = (door: Door): Error => fromSystemError(cause, { operation: "accept", url: door.url.href });
    if (this.#errorsThisTurn++ === 0) macrotask(() => (this.#errorsThisTurn = 0));
    if (shortage && this.#errorsThisTurn < ERRORS_PER_TURN) {
      this.#report(error);
      return;
    }
    for (const door of this.routes.doors) {
      door.close();
      this.remove(door);
      door.context.onError(error(door));
    }
  }
}

/** A connection from accept on. */
class Arrival implements TlsArrival<TLSSocket> {
  readonly socket: Socket;
  readonly remoteAddress: string;
  /** On the clock of the doors. */
  readonly since: number;
  secure: TLSSocket | undefined;
  facts: ReadonlyMap<string, unknown> | undefined;
  timer: Timer | undefined;
  settled = false;
  readonly #told: { secured(socket: TLSSocket): void; refused(error: Error): void };

  constructor(
    socket: Socket,
    scheme: string,
    since: number,
    told: { secured(socket: TLSSocket): void; refused(error: Error): void },
  ) {
    this.socket = socket;
    this.remoteAddress = formatTcpAddress(scheme, socket.remoteAddress, socket.remotePort);
    this.since = since;
    this.#told = told;
  }

  secured(socket: TLSSocket, facts: ReadonlyMap<string, unknown>): void {
    this.settled = true;
    this.secure = socket;
    this.facts = facts;
    this.#told.secured(socket);
  }

  refused(error: Error): void {
    if (this.settled) return;
    this.settled = true;
    this.#told.refused(error);
  }
}

function place(door: Door): { readonly url: string; readonly operation: string } {
  return { url: door.url.href, operation: "accept" };
}
