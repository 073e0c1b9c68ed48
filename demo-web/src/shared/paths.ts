/** One path for each socket of the server; what is dialled there is its counterpart. */
export const PATHS = {
  /** RawBus0, a hub; tabs dial with Bus0. */
  chat: "/chat",
  /** Surveyor0; tabs answer with Respondent0. */
  presence: "/presence",
  /** Pub0: measurements, and who is here. */
  metrics: "/metrics",
  /** RawRep0 in front of a pool of Rep0 workers. */
  ask: "/ask",
  /** Rep0 of the server itself: what a tab that comes late has missed. */
  desk: "/desk",
  /** Push0: tiles to compute. */
  jobs: "/jobs",
  /** Pull0: tiles that are done. */
  results: "/results",
  /** Pub0: the picture as it grows. */
  picture: "/picture",
  /** Pair0: the private line to the terminal. */
  line: "/line",
} as const;

export type Place = keyof typeof PATHS;
