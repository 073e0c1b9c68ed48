/** The server measures itself twice a second and publishes each measurement under its topic. */
import { type IntervalHistogram, monitorEventLoopDelay } from "node:perf_hooks";
import { Pub0 } from "@sprocket/pubsub";
import {
  formatSample,
  MEASURE_EVERY,
  METRIC_NAMES,
  type Metric,
  REMEMBERED,
  type Sample,
} from "../shared/metrics.js";
import { PATHS } from "../shared/paths.js";
import { type Person, PRESENCE_TOPIC } from "../shared/presence.js";
import type { Ground } from "./ground.js";

/** ms; of the histogram, which counts it as delay. */
const RESOLUTION = 10;

export class Metrics {
  readonly #ground: Ground;
  readonly #pub: Pub0;
  readonly #loop: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION });
  readonly #samples: Record<Metric, Sample[]> = { loop: [], cpu: [], memory: [], messages: [], pipes: [] };
  #timer: NodeJS.Timeout | undefined;
  #then = performance.now();
  #cpu = process.cpuUsage();
  /** Counted at the last two measurements. */
  #messages: readonly [number, number] = [0, 0];

  private constructor(ground: Ground) {
    this.#ground = ground;
    this.#pub = ground.keep(new Pub0({ ...ground.options("metrics"), receiveMaxSize: 64 }));
  }

  static async open(ground: Ground): Promise<Metrics> {
    const metrics = new Metrics(ground);
    await ground.listen(metrics.#pub, PATHS.metrics);
    metrics.#pub.addEventListener("closing", () => {
      clearInterval(metrics.#timer);
      metrics.#loop.disable();
    });
    return metrics;
  }

  /** Once everything is up: the start itself is no measurement. */
  start(): void {
    this.#then = performance.now();
    this.#cpu = process.cpuUsage();
    this.#loop.enable();
    this.#timer = setInterval(() => this.#measure(), MEASURE_EVERY);
  }

  get samples(): Readonly<Record<Metric, readonly Sample[]>> {
    return this.#samples;
  }

  tellPresence(people: readonly Person[]): void {
    if (!this.#pub.closed) this.#pub.trySend(PRESENCE_TOPIC + JSON.stringify(people));
  }

  #measure(): void {
    const at = Date.now();
    const now = performance.now();
    const seconds = Math.max(0.001, (now - this.#then) / 1_000);
    this.#then = now;
    const cpu = process.cpuUsage(this.#cpu);
    this.#cpu = process.cpuUsage();
    const loop = this.#loop.max / 1e6 - RESOLUTION;
    this.#loop.reset();
    let messages = 0;
    let pipes = 0;
    for (const socket of this.#ground.sockets) {
      const { sentMessages, receivedMessages, pipes: open } = socket.stats();
      messages += sentMessages + receivedMessages;
      pipes += open.length;
    }
    const values: Record<Metric, number> = {
      loop: Math.max(0, Number.isFinite(loop) ? loop : 0),
      cpu: (cpu.user + cpu.system) / 10_000 / seconds,
      memory: process.memoryUsage().heapUsed / 1024 / 1024,
      // Over two of them, as the survey goes round in a second.
      messages: (messages - this.#messages[0]) / seconds / 2,
      pipes,
    };
    this.#messages = [this.#messages[1], messages];
    for (const metric of METRIC_NAMES) {
      const sample = { at, value: Math.round(values[metric] * 100) / 100 };
      const samples = this.#samples[metric];
      samples.push(sample);
      while (samples.length > REMEMBERED / MEASURE_EVERY) samples.shift();
      this.#pub.trySend(formatSample(metric, sample));
    }
  }
}
