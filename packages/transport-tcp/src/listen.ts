/**
 * From a URL to a bound port: resolve, choose among the addresses, bind.
 *
 * The rule it guards: whatever ends the attempt, nothing of it stays bound.
 */
import { lookup } from "node:dns";
import { once } from "node:events";
import { type AddressInfo, createServer, isIP, type Server, type Socket } from "node:net";
import { type ListenContext, parseUrl, type SpUrl, type TransportListener } from "@sprocket/core/plugin";
import { fromNodeSocket, fromSystemError, listenOn, spWire } from "@sprocket/core/stream";
import { formatAddress, readTarget, type Target, withPort } from "./address.js";
import { closedError } from "./closed-error.js";
import type { TcpSettings } from "./options.js";

export async function listen(
  url: SpUrl,
  context: ListenContext,
  settings: TcpSettings,
): Promise<TransportListener> {
  const target = readTarget(url, "listen");
  const { signal } = context;
  if (signal.aborted) throw closedError(url, "listen", signal);
  let server: Server;
  try {
    server = await bindFirst(await places(target, settings, signal), target.port, settings);
  } catch (error) {
    if (signal.aborted) throw closedError(url, "listen", signal);
    throw fromSystemError(error, { operation: "listen", url: url.href });
  }
  if (signal.aborted) {
    server.close();
    throw closedError(url, "listen", signal);
  }
  const { address, port } = server.address() as AddressInfo;
  return listenOn(
    server,
    {
      url: target.port === 0 ? parseUrl(withPort(url, port)) : url,
      address: formatAddress(address, port),
      wire: spWire,
      stream: (socket: Socket) =>
        fromNodeSocket(socket, {
          local: formatAddress(socket.localAddress, socket.localPort),
          remote: formatAddress(socket.remoteAddress, socket.remotePort),
        }),
    },
    context,
  );
}

/** An address to bind. */
interface Place {
  readonly host: string;
  readonly ipv6Only: boolean;
}

/** Where a target may be bound, the best first. */
async function places(target: Target, settings: TcpSettings, signal: AbortSignal): Promise<Place[]> {
  const ipv6Only = settings.ipv6Only || target.family === 6;
  if (target.host !== "") {
    const addresses = isIP(target.host) === 0 ? await resolve(target, signal) : [target.host];
    return addresses.map((host) => ({ host, ipv6Only }));
  }
  const ipv6 = { host: "::", ipv6Only };
  const ipv4 = { host: "0.0.0.0", ipv6Only: false };
  if (target.family === 4) return [ipv4];
  // "::" takes IPv4 too; where the system has no IPv6 at all, plain IPv4 is the same promise.
  return ipv6Only ? [ipv6] : [ipv6, ipv4];
}

function resolve(target: Target, signal: AbortSignal): Promise<string[]> {
  return new Promise((fulfil, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    lookup(target.host, { family: target.family, all: true }, (error, found) => {
      signal.removeEventListener("abort", onAbort);
      if (error) reject(error);
      else fulfil(found.map(({ address }) => address));
    });
  });
}

/** This machine has no such address, or no such family: the next one may do. */
const absent = new Set(["EADDRNOTAVAIL", "EAFNOSUPPORT", "EPROTONOSUPPORT"]);

async function bindFirst(candidates: Place[], port: number, settings: TcpSettings): Promise<Server> {
  let failure: unknown;
  for (const place of candidates) {
    try {
      return await bind(place, port, settings);
    } catch (error) {
      failure = error;
      if (!absent.has((error as NodeJS.ErrnoException).code ?? "")) break;
    }
  }
  throw failure;
}

async function bind(place: Place, port: number, settings: TcpSettings): Promise<Server> {
  const { backlog, noDelay, keepAlive, keepAliveInitialDelay } = settings;
  // A peer that has ended its side may still be written to and read to its end.
  const server = createServer({ allowHalfOpen: true, noDelay, keepAlive, keepAliveInitialDelay });
  // Ours alone, also in a cluster: a worker's listener is not silently shared with the others.
  server.listen({ ...place, port, backlog, exclusive: true });
  await once(server, "listening");
  return server;
}
