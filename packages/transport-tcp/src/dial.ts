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
  spWire,
  type TcpSettings,
  tcpConnectOptions,
  tcpEnds,
} from "@sprocket/core/stream";

export async function dial(
  url: SpUrl,
  context: EndpointContext,
  settings: TcpSettings,
): Promise<TransportPipe> {
  const options = tcpConnectOptions(url, settings);
  if (context.signal.aborted) throw closedError(url, "dial", context.signal);
  const reads = directReads(process.versions, Buffer.allocUnsafeSlow);
  const socket = connect(reads === undefined ? options : { ...options, onread: reads.onread });
  return dialNodeSocket(
    socket,
    {
      url,
      wire: spWire,
      stream() {
        applyTcpOptions(socket, settings);
        return fromNodeSocket(socket, { ...tcpEnds("tcp", socket), allocate: Buffer.allocUnsafeSlow }, reads);
      },
    },
    context,
  );
}
