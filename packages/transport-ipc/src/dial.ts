/** One attempt to connect, then the SP handshake, all within one budget. */
import { Buffer } from "node:buffer";
import { connect } from "node:net";
import { ConnectionRefusedError } from "@sprocket/core";
import type { EndpointContext, SpUrl, TransportPipe } from "@sprocket/core/plugin";
import {
  closedError,
  dialNodeSocket,
  directReads,
  fromNodeSocket,
  fromSystemError,
  spIpcWire,
} from "@sprocket/core/stream";
import { memory } from "./memory.js";
import { formatAddress, readAddress, type System, systemName, unnamed } from "./path.js";

export async function dial(url: SpUrl, context: EndpointContext, system: System): Promise<TransportPipe> {
  const address = readAddress(url, "dial", system);
  if (context.signal.aborted) throw closedError(url, "dial", context.signal);
  // A peer that has ended its side may still be written to and read to its end.
  const reads = directReads(process.versions, Buffer.allocUnsafeSlow);
  const socket = connect({
    path: systemName(address),
    allowHalfOpen: true,
    ...(reads === undefined ? {} : { onread: reads.onread }),
  });
  return dialNodeSocket(
    socket,
    {
      url,
      wire: spIpcWire,
      stream: () =>
        fromNodeSocket(
          socket,
          {
            local: unnamed(address),
            remote: formatAddress(address),
            memory,
          },
          reads,
        ),
      meaning: (error) => dialError(url, error),
    },
    context,
  );
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
