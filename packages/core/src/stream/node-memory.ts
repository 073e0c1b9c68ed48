import type { StreamMemory } from "./byte-stream.js";
import { discard } from "./discard.js";
import { allocateSteadily } from "./steady-heap.js";

/**
 * For what sockets of Node read: each chunk is theirs who get it, so what they have copied can be freed. In Bun and Deno,
 * who may keep it, nothing is.
 *
 * @param versions `process.versions`
 * @param allocate `Buffer.allocUnsafeSlow`
 */
export function nodeMemory(
  versions: Readonly<Record<string, string | undefined>>,
  allocate: (length: number) => Uint8Array,
): StreamMemory {
  const node = versions.bun === undefined && versions.deno === undefined;
  if (!node) return { allocate };
  return { allocate: (length) => allocateSteadily(allocate, length), release: discard };
}
