/** One attempt to connect: resolve, connect, then the SP handshake, all within one budget. */
import { Buffer } from "node:buffer";
import { connect } from "node:net";
import type { EndpointContext, SpUrl, TransportPipe } from "@sprocket/core/plugin";
import {
  applyTcpOptions,
  closedError,
  dialNodeSocket,
  directReads,
  fromNodeSocket,
  ipFamily,
  spWire,
  TcpFacts,
  type TcpSettings,
  tcpConnectOptions,
} from "@sprocket/core/stream";
import { memory } from "./memory.js";

export async function dial(
  url: SpUrl,
  context: EndpointContext,
  settings: TcpSettings,
): Promise<TransportPipe> {
  const options = tcpConnectOptions(url, settings);
  if (context.signal.aborted) throw closedError(url, "dial", context.signal);
  const { host, port } = options;
  // An IPv4 address is where we then are; but for this one, which stands for the machine itself.
  const remote = ipFamily(host) === 4 && host !== "0.0.0.0" ? { address: host, port } : undefined;
  const reads = directReads(process.versions, Buffer.allocUnsafeSlow);
  const socket = connect(reads === undefined ? options : { ...options, onread: reads.onread });
  return dialNodeSocket(
    socket,
    {
      url,
      wire: spWire,
      stream() {
        applyTcpOptions(socket, settings);
        return fromNodeSocket(socket, new TcpFacts("tcp", socket, memory, { remote }), reads);
      },
    },
    context,
  );
}
