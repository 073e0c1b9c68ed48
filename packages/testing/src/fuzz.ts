/**
 * Seeded fuzzing: a run is a seed, and the seed is in the text of its failure. `SPROCKET_SEED=123` repeats it.
 */
import { SeededRandom } from "./random.js";

/** `SPROCKET_SEED` where it is set (decimal or 0x…), otherwise a fresh one. */
export function fuzzSeed(): number {
  const given = process.env.SPROCKET_SEED;
  if (given === undefined || given === "")
    return (Date.now() ^ (process.pid << 16) ^ (Math.random() * 0x1_0000_0000)) >>> 0;
  const seed = Number(given);
  if (!Number.isInteger(seed)) throw new RangeError(`SPROCKET_SEED must be a whole number, not ${given}`);
  return seed >>> 0;
}

export interface FuzzOptions {
  readonly runs: number;
  /** Default: `fuzzSeed()`. */
  readonly seed?: number;
  /** Stop early after this many ms, so that a slow machine does not fail by slowness. Default: never. */
  readonly budget?: number;
}

/** Runs `body` with fresh chance each time. A failure names the seed that repeats it, the run as the first. */
export async function fuzz(
  options: FuzzOptions,
  body: (random: SeededRandom, run: number) => void | Promise<void>,
): Promise<number> {
  const seed = options.seed ?? fuzzSeed();
  const end = performance.now() + (options.budget ?? Number.POSITIVE_INFINITY);
  let run = 0;
  for (; run < options.runs; run++) {
    // Run n of seed s is run 0 of seed s + n: any failure is repeated at once, whatever came before it.
    const own = (seed + run) >>> 0;
    try {
      const outcome = body(new SeededRandom(own), run);
      if (outcome !== undefined) await outcome;
    } catch (error) {
      throw new Error(`fuzz run ${run} failed; repeat it with SPROCKET_SEED=${own}: ${String(error)}`, {
        cause: error,
      });
    }
    if ((run & 63) === 63 && performance.now() > end) return run + 1;
  }
  return run;
}

/** Values that length fields and counters break on. */
const interesting = [0, 1, 7, 8, 0x7f, 0x80, 0xff] as const;

type Mutator = (bytes: Uint8Array, random: SeededRandom) => Uint8Array;

/** Each makes one small change and leaves its input alone. */
export const mutators: Readonly<Record<string, Mutator>> = {
  flipBit(bytes, random) {
    const copy = bytes.slice();
    const at = random.below(copy.length);
    copy[at] = (copy[at] ?? 0) ^ (1 << random.below(8));
    return copy;
  },
  setByte(bytes, random) {
    const copy = bytes.slice();
    copy[random.below(copy.length)] = random.chance(0.5) ? random.pick(interesting) : random.below(256);
    return copy;
  },
  truncate(bytes, random) {
    return bytes.slice(0, random.below(bytes.length + 1));
  },
  remove(bytes, random) {
    const from = random.below(bytes.length + 1);
    const to = Math.min(bytes.length, from + random.between(1, 8));
    return join(bytes.subarray(0, from), bytes.subarray(to));
  },
  insert(bytes, random) {
    const at = random.below(bytes.length + 1);
    return join(bytes.subarray(0, at), random.bytes(random.between(1, 16)), bytes.subarray(at));
  },
  repeat(bytes, random) {
    const from = random.below(bytes.length + 1);
    const piece = bytes.subarray(from, from + random.between(1, 32));
    return join(bytes.subarray(0, from), piece, bytes.subarray(from));
  },
  append(bytes, random) {
    return join(bytes, random.bytes(random.between(1, 64)));
  },
  swap(bytes, random) {
    const a = random.below(bytes.length + 1);
    const b = random.below(bytes.length + 1);
    const [from, to] = a < b ? [a, b] : [b, a];
    return join(bytes.subarray(from, to), bytes.subarray(0, from), bytes.subarray(to));
  },
};

const names = Object.keys(mutators);

/** `bytes` after one to `most` random small changes. */
export function mutate(bytes: Uint8Array, random: SeededRandom, most = 4): Uint8Array {
  let changed = bytes;
  for (let left = random.between(1, most); left > 0; left--) {
    changed = (mutators[random.pick(names)] as Mutator)(changed, random);
  }
  return changed;
}

/** The same bytes in random pieces, none of them empty. Often single bytes, often all at once. */
export function split(bytes: Uint8Array, random: SeededRandom): Uint8Array[] {
  const style = random.below(4);
  const most = style === 0 ? 1 : style === 1 ? 16 : style === 2 ? 256 : Math.max(1, bytes.length);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = style === 3 && random.chance(0.5) ? most : random.between(1, most);
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}

function join(...pieces: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
