/** Addresses that no other test uses: fresh temp folders for ipc, ports of the system's choice for the others. */
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export type Route = "tcp" | "ipc" | "tls+tcp" | "ws" | "wss";

/**
 * Where on this machine. Debian's nng, with mbedTLS, compares names only, no addresses: hence localhost. nng's WebSocket
 * listener answers to the very host of its URL alone, and nanomsg listens at addresses only, without a path.
 */
export function urlAt(route: Exclude<Route, "ipc">, port: number): string {
  switch (route) {
    case "tcp":
      return `tcp://127.0.0.1:${port}`;
    case "tls+tcp":
      return `tls+tcp://localhost:${port}`;
    case "ws":
      return `ws://127.0.0.1:${port}`;
    case "wss":
      return `wss://localhost:${port}`;
  }
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), "sprocket-"));
}

/**
 * A tcp port that was free a moment ago, for the peers that cannot listen on port 0. Somebody else may take it before the
 * peer does: who uses it tries again with another one.
 */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
