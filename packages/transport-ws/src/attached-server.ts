/**
 * An HTTP server of the application's on which some paths are ours: of node:http, express, fastify, vite …
 *
 * The rule it guards: nothing is taken that is not plainly ours. A request for another path is left to the server's other
 * upgrade handlers, and so is one that speaks no Scalability Protocol; only where there are no others is it answered here,
 * because nobody else would.
 */
import type { IncomingMessage } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { AddressInvalidError, ClosedError, InvalidOperationError } from "@sprocket/core";
import {
  type ListenContext,
  macrotask,
  parseUrl,
  type SpUrl,
  type TransportListener,
} from "@sprocket/core/plugin";
import { factsOf } from "@sprocket/core/tls";
import { defaultPort, hostText, readWsTarget, type WsTarget } from "./address.js";
import { Door } from "./door.js";
import type { UpgradeServer, WsSettings } from "./node-options.js";
import { Routes, turnAway } from "./routes.js";
import { isSpSubprotocol, readSubprotocols } from "./subprotocol.js";

/** Those that have paths of ours now. */
const attached = new WeakMap<UpgradeServer, AttachedServer>();

export async function listenAttached(
  url: SpUrl,
  context: ListenContext,
  settings: WsSettings,
  server: UpgradeServer,
): Promise<TransportListener> {
  const target = readWsTarget(url, "listen");
  const real = placeOn(server, url, target);
  const door = new Door(real, context, settings);
  const host = attached.get(server) ?? new AttachedServer(server);
  host.add(target.path, door);
  return {
    url: real,
    address: real.href,
    async close() {
      door.close();
      host.remove(door);
      await new Promise<void>((resolve) => macrotask(resolve));
    },
  };
}

class AttachedServer {
  readonly #server: UpgradeServer;
  readonly #routes = new Routes();

  constructor(server: UpgradeServer) {
    this.#server = server;
  }

  /** @throws AddressInUseError */
  add(path: string, door: Door): void {
    this.#routes.add(path, door);
    if (this.#routes.size > 1) return;
    attached.set(this.#server, this);
    this.#server.on("upgrade", this.#upgrade);
    this.#server.on("close", this.#closed);
  }

  remove(door: Door): void {
    this.#routes.remove(door);
    if (this.#routes.size > 0) return;
    attached.delete(this.#server);
    this.#server.off("upgrade", this.#upgrade);
    this.#server.off("close", this.#closed);
  }

  readonly #upgrade = (request: IncomingMessage, socket: Socket, head: Buffer): void => {
    if (socket.destroyed) return;
    const door = this.#routes.find(request);
    const alone = this.#server.listenerCount("upgrade") === 1;
    if (door instanceof Door && (alone || isForUs(request))) {
      door.knock(request, socket, head, { since: door.context.clock.now(), facts: factsOfTls(socket) });
    } else if (alone) {
      turnAway(socket, door instanceof Door ? undefined : door);
    }
  };

  readonly #closed = (): void => {
    for (const door of this.#routes.doors) {
      door.close();
      this.remove(door);
      door.context.onError(
        new ClosedError(`The HTTP server that ${door.url} was attached to has closed.`, {
          url: door.url.href,
          operation: "accept",
        }),
      );
    }
  };
}

/** What TLS found out, where the application's server has it. */
function factsOfTls(socket: Socket | TLSSocket): ReadonlyMap<string, unknown> | undefined {
  if (!("encrypted" in socket)) return undefined;
  const { authorized, authorizationError } = socket;
  const problem = authorized || !authorizationError ? undefined : String(authorizationError);
  return factsOf(socket, { authorized, problem });
}

/** On a path that we share with somebody, such as vite, what speaks another protocol is theirs. */
function isForUs({ headers }: IncomingMessage): boolean {
  const offered = headers["sec-websocket-protocol"];
  return offered !== undefined && readSubprotocols(offered)?.some(isSpSubprotocol) === true;
}

/** The listener's URL: as given, with what the server knows better. */
function placeOn(server: UpgradeServer, url: SpUrl, { host, port, path, secure }: WsTarget): SpUrl {
  const details = { url: url.href, operation: "listen" };
  const encrypted = typeof server.setSecureContext === "function";
  if (encrypted !== secure) {
    throw new InvalidOperationError(
      `The server that ws({ server }) was given speaks ${encrypted ? "TLS: listen at wss://" : "no TLS: listen at ws://"}, not at ${url}.`,
      details,
    );
  }
  const address = server.address?.();
  if (typeof address !== "object" || address === null) return url;
  if (port !== 0 && port !== address.port && port !== defaultPort(secure)) {
    throw new AddressInvalidError(
      `The server that ws({ server }) was given listens at port ${address.port}, and ${url} says ${port}. Leave the port out.`,
      details,
    );
  }
  return parseUrl(`${url.scheme}://${hostText(host) || reachable(address)}:${address.port}${path}`);
}

/** Where a server that listens at all addresses can be reached from here. */
function reachable({ address }: AddressInfo): string {
  return address === "::" || address === "0.0.0.0" ? "localhost" : hostText(address);
}
