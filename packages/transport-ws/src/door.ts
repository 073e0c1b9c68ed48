/**
 * One listener of one path: who may come in, how many, and in what time.
 *
 * The rules it guards: a request is answered once, whatever happens meanwhile; when too many are half-open the oldest
 * goes, so that silent peers cannot lock others out; nothing comes from a door that is closed.
 */
import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import {
  BadTypeError,
  BusyError,
  ClosedError,
  ConnectionShutdownError,
  PermissionDeniedError,
  ProtocolError,
  type SprocketError,
  TimeoutError,
} from "@sprocket/core";
import type { ListenContext, SpUrl, Timer } from "@sprocket/core/plugin";
import { formatTcpAddress, fromSystemError } from "@sprocket/core/stream";
import { type WebSocket, WebSocketServer } from "ws";
import { readRequestTarget, readWsTarget } from "./address.js";
import { requestFacts } from "./facts.js";
import { LINGER, receiverOptions } from "./limits.js";
import { Line } from "./line.js";
import { Link } from "./link.js";
import type { WsSettings } from "./node-options.js";
import { subprotocolFor } from "./subprotocol.js";
import { judgeUpgrade, type UpgradeRules } from "./upgrade.js";
import { WsPipe } from "./ws-pipe.js";

/** The line has what came behind a request. */
const NOTHING = Buffer.alloc(0);

/** What is known of a connection before its request. */
export interface Connection {
  /** When it came, on the context's clock. */
  readonly since: number;
  /** What TLS found out. */
  readonly facts: ReadonlyMap<string, unknown> | undefined;
}

/** A request on its way to a pipe. */
interface Guest {
  readonly line: Line;
  readonly from: string;
  timer: Timer | undefined;
  /** Once it is one. */
  pipe: WsPipe | undefined;
}

export class Door {
  readonly url: SpUrl;
  readonly context: ListenContext;
  readonly #settings: WsSettings;
  readonly #rules: UpgradeRules;
  readonly #server: WebSocketServer;
  /** Half-open, oldest first. */
  readonly #pending = new Set<Guest>();
  #live = 0;
  #closed = false;

