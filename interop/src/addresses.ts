/** Where the sides of a test meet: fresh temp folders for ipc, ports of this machine for the others. */
import { mkdtempSync } from "node:fs";
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
