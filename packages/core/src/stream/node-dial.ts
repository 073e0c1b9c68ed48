/**
 * One attempt to connect anything shaped like a `net.Socket`, then the SP handshake, all within one budget. Structural:
 * it imports nothing of Node.
 *
 * The rule it guards: whatever ends the attempt (the system, the deadline, the endpoint's close), nothing of it is left
 * behind, and at no time is there a socket without an `error` listener.
 */
import { TimeoutError } from "../errors.js";
import { watchAbort } from "../signals.js";
import { fromSystemError } from "../system-error.js";
import type { EndpointContext, TransportPipe } from "../transport.js";
import type { SpUrl } from "../url.js";
import type { ByteStream } from "./byte-stream.js";
import { closedError } from "./closed-error.js";
import type { NodeSocketLike } from "./node-socket.js";
import { dialStream } from "./stream-pipe.js";
import type { Wire } from "./wire.js";

/** A socket that has begun to connect. */
export interface ConnectingSocket extends NodeSocketLike {
  once(event: "connect" | "secureConnect", listener: () => void): unknown;
  off(event: "connect" | "secureConnect", listener: () => void): unknown;
  off(event: "error", listener: (error: Error) => void): unknown;
  /** False once there is a connection, whatever has to follow. */
  readonly connecting: boolean;
}

/** How to connect. */
export interface NodeConnectPlan {
  readonly url: SpUrl;
  /** What the socket says when bytes may flow. Default `"connect"`. */
  readonly ready?: "connect" | "secureConnect";
  /** What an error of the socket means. Default: what the system's code says. */
  meaning?(error: Error): Error;
}

/** What to do with a socket that connects. */
export interface NodeDialPlan extends NodeConnectPlan {
  readonly wire: Wire;
  /** Wraps the socket, in the same turn. */
  stream(): ByteStream;
}

/** Call it in the turn in which the socket was made. Rejects as `Transport.dial` should. */
export function dialNodeSocket(
  socket: ConnectingSocket,
  plan: NodeDialPlan,
  context: EndpointContext,
): Promise<TransportPipe> {
  return connectNodeSocket(socket, plan, context, (startedAt) =>
    dialStream(plan.stream(), context, plan.wire, startedAt),
  );
}

/**
 * The first half of `dialNodeSocket`, for transports that have a handshake of their own: `opened` is called in the turn in
 * which bytes may flow, with the time at which the attempt began; it gives the socket an `error` listener, and goes on.
 */
export function connectNodeSocket<Result>(
  socket: ConnectingSocket,
  plan: NodeConnectPlan,
  context: EndpointContext,
  opened: (startedAt: number) => Result | Promise<Result>,
): Promise<Result> {
  const { url, ready = "connect" } = plan;
  const { clock, handshakeTimeout, signal } = context;
  const startedAt = clock.now();
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      timer.cancel();
      watch.cancel();
      socket.off(ready, onReady);
    };
    const fail = (error: Error): void => {
      settle();
      socket.destroy();
      reject(error);
    };
    const onError = (error: Error): void =>
      fail(plan.meaning?.(error) ?? fromSystemError(error, { operation: "dial", url: url.href }));
    const onReady = (): void => {
      settle();
      const result = opened(startedAt);
      // The socket has an `error` listener of its own by now.
      socket.off("error", onError);
      resolve(result);
    };
    const timer = clock.setTimer(handshakeTimeout, () =>
      fail(
        new TimeoutError(
          socket.connecting
            ? `No connection to ${url} within ${handshakeTimeout} ms.`
            : `${url} took the connection, but its handshake took longer than ${handshakeTimeout} ms.`,
          { url: url.href, operation: "dial" },
        ),
      ),
    );
    socket.on("error", onError);
    socket.once(ready, onReady);
    const watch = watchAbort(signal, { aborted: () => fail(closedError(url, "dial", signal)) });
  });
}
