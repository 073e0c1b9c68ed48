/**
 * Options that one dialer or listener has for its transport alone.
 *
 * The rule it guards: core does not know them, but never passes over one in silence: the transport checks them, before
 * anything is opened, or they are refused.
 */
import { BadTypeError, NotSupportedError } from "./errors.js";
import { describe } from "./option-rules.js";
import type { Transport } from "./transport.js";

/** What `dial` and `listen` take for the transport. */
export interface TransportOverrides {
  /**
   * The transport's own options, for this endpoint alone; what is not given is as the transport was made. Each transport
   * says which it takes.
   *
   * @example
   * await socket.dial("tls+tcp://10.0.0.7:5555", { transport: { serverName: "calc.example" } });
   */
  readonly transport?: object | undefined;
}

/** @throws BadTypeError, NotSupportedError, and whatever the transport says about its options */
export function transportOptions(transport: Transport, given: unknown, role: "dial" | "listen"): unknown {
  if (given === undefined) return undefined;
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new BadTypeError(
      `Option transport was given ${describe(given)}; it takes an object with options of the transport.`,
    );
  }
  if (transport.readOptions === undefined) {
    throw new NotSupportedError(
      `The ${transport.name} transport takes no options for a single endpoint; give them when it is made.`,
    );
  }
  return transport.readOptions(given, role);
}
