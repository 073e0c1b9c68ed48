/** One attempt to connect: resolve, connect, then the SP handshake, all within one budget. */
import { connect } from "node:net";
import type { EndpointContext, SpUrl, TransportPipe } from "@sprocket/core/plugin";
import {
  applyTcpOptions,
  closedError,
  dialNodeSocket,
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
  const socket = connect(options);
  return dialNodeSocket(
    socket,
    {
      url,
      wire: spWire,
      stream() {
        applyTcpOptions(socket, settings);
        return fromNodeSocket(socket, tcpEnds("tcp", socket));
      },
    },
    context,
  );
}
