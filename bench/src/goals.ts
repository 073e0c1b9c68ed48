/** What we want to reach, and whether a run has. */
import { digits, percent, short } from "./numbers.js";

/** A ratio of medians: ours divided by the peer's, of the same workload. */
export interface RatioGoal {
  /** By contender name. */
  readonly ours: string;
  readonly peer: string;
  readonly bound: "at least" | "at most";
  readonly ratio: number;
}

/** A number of ours alone. */
export interface LimitGoal {
  readonly ours: string;
  /** The median of the measured values, or the largest lost part of all rounds. */
  readonly of: "median" | "lost";
  readonly atMost: number;
}

export type Goal = RatioGoal | LimitGoal;

export interface Verdict {
  readonly text: string;
  readonly wanted: string;
  readonly measured: string;
  readonly reached: boolean;
}

/** What a goal needs to know of a contender's measurements. */
export interface Judged {
  readonly contender: string;
  readonly unit: string;
  readonly median: number;
  readonly lostMost?: number | undefined;
}

/** A ratio goal of one of ours for each peer: `atLeast("sprocket", { "zeromq.js": 15 })`. */
export function atLeast(ours: string, ratios: Readonly<Record<string, number>>): RatioGoal[] {
  return Object.entries(ratios).map(([peer, ratio]) => ({ ours, peer, bound: "at least", ratio }));
}

export function atMost(ours: string, ratios: Readonly<Record<string, number>>): RatioGoal[] {
  return Object.entries(ratios).map(([peer, ratio]) => ({ ours, peer, bound: "at most", ratio }));
}

/** undefined: one of the two was not measured. */
export function judge(goal: Goal, measured: readonly Judged[]): Verdict | undefined {
  const ours = measured.find(({ contender }) => contender === goal.ours);
  if (ours === undefined) return undefined;
  if ("peer" in goal) {
    const peer = measured.find(({ contender }) => contender === goal.peer);
    if (peer === undefined || peer.median === 0) return undefined;
    const ratio = ours.median / peer.median;
    return {
      text: `${goal.ours} / ${goal.peer}`,
      wanted: `${goal.bound} ${goal.ratio}x`,
      measured: `${digits(ratio)}x`,
      reached: goal.bound === "at least" ? ratio >= goal.ratio : ratio <= goal.ratio,
    };
  }
  const value = goal.of === "lost" ? ours.lostMost : ours.median;
  if (value === undefined) return undefined;
  const show = (number: number): string =>
    goal.of === "lost" ? `${percent(number)} lost` : `${short(number)} ${ours.unit}`;
  return {
    text: goal.ours,
    wanted: `at most ${show(goal.atMost)}`,
    measured: show(value),
    reached: value <= goal.atMost,
  };
}
