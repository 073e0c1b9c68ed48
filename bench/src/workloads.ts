/** The rows of the tables: what is sent, how often, and what we want to reach. */
import { atLeast, atMost, type Goal } from "./goals.js";

export type WorkloadName =
  | "w1"
  | "push"
  | "w2"
  | "w2b"
  | "w3"
  | "survey"
  | "w4"
  | "w4-latency"
  | "w6"
  | "tls"
  | "subscribers"
  | "topics"
  | "loop";

export type Route = "tcp" | "ipc" | "inproc" | "ws" | "tls";

export interface Workload {
  readonly name: WorkloadName;
  readonly title: string;
  readonly route: Route;
  /** Bytes of a message. */
  readonly size: number;
  /** Long enough for an engine to have compiled what is hot, which takes about half a second. */
  readonly warmUp: number;
  readonly count: number;
  /** Sockets in the client process, or topics; 1 when not given. */
  readonly peers?: number;
  /** So many times the server waits until the client is ready. */
  readonly go?: number;
  /** The listener sends, the dialer receives. */
  readonly back?: boolean;
  /** Messages per second, or microseconds. */
  readonly unit: "msg/s" | "us";
  /** Of microseconds: what is compared. Default: the median. */
  readonly figure?: "p50" | "max";
  /** Runs so many times in each round; 1 when not given. */
  readonly repeats?: number;
  /** Part of the short form. */
  readonly quick: boolean;
  readonly goals: readonly Goal[];
}

const KiB = 1_024;
const MiB = KiB * KiB;

/**
 * Enough messages for the fastest contender to run for half a second, few enough for the slowest to end. As many go before:
 * with less, code that is still being compiled, and a heap that still grows, are a third of what is measured.
 */
const pairCounts: readonly (readonly [size: number, count: number])[] = [
  [16, 3_200_000],
  [64, 3_200_000],
  [KiB, 800_000],
  [16 * KiB, 60_000],
  [64 * KiB, 18_000],
  [MiB, 1_200],
];

/** For bodies up to 64 bytes, 1 KiB and so on; over ipc only the small ones have goals. */
function pairGoals(route: Route, size: number): Goal[] {
  if (route === "ipc") {
    if (size > 64) return [];
    return atLeast("sprocket try", { "zeromq.js": 12, "nng C aio": 15, "libzmq C": 1, "node:net": 7 });
  }
  switch (size) {
    case KiB:
      return atLeast("sprocket try", { "zeromq.js": 4, "nng C aio": 3.5, "libzmq C": 1.1, "node:net": 2 });
    case 16 * KiB:
      return atLeast("sprocket try", { "zeromq.js": 2, "nng C aio": 1.5, "libzmq C": 1.6, "node:net": 1 });
    case 64 * KiB:
      return atLeast("sprocket try", {
        "zeromq.js": 1.2,
        "nng C aio": 0.95,
        "libzmq C": 0.9,
        "node:net": 0.95,
      });
    case MiB:
      return atLeast("sprocket try", {
        "zeromq.js": 1.25,
        "nng C aio": 1.5,
        "libzmq C": 0.9,
        "node:net": 0.4,
      });
    default:
      return [
        ...atLeast("sprocket try", { "zeromq.js": 15, "nng C aio": 18, "libzmq C": 1, "node:net": 25 }),
        ...atLeast("sprocket await", { "zeromq.js": 10, "nng C aio": 11, "libzmq C": 0.7 }),
      ];
  }
}

function pairs(
  name: "w1" | "push",
  what: string,
  part: number,
  quick: (route: Route, size: number) => boolean,
): Workload[] {
  return (["tcp", "ipc"] as const).flatMap((route) =>
    pairCounts.map(([size, count]) => ({
      name,
      title: `${what}, ${route}, ${sizeName(size)}`,
      route,
      size,
      warmUp: count * part,
      count: count * part,
      unit: "msg/s",
      quick: quick(route, size),
      goals: name === "w1" ? pairGoals(route, size) : [],
    })),
  );
}

function publish(name: "w3" | "subscribers", subscribers: number, goals: readonly Goal[]): Workload {
  const count = name === "w3" ? 40_000 : Math.ceil(600_000 / subscribers);
  return {
    name,
    title: `1 publisher, ${subscribers.toLocaleString("en")} subscriber${subscribers === 1 ? "" : "s"}, tcp, 64 B`,
    route: "tcp",
    size: 64,
    warmUp: count,
    count,
    peers: subscribers,
    go: 2,
    unit: "msg/s",
    quick: name === "w3",
    goals,
  };
}

export const subscriberCounts = [1, 10, 100, 1_000];
export const topicCounts = [1, 10, 100, 1_000, 10_000];

