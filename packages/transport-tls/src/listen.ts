/**
 * From a URL to a bound port whose connections go through TLS to the SP handshake.
 *
 * The rule it guards: a peer is somebody only once TLS says so. What a listener requires of its peers is checked by the
 * runtime, and once more here.
 */
import { lookup } from "node:dns";
import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { createServer, type Server, type TLSSocket } from "node:tls";
import { ConnectionShutdownError } from "@sprocket/core";
import { type ListenContext, parseUrl, type SpUrl, type TransportListener } from "@sprocket/core/plugin";
import {
  type BindPlace,
  bindTcp,
  formatTcpAddress,
  fromSystemError,
  listenOn,
  readTcpTarget,
  spWire,
  tcpEnds,
  withTcpPort,
} from "@sprocket/core/stream";
import { AcceptedStream } from "./accepted-stream.js";
import { certificateOf, factsOf, usesSharedKey, type Verdict } from "./facts.js";
import { handshakeFailure } from "./failure.js";
import type { TlsAuthMode, TlsSettings } from "./options.js";
import { listenForm, type PskWitness } from "./psk.js";
import { authModeOf, contextOptions } from "./secure-options.js";

/** A bound listener whose credentials can be replaced. */
export interface TlsListener {
  readonly listener: TransportListener;
  /** For connections from now on. */
  reload(settings: TlsSettings): void;
}

export async function listen(
  url: SpUrl,
  context: ListenContext,
  settings: TlsSettings,
  closed: () => void,
): Promise<TlsListener> {
  const handshakes = new Handshakes(settings);
  const server = await bindTcp({
    url,
    ipv6Only: settings.ipv6Only,
    signal: context.signal,
    lookup,
    bind: (place, port) => bind(place, port, settings, handshakes),
  });
  handshakes.follow(server);
  const { address, port } = server.address() as AddressInfo;
  const listener = listenOn(
    server,
    {
      url: readTcpTarget(url, "listen").port === 0 ? parseUrl(withTcpPort(url, port)) : url,
      address: formatTcpAddress("tls+tcp", address, port),
      wire: spWire,
      stream: (socket: Socket) => handshakes.begin(socket),
      release: closed,
    },
    context,
  );
  return {
    listener,
    reload: (changed) => server.setSecureContext(contextOptions(changed, "listen")),
  };
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
    ...contextOptions(settings, "listen"),
    requestCert: mode !== "none",
    // Said outright, so that NODE_TLS_REJECT_UNAUTHORIZED has no say. From a peer that proves itself by a shared key some
    // versions of Node want a certificate nevertheless: there only the check in `Handshakes` decides.
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

/** Why peers go without a word. */
const MAYBE = "It may not accept our certificate, or speak no TLS.";

/** Connections between accept and the end of their TLS handshake, by the address of the peer. */
class Handshakes implements PskWitness {
  readonly #pending = new Map<string, AcceptedStream>();
  /** Gone in this turn, and nobody has said why yet; oldest first. */
  readonly #unexplained = new Set<AcceptedStream>();
  readonly #mode: TlsAuthMode;
  readonly #identities = new WeakMap<TLSSocket, string>();

  constructor(settings: TlsSettings) {
    this.#mode = authModeOf(settings, "listen");
  }

  /** Call it in the turn in which the server began to listen. */
  follow(server: Server): void {
    server.on("secureConnection", (socket) => this.#secured(socket));
    server.on("tlsClientError", (error, socket) => this.#failed(error, socket));
  }

  known(socket: TLSSocket, identity: string): void {
    this.#identities.set(socket, identity);
  }

  failed(socket: TLSSocket, error: Error): void {
    this.#take(socket)?.refused(error);
  }

  begin(socket: Socket): AcceptedStream {
    const stream = new AcceptedStream(socket, tcpEnds("tls+tcp", socket));
    const key = keyOf(socket);
    if (key === undefined) {
      socket.destroy();
      this.#gone(stream);
      return stream;
    }
    this.#pending.set(key, stream);
    socket.once("close", () => {
      if (this.#pending.get(key) === stream) this.#pending.delete(key);
      if (!stream.settled) this.#gone(stream);
    });
    return stream;
  }

  /** Where the runtime refuses a certificate it says so only afterwards. */
  #gone(stream: AcceptedStream): void {
    this.#unexplained.add(stream);
    setImmediate(() => {
      this.#unexplained.delete(stream);
      stream.refused(
        new ConnectionShutdownError(
          `${stream.remoteAddress} closed the connection during the TLS handshake. ${MAYBE}`,
          { url: stream.remoteAddress, operation: "accept" },
        ),
      );
    });
  }

  #secured(socket: TLSSocket): void {
    const stream = this.#take(socket);
    if (stream === undefined) {
      socket.destroy();
      return;
    }
    const verdict = this.#verdictOn(socket);
    if (this.#mode === "required" && !verdict.authorized) {
      socket.destroy();
      stream.refused(refusal(verdict.problem ?? "UNSPECIFIED", stream.remoteAddress));
      return;
    }
    // A peer that has ended its side may still be written to and read to its end. During the handshake it had gone.
    socket.allowHalfOpen = true;
    stream.secured(socket, factsOf(socket, verdict));
  }

  #failed(error: Error, socket: TLSSocket): void {
    const stream = this.#take(socket);
    if (stream === undefined) return;
    const what = { operation: "accept", url: stream.remoteAddress } as const;
    const { authorizationError } = socket;
    stream.refused(
      authorizationError
        ? refusal(String(authorizationError), stream.remoteAddress)
        : handshakeFailure(error, what, MAYBE),
    );
  }

  #take(socket: TLSSocket): AcceptedStream | undefined {
    const key = keyOf(socket);
    if (key === undefined) {
      // It has gone, and its address with it: the runtime explains in the order in which they went.
      const [oldest] = this.#unexplained;
      if (oldest !== undefined) this.#unexplained.delete(oldest);
      return oldest;
    }
    const stream = this.#pending.get(key);
    this.#pending.delete(key);
    return stream;
  }

  #verdictOn(socket: TLSSocket): Verdict {
    const pskIdentity = this.#identities.get(socket);
    if (pskIdentity !== undefined && usesSharedKey(socket)) {
      return { authorized: true, problem: undefined, pskIdentity };
    }
    if (this.#mode === "none") return { authorized: false, problem: undefined };
    if (socket.authorized) return { authorized: true, problem: undefined };
    const problem =
      certificateOf(socket) === undefined ? "NO_CERTIFICATE" : String(socket.authorizationError);
    return { authorized: false, problem };
  }
}

/** Tells connections to one port apart; undefined when the peer had gone before we could ask. */
function keyOf({ remoteAddress, remotePort, localAddress }: Socket): string | undefined {
  return remotePort === undefined ? undefined : `${remoteAddress} ${remotePort} ${localAddress}`;
}

function refusal(code: string, url: string): Error {
  return fromSystemError(Object.assign(new Error(code), { code }), { operation: "accept", url });
}
