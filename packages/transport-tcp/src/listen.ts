/** From a URL to a bound port whose connections go to the SP handshake. */
import { lookup } from "node:dns";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { type ListenContext, parseUrl, type SpUrl, type TransportListener } from "@sprocket/core/plugin";
import {
  type BindPlace,
  bindTcp,
  formatTcpAddress,
  fromNodeSocket,
  listenOn,
  readTcpTarget,
  spWire,
  TcpFacts,
  type TcpSettings,
  withTcpPort,
} from "@sprocket/core/stream";
import { memory } from "./memory.js";

export async function listen(
  url: SpUrl,
  context: ListenContext,
  settings: TcpSettings,
): Promise<TransportListener> {
  const server = await bindTcp({
    url,
    ipv6Only: settings.ipv6Only,
    signal: context.signal,
    lookup,
    bind: (place, port) => bind(place, port, settings),
  });
  const { address, port } = server.address() as AddressInfo;
  // Whoever connects to one address is connected to that one.
  const local = address === "0.0.0.0" || address === "::" ? undefined : { address, port };
  return listenOn(
    server,
    {
      url: readTcpTarget(url, "listen").port === 0 ? parseUrl(withTcpPort(url, port)) : url,
      address: formatTcpAddress("tcp", address, port),
      wire: spWire,
      stream: (socket: Socket) => fromNodeSocket(socket, new TcpFacts("tcp", socket, memory, { local })),
    },
    context,
  );
}

async function bind(place: BindPlace, port: number, settings: TcpSettings): Promise<Server> {
  const { backlog, noDelay, keepAlive, keepAliveInitialDelay } = settings;
  // A peer that has ended its side may still be written to and read to its end.
  const server = createServer({ allowHalfOpen: true, noDelay, keepAlive, keepAliveInitialDelay });
  // Ours alone, also in a cluster: a worker's listener is not silently shared with the others.
  server.listen({ ...place, port, backlog, exclusive: true });
  await once(server, "listening");
  return server;
}
