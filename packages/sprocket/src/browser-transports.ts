/**
 * The transports of browsers, under the condition `browser` in the place of `transports.ts`.
 *
 * The rule it guards: a program for both worlds can import what Node has; it fails where it calls it, and says why.
 */
import { NotSupportedError, type Transport } from "@sprocket/core";
import { ws } from "@sprocket/transport-ws";

export * from "@sprocket/transport-ws";

/** Not in browsers. @throws NotSupportedError always */
export function tcp(_options?: object): never {
  throw notHere("tcp");
}

/** Not in browsers. @throws NotSupportedError always */
export function ipc(_options?: object): never {
  throw notHere("ipc");
}

/** Not in browsers. @throws NotSupportedError always */
export function tls(_options?: object): never {
  throw notHere("tls");
}

function notHere(name: string): NotSupportedError {
  return new NotSupportedError(
    `${name}() needs Node, Bun or Deno. A browser reaches peers over ws:// and wss://, which are plugged in already.`,
  );
}

let shared: readonly Transport[] | undefined;

/** The transports that every socket of this package has: made once, without options. For sockets of other packages. */
export function defaultTransports(): readonly Transport[] {
  shared ??= Object.freeze([ws()]);
  return shared;
}
