/**
 * What a set of transports can do in this runtime, for programs that adapt to where they run.
 */
import { inproc } from "./inproc/inproc.js";
import type { Transport } from "./transport.js";

/** What is possible with one scheme. */
export interface SchemeCapability {
  /** Name of the transport that answers it. */
  readonly transport: string;
  readonly dial: boolean;
  readonly listen: boolean;
}

/**
 * By scheme, what the given transports can do here; inproc is always there.
 *
 * @example
 * if (capabilities([tcp()]).tcp?.listen) await socket.listen("tcp://127.0.0.1:0");
 */
export function capabilities(
  transports: readonly Transport[] = [],
): Readonly<Record<string, SchemeCapability>> {
  const found: Record<string, SchemeCapability> = Object.create(null) as Record<string, SchemeCapability>;
  for (const transport of [inproc, ...transports]) {
    for (const scheme of transport.schemes) {
      found[scheme] = { transport: transport.name, dial: true, listen: transport.listen !== undefined };
    }
  }
  return found;
}
