/**
 * One attempt to connect, then the SP handshake, all within one budget.
 *
 * The rule it guards: whatever ends the attempt (the system, the deadline, the endpoint's close), nothing of it is left
 * behind, and at no time is there a socket without an `error` listener.
 */
import { connect } from "node:net";
import { ConnectionRefusedError, TimeoutError } from "@sprocket/core";
import { type EndpointContext, type SpUrl, type TransportPipe, watchAbort } from "@sprocket/core/plugin";
import { dialStream, fromNodeSocket, fromSystemError, spIpcWire } from "@sprocket/core/stream";
import { closedError } from "./closed-error.js";
import { formatAddress, readAddress, type System, systemName, unnamed } from "./path.js";

export async function dial(url: SpUrl, context: EndpointContext, system: System): Promise<TransportPipe> {
  const address = readAddress(url, "dial", system);
  const { clock, handshakeTimeout, signal } = context;
  if (signal.aborted) throw closedError(url, "dial", signal);
  const startedAt = clock.now();
  return new Promise((resolve, reject) => {
    // A peer that has ended its side may still be written to and read to its end.
    const socket = connect({ path: systemName(address), allowHalfOpen: true });
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
    const onError = (error: Error) => fail(dialError(url, error));
    const onConnect = () => {
      settle();
      const stream = fromNodeSocket(socket, { local: unnamed(address), remote: formatAddress(address) });
      // The stream has an `error` listener of its own by now.
      socket.off("error", onError);
      resolve(dialStream(stream, context, spIpcWire, startedAt));
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

/** A file that is missing, or that is no socket, is just a place where nobody listens. */
function dialError(url: SpUrl, cause: NodeJS.ErrnoException): Error {
  const details = { url: url.href, operation: "dial" };
  if (cause.code === "ENOENT" || cause.code === "ENOTDIR" || cause.code === "ENOTSOCK") {
    return new ConnectionRefusedError(
      `Nobody listens at ${url}: there is no such socket. Start the listener first, or dial in the background.`,
      { ...details, cause },
    );
  }
  return fromSystemError(cause, details);
}