  constructor(url: SpUrl, context: ListenContext, settings: WsSettings) {
    this.url = url;
    this.context = context;
    this.#settings = settings;
    this.#rules = {
      subprotocol: subprotocolFor(context.protocol, "listen"),
      origins: settings,
      host: readWsTarget(url, "listen").host,
    };
    this.#server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      handleProtocols: (offered) =>
        [...offered].find((token) => token.toLowerCase() === this.#rules.subprotocol) ?? false,
      ...receiverOptions,
    });
    this.#server.on("headers", (lines) => {
      for (const [name, value] of Object.entries(settings.responseHeaders)) lines.push(`${name}: ${value}`);
    });
  }

  /** Takes a request whose path is this one's. */
  knock(request: IncomingMessage, socket: Socket, head: Buffer, connection: Connection): void {
    const { since } = connection;
    const from = formatTcpAddress(this.url.scheme, socket.remoteAddress, socket.remotePort);
    const guest: Guest = { line: new Line(socket), from, timer: undefined, pipe: undefined };
    guest.line.expectFrames(head);
    const judged = judgeUpgrade(request, this.#rules);
    if (typeof judged !== "string") {
      const { status, what } = judged;
      const text = `${from} was refused with ${status}: ${what}.`;
      const details = { url: this.url.href, operation: "accept" };
      this.#refuse(
        guest,
        status,
        status === 403 ? new PermissionDeniedError(text, details) : new ProtocolError(text, details),
        what,
      );
      return;
    }
    const { maxConnections, maxPendingHandshakes, handshakeTimeout, clock } = this.context;
    if (this.#live >= maxConnections) {
      this.#refuse(
        guest,
        503,
        this.#busy(`${from} was refused: ${maxConnections} connections are open (maxConnections).`),
      );
      return;
    }
    if (this.#pending.size >= maxPendingHandshakes) {
      for (const oldest of this.#pending) {
        this.#drop(
          oldest,
          new TimeoutError(
            `Dropped as the oldest of ${maxPendingHandshakes} handshakes under way (maxPendingHandshakes).`,
          ),
        );
        break;
      }
    }
    this.#live++;
    this.#pending.add(guest);
    guest.line.once("close", () => this.#gone(guest));
    // Nobody answers a peer that does not wait for it.
    guest.line.onEnd = () => {
      if (guest.pipe === undefined) guest.line.destroy();
    };
    guest.timer = clock.setTimer(Math.max(0, handshakeTimeout - (clock.now() - since)), () =>
      this.#drop(guest, this.#late(from)),
    );
    // It never rejects.
    void this.#admit(request, socket, guest, connection, judged);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const guest of this.#pending) this.#drop(guest, new ClosedError("The listener is closed."));
    this.#pending.clear();
  }

  async #admit(
    request: IncomingMessage,
    socket: Socket,
    guest: Guest,
    connection: Connection,
    protocol: string,
  ): Promise<void> {
    const { authorize } = this.#settings;
    let identity: unknown;
    if (authorize !== undefined) {
      let decision: unknown;
      let failure: unknown;
      try {
        decision = await authorize(request);
      } catch (error) {
        failure = error ?? new Error("authorize threw nothing");
      }
      // Late, or for nobody: it was dropped and reported meanwhile.
      if (!this.#pending.has(guest)) return;
      const status = statusOf(decision);
      if (status !== 200) {
        this.#turnBack(guest, status, failure);
        return;
      }
      identity = (decision as { identity?: unknown }).identity;
    }
    this.#open(request, socket, guest, connection, { protocol, identity });
  }

  /** The application said no, or nothing that can be understood. */
  #turnBack(guest: Guest, status: number | undefined, failure: unknown): void {
    this.#pending.delete(guest);
    guest.timer?.cancel();
    const { from } = guest;
    const details = { url: this.url.href, operation: "accept" };
    if (status !== undefined) {
      this.#refuse(
        guest,
        status,
        new PermissionDeniedError(`authorize refused ${from} with ${status}.`, details),
      );
    } else if (failure !== undefined) {
      this.#refuse(
        guest,
        500,
        new PermissionDeniedError(`authorize threw, so ${from} was refused with 500; see error.cause.`, {
          ...details,
          cause: failure,
        }),
      );
    } else {
      this.#refuse(
        guest,
        500,
        new BadTypeError(
          `authorize must give true, false, a status from 400 to 599 or { identity }; ${from} was refused with 500.`,
          details,
        ),
      );
    }
  }

  #open(
    request: IncomingMessage,
    socket: Socket,
    guest: Guest,
    { since, facts }: Connection,
    { protocol, identity }: { readonly protocol: string; readonly identity: unknown },
  ): void {
    this.#server.handleUpgrade(request, guest.line as unknown as Socket, NOTHING, (websocket: WebSocket) => {
      guest.timer?.cancel();
      guest.timer = undefined;
      const { path, query } = readRequestTarget(request.url ?? "/");
      const properties = requestFacts(request, { path, query, protocol }, facts);
      if (identity !== undefined) properties.set("ws.identity", identity);
      const link = new Link({
        websocket,
        line: guest.line,
        socket,
        scheme: this.url.scheme,
        role: "listen",
        text: this.#settings.text,
        receiveMaxSize: this.context.receiveMaxSize,
        pingInterval: this.#settings.pingInterval,
        clock: this.context.clock,
        properties,
      });
      guest.pipe = new WsPipe({
        link,
        context: this.context,
        startedAt: since,
        late: () => this.#late(guest.from),
        witness: {
          started: () => this.#pending.delete(guest),
          closed: () => this.#pending.delete(guest),
        },
      });
      this.context.onPipe(guest.pipe);
    });
  }

  /** Its connection is over. */
  #gone(guest: Guest): void {
    guest.timer?.cancel();
    this.#live--;
    if (!this.#pending.delete(guest) || guest.pipe !== undefined || this.#closed) return;
    const { failure } = guest.line;
    this.context.onReject(
      failure === undefined
        ? new ConnectionShutdownError(`${guest.from} closed the connection before it was open.`, {
            url: this.url.href,
            operation: "accept",
          })
        : fromSystemError(failure, { operation: "accept", url: guest.from }),
    );
  }

  /** Ends a guest that is half-open. */
  #drop(guest: Guest, error: Error): void {
    this.#pending.delete(guest);
    guest.timer?.cancel();
    if (guest.pipe !== undefined) {
      guest.pipe.close(error);
      return;
    }
    guest.line.destroy();
    if (!this.#closed) this.context.onReject(error);
  }

  #refuse(guest: Guest, status: number, error: Error, what?: string): void {
    answer(guest.line, status, what);
    if (!this.#closed) this.context.onReject(error);
  }

  #busy(text: string): SprocketError {
    return new BusyError(text, { url: this.url.href, operation: "accept" });
  }

  #late(from: string): Error {
    return new TimeoutError(
      `The handshake with ${from} took longer than ${this.context.handshakeTimeout} ms (handshakeTimeout).`,
      { url: this.url.href, operation: "accept" },
    );
  }
}

/** 200: in. Undefined: it cannot be understood. */
function statusOf(decision: unknown): number | undefined {
  if (decision === true) return 200;
  if (decision === false) return 403;
  if (typeof decision === "number") {
    return Number.isInteger(decision) && decision >= 400 && decision <= 599 ? decision : undefined;
  }
  return typeof decision === "object" && decision !== null && "identity" in decision ? 200 : undefined;
}

/** Says no, and ends the connection. */
export function answer(line: Line, status: number, what?: string): void {
  const reason = STATUS_CODES[status] ?? "Refused";
  const body = what === undefined ? `${reason}.\n` : `Refused: ${what}.\n`;
  const lines = [
    `HTTP/1.1 ${status} ${reason}`,
    "Connection: close",
    "Content-Type: text/plain; charset=utf-8",
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(status === 405 ? ["Allow: GET"] : []),
  ];
  line.once("finish", () => line.destroy());
  // A peer that never reads it must not hold the connection.
  line.setPatience(LINGER);
  line.write(`${lines.join("\r\n")}\r\n\r\n${body}`);
  line.end();
}
