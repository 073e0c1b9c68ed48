/**
 * From a URL to a path that is served: on a server of ours, which is bound if it is the first path of its host and port,
 * or on one of the application's.
 */
import { lookup } from "node:dns";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { TLSSocket } from "node:tls";
import { type ListenContext, macrotask, type SpUrl, type TransportListener } from "@sprocket/core/plugin";
import { type BindPlace, bindTcp, formatTcpAddress } from "@sprocket/core/stream";
import {
  authModeOf,
  listenForm,
  type PskWitness,
  TlsHandshakes,
  type TlsListenerCredentials,
  type TlsSettings,
} from "@sprocket/core/tls";
import { authorityOf, readWsTarget, withWsPort } from "./address.js";
import { Door } from "./door.js";
import type { WsSettings } from "./node-options.js";
import { OwnServer } from "./own-server.js";
import { secureOptions } from "./runtime.js";

/** Servers that are bound, by address and port. */
const bound = new Map<string, OwnServer>();

/** What a listener at wss:// has in addition. */
export interface ListenSecurity {
  /** Whose credentials they are: listeners of one owner may share a port. */
  readonly owner: unknown;
  /** For a server that is to be bound. */
  credentials(): TlsListenerCredentials;
}

export async function listen(
  url: SpUrl,
  context: ListenContext,
  settings: WsSettings,
  security: ListenSecurity | undefined,
): Promise<TransportListener> {
  const target = readWsTarget(url, "listen");
  const { server } = await bindTcp({
    url: authorityOf(url, target),
    ipv6Only: settings.ipv6Only,
    signal: context.signal,
    lookup,
    bind: async (where, port) =>
      new Lease(shared(where, port, security) ?? (await bind(where, port, settings, security))),
  });
  const { address, port } = server.address;
  const real = target.port === 0 ? withWsPort(url, port) : url;
  const door = new Door(real, context, settings);
  server.add(target.path, door);
  let closed = false;
  return {
    url: real,
    address: `${formatTcpAddress(url.scheme, address, port)}${target.path}`,
    async close() {
      if (closed) return;
      closed = true;
      door.close();
      server.remove(door);
      await new Promise<void>((resolve) => macrotask(resolve));
    },
  };
}

/** A server for an attempt that may be given up. */
class Lease {
  readonly server: OwnServer;

  constructor(server: OwnServer) {
    this.server = server;
  }

  close(): void {
    this.server.closeIfUnused();
  }
}

function keyOf({ host, ipv6Only }: BindPlace, port: number): string {
  return `${host} ${port} ${ipv6Only}`;
}

/** A server that is bound there already, and whose other paths are as ours. */
function shared(place: BindPlace, port: number, security: ListenSecurity | undefined): OwnServer | undefined {
  const server = bound.get(keyOf(place, port));
  return server?.owner === security?.owner ? server : undefined;
}

/** The time for a handshake is the context's; the runtime's own limit stays out of the way. */
const NEVER = 2 ** 31 - 1;

async function bind(
  place: BindPlace,
  port: number,
  settings: WsSettings,
  security: ListenSecurity | undefined,
): Promise<OwnServer> {
  const { backlog, noDelay, keepAlive, keepAliveInitialDelay } = settings;
  const tcp = { noDelay, keepAlive, keepAliveInitialDelay };
  const credentials = security?.credentials();
  const secure = credentials?.settings;
  const handshakes = secure === undefined ? undefined : new TlsHandshakes<TLSSocket>(secure);
  const server: Server =
    secure === undefined || handshakes === undefined
      ? createServer(tcp)
      : createSecureServer({ ...tcp, ...tlsServerOptions(secure, handshakes) });
  try {
    // Ours alone, also in a cluster: a worker's listener is not silently shared with the others.
    server.listen({ ...place, port, backlog, exclusive: true });
    await once(server, "listening");
  } catch (error) {
    credentials?.forget();
    throw error;
  }
  const { port: real } = server.address() as { port: number };
  const key = keyOf(place, real);
  const own = new OwnServer({
    server,
    scheme: secure === undefined ? "ws" : "wss",
    handshakes,
    owner: security?.owner,
    released() {
      bound.delete(key);
      credentials?.forget();
    },
  });
  bound.set(key, own);
  if (secure !== undefined) {
    credentials?.bound(secure, (changed) =>
      (server as Server & { setSecureContext(options: object): void }).setSecureContext(
        secureOptions.contextOptions(changed, "listen"),
      ),
    );
  }
  return own;
}

function tlsServerOptions(settings: TlsSettings, witness: PskWitness): object {
  const { pskCallback, pskIdentityHint } = settings;
  const mode = authModeOf(settings, "listen");
  return {
    ...secureOptions.contextOptions(settings, "listen"),
    requestCert: mode !== "none",
    // Said outright, so that NODE_TLS_REJECT_UNAUTHORIZED has no say. From a peer that proves itself by a shared key some
    // versions of Node want a certificate nevertheless: there only the check in `TlsHandshakes` decides.
    rejectUnauthorized: mode === "required" && pskCallback === undefined,
    handshakeTimeout: NEVER,
    ...(pskCallback === undefined ? {} : { pskCallback: listenForm(pskCallback, witness) }),
    ...(pskIdentityHint === undefined ? {} : { pskIdentityHint }),
  };
}
