/** The measurements: each is published as `<topic> <JSON>`, so that a topic is a prefix and a shell can read it. */

export const METRICS = {
  loop: { title: "Event loop delay", unit: "ms", digits: 1, least: 5 },
  cpu: { title: "Processor", unit: "%", digits: 0, least: 25 },
  memory: { title: "Memory in use", unit: "MiB", digits: 1, least: 16 },
  messages: { title: "Messages", unit: "/s", digits: 0, least: 20 },
  pipes: { title: "Open pipes", unit: "", digits: 0, least: 10 },
} as const satisfies Record<
  string,
  {
    title: string;
    unit: string;
    /** Behind the decimal point. */
    digits: number;
    /** The scale of a chart shows at least so much, so that noise does not look like mountains. */
    least: number;
  }
>;

export type Metric = keyof typeof METRICS;
export const METRIC_NAMES = Object.keys(METRICS) as readonly Metric[];

/** ms from one measurement to the next. */
export const MEASURE_EVERY = 500;
/** ms that a chart shows, and that the server remembers for those who come late. */
export const REMEMBERED = 60_000;

export interface Sample {
  /** `Date.now()` of the server. */
  readonly at: number;
  readonly value: number;
}

export function formatSample(metric: Metric, sample: Sample): string {
  return `${topicOf(metric)}${JSON.stringify({ ...sample, unit: METRICS[metric].unit })}`;
}

/** The space belongs to it: a topic is a prefix, and no name must be the beginning of another. */
export function topicOf(metric: Metric): string {
  return `${metric} `;
}

export function parseSample(text: string): { metric: Metric; sample: Sample } | undefined {
  const [, metric, json] = /^(\w+) (.*)$/s.exec(text) ?? [];
  if (metric === undefined || json === undefined || !Object.hasOwn(METRICS, metric)) return undefined;
  try {
    const { at, value } = JSON.parse(json) as Sample;
    return Number.isFinite(at) && Number.isFinite(value)
      ? { metric: metric as Metric, sample: { at, value } }
      : undefined;
  } catch {
    return undefined;
  }
}
