/**
 * The transports of Node, Bun and Deno. Under the `browser` condition `browser-transports.ts` stands in its place.
 */
import type { Transport } from "@sprocket/core";
import { ipc } from "@sprocket/transport-ipc";
import { tcp } from "@sprocket/transport-tcp";
import { tls } from "@sprocket/transport-tls";
import { ws } from "@sprocket/transport-ws";

export * from "@sprocket/transport-ipc";
export * from "@sprocket/transport-tcp";
export * from "@sprocket/transport-tls";
export * from "@sprocket/transport-ws";

let shared: readonly Transport[] | undefined;

/**
 * The transports that every socket of this package has: made once, without options. For sockets of other packages.
 *
 * @example
 * const names = defaultTransports().map((transport) => transport.name);
 */
export function defaultTransports(): readonly Transport[] {
  shared ??= Object.freeze([tcp(), ipc(), tls(), ws()]);
  return shared;
}
