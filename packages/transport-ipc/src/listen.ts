/**
 * From a URL to a bound name.
 *
 * The rule it guards: whatever ends the attempt or the listener, nothing stays bound and the name is free.
 */
import { randomBytes } from "node:crypto";
import { createServer, type Socket } from "node:net";
import { resolve } from "node:path";
import { type ListenContext, parseUrl, type SpUrl, type TransportListener } from "@sprocket/core/plugin";
import { closedError, fromNodeSocket, fromSystemError, listenOn, spIpcWire } from "@sprocket/core/stream";
import { bindFile, bindName } from "./bind.js";
import { memory } from "./memory.js";
import type { IpcSettings } from "./options.js";
import { type Address, formatAddress, readAddress, type System, systemName, unnamed } from "./path.js";

export async function listen(
  url: SpUrl,
  context: ListenContext,
  settings: IpcSettings,
  system: System,
): Promise<TransportListener> {
  const asked = readAddress(url, "listen", system);
  const { signal } = context;
  if (signal.aborted) throw closedError(url, "listen", signal);
  // A peer that has ended its side may still be written to and read to its end.
  const server = createServer({ allowHalfOpen: true });
  let address: Address;
  let removeName: (() => void) | undefined;
  try {
    address = completed(asked);
    if (address.kind === "file") {
      const { permissions: mode, backlog } = settings;
      removeName = await bindFile(server, { path: address.path, mode, backlog, url, signal });
    } else {
      await bindName(server, systemName(address), settings.backlog);
    }
  } catch (error) {
    if (signal.aborted) throw closedError(url, "listen", signal);
    throw fromSystemError(error, { operation: "listen", url: url.href });
  }
  const addresses = {
    local: formatAddress(address),
    remote: unnamed(address),
    memory,
  };
  const listener = listenOn(
    server,
    {
      url: asked.kind === "abstract" && asked.name === "" ? parseUrl(addresses.local) : url,
      address: addresses.local,
      wire: spIpcWire,
      stream: (socket: Socket) => fromNodeSocket(socket, addresses),
      // The name goes first: while it stands somebody answers at it, so that nobody takes it for dead and replaces it.
      release() {
        try {
          removeName?.();
        } catch {
          // Not ours to remove any more, or not now. Whoever listens there next replaces a dead socket.
        }
      },
    },
    context,
  );
  if (signal.aborted) {
    await listener.close();
    throw closedError(url, "listen", signal);
  }
  return listener;
}

/** The address as it stays, whatever becomes of the working directory; a name where none was given. */
function completed(address: Address): Address {
  if (address.kind === "file") return { kind: "file", path: resolve(address.path) };
  if (address.kind === "abstract" && address.name === "") {
    return { kind: "abstract", name: randomBytes(8).toString("hex") };
  }
  return address;
}
