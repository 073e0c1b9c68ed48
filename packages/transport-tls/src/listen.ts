/** From a URL to a bound port whose connections go through TLS to the SP handshake. */
import { lookup } from "node:dns";
import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { createServer, type Server, type TLSSocket } from "node:tls";
import { type ListenContext, parseUrl, type SpUrl, type TransportListener } from "@sprocket/core/plugin";
import {
  type BindPlace,
  bindTcp,
  formatTcpAddress,
  listenOn,
  readTcpTarget,
  spWire,
  tcpEnds,
  withTcpPort,
} from "@sprocket/core/stream";
import {
  authModeOf,
  listenForm,
  type PskWitness,
  TlsHandshakes,
  type TlsListenerCredentials,
  type TlsSettings,
} from "@sprocket/core/tls";
import { AcceptedStream } from "./accepted-stream.js";
import { options } from "./runtime.js";

export async function listen(
  url: SpUrl,
  context: ListenContext,
  credentials: TlsListenerCredentials,
): Promise<TransportListener> {
  const { settings } = credentials;
  const handshakes = new TlsHandshakes<TLSSocket>(settings);
  const server = await bindTcp({
    url,
    ipv6Only: settings.ipv6Only,
    signal: context.signal,
    lookup,
    bind: (place, port) => bind(place, port, settings, handshakes),
  });
  handshakes.follow(server);
  credentials.bound(settings, (changed) =>
    server.setSecureContext(options.contextOptions(changed, "listen")),
  );
  const { address, port } = server.address() as AddressInfo;
  return listenOn(
    server,
    {
      url: readTcpTarget(url, "listen").port === 0 ? parseUrl(withTcpPort(url, port)) : url,
      address: formatTcpAddress("tls+tcp", address, port),
      wire: spWire,
      stream(socket: Socket) {
        const stream = new AcceptedStream(socket, tcpEnds("tls+tcp", socket));
        handshakes.begin(socket, stream);
        return stream;
      },
      release: credentials.forget,
    },
    context,
  );
}

/** The time for a handshake is the context's; the runtime's own limit stays out of the way. */
const NEVER = 2 ** 31 - 1;

async function bind(
  place: BindPlace,
  port: number,
  settings: TlsSettings,
  witness: PskWitness,
): Promise<Server> {
  const { backlog, noDelay, keepAlive, keepAliveInitialDelay, pskCallback, pskIdentityHint } = settings;
  const mode = authModeOf(settings, "listen");
  const server = createServer({
    ...options.contextOptions(settings, "listen"),
    requestCert: mode !== "none",
    // Said outright, so that NODE_TLS_REJECT_UNAUTHORIZED has no say. From a peer that proves itself by a shared key some
    // versions of Node want a certificate nevertheless: there only the check in `TlsHandshakes` decides.
    rejectUnauthorized: mode === "required" && pskCallback === undefined,
    handshakeTimeout: NEVER,
    noDelay,
    keepAlive,
    keepAliveInitialDelay,
    ...(pskCallback === undefined ? {} : { pskCallback: listenForm(pskCallback, witness) }),
    ...(pskIdentityHint === undefined ? {} : { pskIdentityHint }),
  });
  // Ours alone, also in a cluster: a worker's listener is not silently shared with the others.
  server.listen({ ...place, port, backlog, exclusive: true });
  await once(server, "listening");
  return server;
}
