/**
 * A bound name that hands each connection to the SP handshake.
 *
 * The rule it guards: listening survives whatever single connections do and a shortage of descriptors, and once it is
 * closed nothing comes from it any more and its name is free.
 */
import { randomBytes } from "node:crypto";
import { createServer, type Server } from "node:net";
import { resolve } from "node:path";
import { BusyError } from "@sprocket/core";
import { type ListenContext, parseUrl, type SpUrl, type TransportListener } from "@sprocket/core/plugin";
import { Admission, fromNodeSocket, fromSystemError, spIpcWire } from "@sprocket/core/stream";
import { bindFile, bindName } from "./bind.js";
import { closedError } from "./closed-error.js";
import type { IpcSettings } from "./options.js";
import { type Address, formatAddress, readAddress, type System, systemName, unnamed } from "./path.js";

export async function listen(
  url: SpUrl,
  context: ListenContext,
  settings: IpcSettings,
  system: System,
): Promise<TransportListener> {
  const asked = readAddress(url, "listen", system);
  const { signal } = context;
  if (signal.aborted) throw closedError(url, "listen", signal);
  // A peer that has ended its side may still be written to and read to its end.
  const server = createServer({ allowHalfOpen: true });
  let address: Address;
  let removeName: (() => void) | undefined;
  try {
    address = completed(asked);
    if (address.kind === "file") {
      const { permissions: mode, backlog } = settings;
      removeName = await bindFile(server, { path: address.path, mode, backlog, url, signal });
    } else {
      await bindName(server, systemName(address), settings.backlog);
    }
  } catch (error) {
    if (signal.aborted) throw closedError(url, "listen", signal);
    throw fromSystemError(error, { operation: "listen", url: url.href });
  }
  const chosen = asked.kind === "abstract" && asked.name === "";
  const listener = new IpcListener(
    chosen ? parseUrl(formatAddress(address)) : url,
    address,
    server,
    context,
    removeName,
  );
  if (signal.aborted) {
    await listener.close();
    throw closedError(url, "listen", signal);
  }
  return listener;
}

/** The address as it stays, whatever becomes of the working directory; a name where none was given. */
function completed(address: Address): Address {
  if (address.kind === "file") return { kind: "file", path: resolve(address.path) };
  if (address.kind === "abstract" && address.name === "") {
    return { kind: "abstract", name: randomBytes(8).toString("hex") };
  }
  return address;
}

/** Errors of accept in one turn of the loop beyond which something retries without end. */
const ERRORS_PER_TURN = 64;

class IpcListener implements TransportListener {
  readonly url: SpUrl;
  readonly address: string;
  readonly #server: Server;
  readonly #admission: Admission;
  readonly #context: ListenContext;
  readonly #removeName: (() => void) | undefined;
  #closed = false;
  #errorsThisTurn = 0;

  constructor(
    url: SpUrl,
    address: Address,
    server: Server,
    context: ListenContext,
    removeName: (() => void) | undefined,
  ) {
    this.url = url;
    this.address = formatAddress(address);
    this.#server = server;
    this.#context = context;
    this.#removeName = removeName;
    this.#admission = new Admission(context);
    const addresses = { local: this.address, remote: unnamed(address) };
    server.unref();
    // Admission keeps the limit. This one holds even if connections pile up between their end and their release.
    const most = context.maxConnections + context.maxPendingHandshakes;
    if (Number.isSafeInteger(most)) server.maxConnections = most;
    server.on("connection", (socket) => {
      if (this.#closed) socket.destroy();
      else this.#admission.admit(fromNodeSocket(socket, addresses), spIpcWire);
    });
    server.on("drop", () =>
      context.onReject(
        new BusyError("Too many connections: raise maxConnections.", { url: url.href, operation: "accept" }),
      ),
    );
    // Never removed: a server without an `error` listener would end the process.
    server.on("error", (error) => this.#failed(error));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    // The name goes first: while it stands somebody answers at it, so that nobody takes it for dead and replaces it.
    try {
      this.#removeName?.();
    } catch {
      // Not ours to remove any more, or not now. Whoever listens there next replaces a dead socket.
    }
    // Its callback would wait for the pipes, which core closes.
    this.#server.close();
    this.#admission.close();
    await new Promise((done) => setImmediate(done));
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
