/**
 * What makes a socket's options complete: the transports of the runtime, then those of the application, which win.
 */
import {
  capabilities as capabilitiesOf,
  type SchemeCapability,
  type SocketOptions,
  type Transport,
} from "@sprocket/core";
import { defaultTransports } from "#transports";

/**
 * By scheme, what sockets of this package can do in this runtime.
 *
 * @param given Transports that are passed to the socket beside.
 *
 * @example
 * if (capabilities().ipc?.listen) await socket.listen("ipc:///tmp/calc.ipc");
 */
export function capabilities(given: readonly Transport[] = []): Readonly<Record<string, SchemeCapability>> {
  return capabilitiesOf([...defaultTransports(), ...given]);
}

/** The options with all transports. What is no list of transports is left to the socket, which says what is wrong. */
export function plugged<Options extends SocketOptions>(options: Options | undefined): Options | undefined {
  if (options !== undefined && !isPlain(options)) return options;
  const given: unknown =
    options !== undefined && Object.hasOwn(options, "transports") ? options.transports : [];
  if (given !== undefined && !Array.isArray(given)) return options;
  return {
    ...options,
    transports: [...defaultTransports(), ...((given ?? []) as Transport[])],
  } as unknown as Options;
}

function isPlain(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