export const workloads: readonly Workload[] = [
  ...pairs(
    "w1",
    "pair",
    1,
    (route, size) => size === 64 || (route === "tcp" && (size === KiB || size >= 64 * KiB)),
  ),
  ...pairs("push", "push to pull", 1 / 2, (route, size) => route === "tcp" && size === 64),
  {
    name: "w2",
    title: "request and reply in turn, tcp, 64 B",
    route: "tcp",
    size: 64,
    // So many until every function on the way has been compiled for good.
    warmUp: 16_000,
    count: 8_000,
    unit: "us",
    // Its number jumps with where the system puts the two processes: more runs tell more.
    repeats: 2,
    quick: true,
    goals: ["sprocket", "sprocket request"].flatMap((ours) =>
      atMost(ours, { "zeromq.js": 0.55, "nng C": 0.6, "libzmq C": 0.95, "node:net": 1.05 }),
    ),
  },
  {
    name: "w2b",
    title: "64 requests in flight, tcp, 64 B",
    route: "tcp",
    size: 64,
    warmUp: 150_000,
    count: 300_000,
    unit: "msg/s",
    quick: true,
    goals: atLeast("sprocket request", {
      "zeromq.js dealer": 6,
      "nng C contexts": 4.5,
      "libzmq C dealer": 0.9,
    }),
  },
  publish("w3", 50, [
    ...["sprocket try", "sprocket await"].flatMap((ours): Goal[] => [
      ...atLeast(ours, { "zeromq.js": 15, "nng C": 20, "libzmq C": 1 }),
      { ours, of: "lost", atMost: 0 },
    ]),
  ]),
  {
    name: "survey",
    title: "a survey and its 50 answers, tcp, 64 B",
    route: "tcp",
    size: 64,
    warmUp: 300,
    count: 600,
    peers: 50,
    unit: "us",
    quick: true,
    goals: [],
  },
  {
    name: "w4",
    title: "pair inside one process, 64 B",
    route: "inproc",
    size: 64,
    warmUp: 1_000_000,
    count: 2_000_000,
    unit: "msg/s",
    quick: true,
    goals: [
      ...atLeast("sprocket batch", { "zeromq.js": 40, "nng C": 40, "libzmq C": 2 }),
      ...atLeast("sprocket await", { "zeromq.js": 12, "nng C": 9, "libzmq C": 0.5 }),
    ],
  },
  {
    name: "w4-latency",
    title: "pair inside one process, to and fro, 64 B",
    route: "inproc",
    size: 64,
    warmUp: 40_000,
    count: 20_000,
    unit: "us",
    quick: true,
    goals: atMost("sprocket", { "zeromq.js": 0.05, "nng C": 0.02, "libzmq C": 0.05 }),
  },
  ...[false, true].flatMap((back) => {
    const way = back ? "listener to dialer" : "dialer to listener";
    return [
      {
        name: "w6",
        title: `pair, ws, ${way}, 64 B`,
        route: "ws",
        size: 64,
        warmUp: 1_000_000,
        count: 1_000_000,
        back,
        unit: "msg/s",
        quick: !back,
        goals: atLeast("sprocket try", { ws: 6, "nng C aio": 30 }),
      },
      {
        name: "w6",
        title: `pair, ws, ${way}, 1 MiB`,
        route: "ws",
        size: MiB,
        warmUp: 500,
        count: 500,
        back,
        unit: "msg/s",
        quick: true,
        // Masks are what limits `ws`: the goal is against what it sends with them, whichever way we send.
        goals: atLeast("sprocket try", { ...(back ? { "ws masked": 5 } : { ws: 1 }), "nng C aio": 1 }),
      },
    ] satisfies Workload[];
  }),
  ...(
    [
      [64, 1_000_000],
      [16 * KiB, 30_000],
      [MiB, 500],
    ] as const
  ).map(
    ([size, count]): Workload => ({
      name: "tls",
      title: `pair, tls, ${sizeName(size)}`,
      route: "tls",
      size,
      warmUp: count / 2,
      count,
      unit: "msg/s",
      quick: false,
      goals: [],
    }),
  ),
  ...subscriberCounts.map((count) => publish("subscribers", count, [])),
  ...topicCounts.map(
    (topics): Workload => ({
      name: "topics",
      title: `1 subscriber with ${topics.toLocaleString("en")} topic${topics === 1 ? "" : "s"}, tcp, 64 B`,
      route: "tcp",
      size: 64,
      warmUp: 30_000,
      count: 150_000,
      peers: topics,
      go: 2,
      unit: "msg/s",
      quick: false,
      goals: [],
    }),
  ),
  {
    name: "loop",
    title: "a 5 ms timer beside a pair at full speed both ways, tcp, 64 B",
    route: "tcp",
    size: 64,
    // Ticks of the timer.
    warmUp: 40,
    count: 160,
    unit: "us",
    figure: "max",
    quick: true,
    goals: [{ ours: "sprocket try", of: "median", atMost: 50_000 }],
  },
];

export function sizeName(size: number): string {
  if (size < KiB) return `${size} B`;
  return size < MiB ? `${size / KiB} KiB` : `${size / MiB} MiB`;
}
