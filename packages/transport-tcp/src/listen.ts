/**
 * A bound port that hands each connection to the SP handshake.
 *
 * The rule it guards: listening survives whatever single connections do and a shortage of descriptors, and once it is
 * closed nothing comes from it any more.
 */
import { lookup } from "node:dns";
import { once } from "node:events";
import { type AddressInfo, createServer, isIP, type Server } from "node:net";
import { BusyError } from "@sprocket/core";
import { type ListenContext, parseUrl, type SpUrl, type TransportListener } from "@sprocket/core/plugin";
import { Admission, fromNodeSocket, fromSystemError, spWire } from "@sprocket/core/stream";
import { formatAddress, readTarget, type Target, withPort } from "./address.js";
import { closedError } from "./closed-error.js";
import type { TcpSettings } from "./options.js";

export async function listen(
  url: SpUrl,
  context: ListenContext,
  settings: TcpSettings,
): Promise<TransportListener> {
  const target = readTarget(url, "listen");
  const { signal } = context;
  if (signal.aborted) throw closedError(url, "listen", signal);
  let server: Server;
  try {
    server = await bindFirst(await places(target, settings, signal), target.port, settings);
  } catch (error) {
    if (signal.aborted) throw closedError(url, "listen", signal);
    throw fromSystemError(error, { operation: "listen", url: url.href });
  }
  if (signal.aborted) {
    server.close();
    throw closedError(url, "listen", signal);
  }
  return new TcpListener(url, target, server, context);
}

/** An address to bind. */
interface Place {
  readonly host: string;
  readonly ipv6Only: boolean;
}

/** Where a target may be bound, the best first. */
async function places(target: Target, settings: TcpSettings, signal: AbortSignal): Promise<Place[]> {
  const ipv6Only = settings.ipv6Only || target.family === 6;
  if (target.host !== "") {
    const addresses = isIP(target.host) === 0 ? await resolve(target, signal) : [target.host];
    return addresses.map((host) => ({ host, ipv6Only }));
  }
  const ipv6 = { host: "::", ipv6Only };
  const ipv4 = { host: "0.0.0.0", ipv6Only: false };
  if (target.family === 4) return [ipv4];
  // "::" takes IPv4 too; where the system has no IPv6 at all, plain IPv4 is the same promise.
  return ipv6Only ? [ipv6] : [ipv6, ipv4];
}

function resolve(target: Target, signal: AbortSignal): Promise<string[]> {
  return new Promise((fulfil, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    lookup(target.host, { family: target.family, all: true }, (error, found) => {
      signal.removeEventListener("abort", onAbort);
      if (error) reject(error);
      else fulfil(found.map(({ address }) => address));
    });
  });
}

/** This machine has no such address, or no such family: the next one may do. */
const absent = new Set(["EADDRNOTAVAIL", "EAFNOSUPPORT", "EPROTONOSUPPORT"]);

async function bindFirst(candidates: Place[], port: number, settings: TcpSettings): Promise<Server> {
  let failure: unknown;
  for (const place of candidates) {
    try {
      return await bind(place, port, settings);
    } catch (error) {
      failure = error;
      if (!absent.has((error as NodeJS.ErrnoException).code ?? "")) break;
    }
  }
  throw failure;
}

async function bind(place: Place, port: number, settings: TcpSettings): Promise<Server> {
  const { backlog, noDelay, keepAlive, keepAliveInitialDelay } = settings;
  // A peer that has ended its side may still be written to and read to its end.
  const server = createServer({ allowHalfOpen: true, noDelay, keepAlive, keepAliveInitialDelay });
  // Ours alone, also in a cluster: a worker's listener is not silently shared with the others.
  server.listen({ ...place, port, backlog, exclusive: true });
  await once(server, "listening");
  return server.unref();
}

/** Errors of accept in one turn of the loop beyond which something retries without end. */
const ERRORS_PER_TURN = 64;

class TcpListener implements TransportListener {
  readonly url: SpUrl;
  readonly address: string;
  readonly #server: Server;
  readonly #admission: Admission;
  readonly #context: ListenContext;
  #closed = false;
  #errorsThisTurn = 0;

  constructor(url: SpUrl, target: Target, server: Server, context: ListenContext) {
    const { address, port } = server.address() as AddressInfo;
    this.url = target.port === 0 ? parseUrl(withPort(url, port)) : url;
    this.address = formatAddress(address, port);
    this.#server = server;
    this.#context = context;
    this.#admission = new Admission(context);
    // Admission keeps the limit. This one holds even if connections pile up between their end and their release.
    const most = context.maxConnections + context.maxPendingHandshakes;
    if (Number.isSafeInteger(most)) server.maxConnections = most;
    server.on("connection", (socket) => {
      if (this.#closed) {
        socket.destroy();
        return;
      }
      const stream = fromNodeSocket(socket, {
        local: formatAddress(socket.localAddress, socket.localPort),
        remote: formatAddress(socket.remoteAddress, socket.remotePort),
      });
      this.#admission.admit(stream, spWire);
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
    // Closes the port at once. Its callback would wait for the pipes, which core closes.
    this.#server.close();
    this.#admission.close();
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** A shortage of descriptors passes, anything else is the end. */
  #failed(cause: NodeJS.ErrnoException): void {
    if (this.#closed) return;
    const error = fromSystemError(cause, { operation: "accept", url: this.url.href });
    const shortage = cause.code === "EMFILE" || cause.code === "ENFILE";
    if (this.#errorsThisTurn++ === 0) setImmediate(() => (this.#errorsThisTurn = 0)).unref();
    if (shortage && this.#errorsThisTurn < ERRORS_PER_TURN) {
      this.#context.onReject(error);
      return;
    }
    void this.close();
    this.#context.onError(error);
  }
}
