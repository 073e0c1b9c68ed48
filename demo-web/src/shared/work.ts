/** What can be asked of the workers. */

export const TASKS = ["sha256", "words", "reverse"] as const;
export type Task = (typeof TASKS)[number];

/** Longest pause that a worker can be asked for, in ms. */
export const DELAY_MAX = 5_000;

export interface Question {
  readonly task: Task;
  readonly text: string;
  /** ms that the worker takes its time, to see timeouts. */
  readonly delay: number;
}

export interface Answer {
  readonly worker: string;
  readonly result: string;
  /** ms in the worker. */
  readonly took: number;
}
