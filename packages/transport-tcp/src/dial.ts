/**
 * One attempt to connect: resolve, connect, then the SP handshake, all within one budget.
 *
 * The rule it guards: whatever ends the attempt (the system, the deadline, the endpoint's close), nothing of it is left
 * behind, and at no time is there a socket without an `error` listener.
 */
import { connect, isIP } from "node:net";
import { AddressInvalidError, TimeoutError } from "@sprocket/core";
import { type EndpointContext, type SpUrl, type TransportPipe, watchAbort } from "@sprocket/core/plugin";
import { dialStream, fromNodeSocket, fromSystemError, spWire } from "@sprocket/core/stream";
import { formatAddress, readTarget } from "./address.js";
import { closedError } from "./closed-error.js";
import type { TcpSettings } from "./options.js";

export async function dial(
  url: SpUrl,
  context: EndpointContext,
  settings: TcpSettings,
): Promise<TransportPipe> {
  const { host, port, family } = readTarget(url, "dial");
  const { clock, handshakeTimeout, signal } = context;
  if (signal.aborted) throw closedError(url, "dial", signal);
  const startedAt = clock.now();
  const { localAddress } = settings;
  const from = localAddress === undefined ? 0 : isIP(localAddress);
  if (family !== 0 && from !== 0 && from !== family) {
    throw new AddressInvalidError(
      `${url.scheme}:// is for IPv${family}, and localAddress is an IPv${from} address.`,
      {
        url: url.href,
        operation: "dial",
      },
    );
  }

  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port,
      // Names are resolved at each attempt; both families are tried in turn unless one was asked for.
      family: from || family,
      autoSelectFamily: from === 0 && family === 0,
      ...(localAddress === undefined ? {} : { localAddress }),
      // A half-closed peer may still be read to its end.
      allowHalfOpen: true,
    });
    const settle = () => {
      timer.cancel();
      watch.cancel();
      socket.off("connect", onConnect);
    };
    const fail = (error: Error) => {
      settle();
      socket.destroy();
      reject(error);
    };
    const onError = (error: Error) => fail(fromSystemError(error, { operation: "dial", url: url.href }));
    const onConnect = () => {
      settle();
      // Set here and not when the socket is made: racing the families replaces its handle, and these with it.
      socket.setNoDelay(settings.noDelay);
      if (settings.keepAlive) socket.setKeepAlive(true, settings.keepAliveInitialDelay);
      const stream = fromNodeSocket(socket, {
        local: formatAddress(socket.localAddress, socket.localPort),
        remote: formatAddress(socket.remoteAddress, socket.remotePort),
      });
      // The stream has an `error` listener of its own by now.
      socket.off("error", onError);
      resolve(dialStream(stream, context, spWire, startedAt));
    };
    const timer = clock.setTimer(handshakeTimeout, () =>
      fail(
        new TimeoutError(`No connection to ${url} within ${handshakeTimeout} ms.`, {
          url: url.href,
          operation: "dial",
        }),
      ),
    );
    socket.on("error", onError);
    socket.once("connect", onConnect);
    const watch = watchAbort(signal, { aborted: () => fail(closedError(url, "dial", signal)) });
  });
}
