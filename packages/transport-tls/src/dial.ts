/** One attempt to connect: resolve, connect, TLS with the peer's name verified, then the SP handshake, all within one budget. */
import { connect, type SecureContext } from "node:tls";
import { ConnectionResetError, ConnectionShutdownError } from "@sprocket/core";
import type { EndpointContext, SpUrl, TransportPipe } from "@sprocket/core/plugin";
import {
  applyTcpOptions,
  closedError,
  dialNodeSocket,
  fromNodeSocket,
  spWire,
  tcpConnectOptions,
  tcpEnds,
} from "@sprocket/core/stream";
import {
  authModeOf,
  dialerVerdict,
  dialForm,
  factsOf,
  handshakeFailure,
  ServerIdentity,
  type TlsSettings,
} from "@sprocket/core/tls";
import { memory } from "./memory.js";
import { runtime } from "./runtime.js";

export async function dial(
  url: SpUrl,
  context: EndpointContext,
  settings: TlsSettings,
  secureContext: SecureContext,
): Promise<TransportPipe> {
  const options = tcpConnectOptions(url, settings);
  if (context.signal.aborted) throw closedError(url, "dial", context.signal);
  const identity = new ServerIdentity(url, options.host, settings, runtime);
  const { servername } = identity;
  const mode = authModeOf(settings, "dial");
  const { pskCallback } = settings;
  const socket = connect({
    ...options,
    secureContext,
    ...(servername === undefined ? {} : { servername }),
    // Said outright, so that NODE_TLS_REJECT_UNAUTHORIZED has no say.
    rejectUnauthorized: mode === "required",
    checkServerIdentity: (_, certificate) => (mode === "none" ? undefined : identity.check(certificate)),
    minDHSize: 2048,
    ...(pskCallback === undefined ? {} : { pskCallback: dialForm(pskCallback) }),
  });
  socket.once("connect", () => applyTcpOptions(socket, settings));
  let secure = false;
  try {
    return await dialNodeSocket(
      socket,
      {
        url,
        wire: spWire,
        ready: "secureConnect",
        stream() {
          secure = true;
          const properties = factsOf(socket, dialerVerdict(socket, settings, identity));
          return fromNodeSocket(socket, {
            ...tcpEnds("tls+tcp", socket),
            properties,
            memory,
          });
        },
        meaning: (error) =>
          handshakeFailure(
            error,
            { operation: "dial", url: url.href },
            "Does a TLS listener stand there, and does it accept our certificate?",
          ),
      },
      context,
    );
  } catch (error) {
    const hungUp = error instanceof ConnectionShutdownError || error instanceof ConnectionResetError;
    throw secure && hungUp ? sentAway(url, settings, error) : error;
  }
}

/** In TLS 1.3 a dialer is through before the listener has looked at its certificate. */
function sentAway(url: SpUrl, { cert }: TlsSettings, cause: Error): Error {
  const guess =
    cert === undefined
      ? "If it wants a certificate of ours, give cert and key."
      : "It may not accept our certificate; its own events say why.";
  return new ConnectionShutdownError(
    `${url} closed the connection after the TLS handshake, before its greeting. ${guess}`,
    { url: url.href, operation: "dial", cause },
  );
}
