/** The rows of the table: what is sent, how often, and what we want to reach. */

export type WorkloadName = "w1" | "w2" | "w2b";

/** A ratio of medians that we want, beside the measured one. */
export interface Goal {
  /** Whose number is divided, by contender name. */
  readonly ours: string;
  readonly peer: string;
  readonly bound: "at least" | "at most";
  readonly ratio: number;
}

export interface Workload {
  readonly name: WorkloadName;
  readonly title: string;
  readonly route: "tcp" | "ipc";
  readonly size: number;
  readonly warmUp: number;
  readonly count: number;
  /** Messages per second, or microseconds. */
  readonly unit: "msg/s" | "us";
  /** Runs so many times the usual number of rounds; 1 when not given. */
  readonly roundsFactor?: number;
  /** Part of the short form. */
  readonly quick: boolean;
  readonly goals: readonly Goal[];
}

const KiB = 1_024;

/** Enough messages for the fastest contender to run a tenth of a second, few enough for the slowest to end. */
const pairCounts: readonly (readonly [size: number, count: number])[] = [
  [16, 600_000],
  [64, 600_000],
  [KiB, 200_000],
  [16 * KiB, 40_000],
  [64 * KiB, 12_000],
  [1_024 * KiB, 1_500],
];

function pairGoals(route: string, size: number): Goal[] {
  if (route !== "tcp" || size !== 64) return [];
  return ["zeromq.js pair", "zeromq.js push"].flatMap((peer): Goal[] => [
    { ours: "sprocket try", peer, bound: "at least", ratio: 8 },
    { ours: "sprocket await", peer, bound: "at least", ratio: 4 },
  ]);
}

export const workloads: readonly Workload[] = [
  ...(["tcp", "ipc"] as const).flatMap((route) =>
    pairCounts.map(
      ([size, count]): Workload => ({
        name: "w1",
        title: `pair, ${route}, ${sizeName(size)}`,
        route,
        size,
        warmUp: count / 4,
        count,
        unit: "msg/s",
        quick: size === 64 || (route === "tcp" && (size === KiB || size === 64 * KiB)),
        goals: pairGoals(route, size),
      }),
    ),
  ),
  {
    name: "w2",
    title: "request and reply in turn, tcp, 64 B",
    route: "tcp",
    size: 64,
    warmUp: 5_000,
    count: 10_000,
    unit: "us",
    // Short, and its number jumps with where the system puts the two processes: more rounds tell more.
    roundsFactor: 2,
    quick: true,
    goals: ["sprocket", "sprocket request"].map((ours) => ({
      ours,
      peer: "node:net",
      bound: "at most",
      ratio: 1.15,
    })),
  },
  {
    name: "w2b",
    title: "64 requests in flight, tcp, 64 B",
    route: "tcp",
    size: 64,
    warmUp: 30_000,
    count: 100_000,
    unit: "msg/s",
    quick: true,
    goals: [],
  },
];

function sizeName(size: number): string {
  if (size < KiB) return `${size} B`;
  return size < KiB * KiB ? `${size / KiB} KiB` : `${size / KiB / KiB} MiB`;
}
