/**
 * What every benchmark program has in common: `<mode> <role> <url> <size> <warm-up> <count> <peers>`, "listening <url>" from
 * the server, "result <json>" from whoever measures, and an end with standard input, so that nothing outlives the harness.
 * Where one side must wait for the other, a line on standard input lets it go on.
 */
import { createInterface } from "node:readline";

export interface Task {
  readonly mode: string;
  readonly role: "server" | "client";
  readonly url: string;
  readonly size: number;
  readonly warmUp: number;
  readonly count: number;
  /** Sockets, connections or topics, where a workload has many. */
  readonly peers: number;
}

const commands: AsyncIterator<string> = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

export function readTask(): Task {
  process.stdin.on("end", () => process.exit());
  const [mode = "", role, url = "", size, warmUp, count, peers] = process.argv.slice(2);
  return {
    mode,
    role: role === "server" ? "server" : "client",
    url,
    size: Number(size),
    warmUp: Number(warmUp),
    count: Number(count),
    peers: Number(peers),
  };
}

/** Until the harness says so. */
export async function go(): Promise<void> {
  await commands.next();
}

export function announce(url: string): void {
  console.log(`listening ${url}`);
}

export function report(result: object): void {
  console.log(`result ${JSON.stringify(result)}`);
}

/** Counts what arrives and touches each message: its length and its first byte. */
export class Arrivals {
  readonly #first: number;
  readonly #last: number;
  #seen = 0;
  #touched = 0;
  #started = 0;

  constructor({ warmUp, count }: Task) {
    this.#first = warmUp;
    this.#last = warmUp + count;
  }

  one(length: number, firstByte: number): void {
    this.#touched += length + firstByte;
    const seen = ++this.#seen;
    if (seen === this.#first) this.#started = performance.now();
    else if (seen === this.#last) {
      const seconds = (performance.now() - this.#started) / 1_000;
      report({ messages: this.#last - this.#first, seconds, touched: this.#touched });
    }
  }

  body(body: Uint8Array): void {
    this.one(body.length, body.length > 0 ? (body[0] as number) : 0);
  }
}

/** The parts of all values at which a distribution is told: the same in `c/bench.h` and `py/pyzmq-bench.py`. */
const parts = [0, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999, 1];

/** Reports how values in microseconds are distributed. */
export function reportTimes(times: Float64Array): void {
  const sorted = times.sort();
  const at = (part: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] as number;
  report({
    p50: at(0.5),
    p99: at(0.99),
    curve: parts.map((part) => [part, Math.round(at(part) * 1_000) / 1_000]),
  });
}

/** Times single round trips, in microseconds. */
export class RoundTrips {
  readonly #times: Float64Array;
  readonly #warmUp: number;
  #at: number;

  constructor({ warmUp, count }: Task) {
    this.#times = new Float64Array(count);
    this.#warmUp = warmUp;
    this.#at = -warmUp;
  }

  get total(): number {
    return this.#warmUp + this.#times.length;
  }

  /** `started` is the `performance.now()` at which the request left. */
  one(started: number): void {
    if (this.#at >= 0) this.#times[this.#at] = (performance.now() - started) * 1_000;
    this.#at++;
    if (this.#at === this.#times.length) reportTimes(this.#times);
  }
}

/** The body that is sent again and again; its first byte is 1. */
export function body(size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  if (size > 0) bytes[0] = 1;
  return bytes;
}
