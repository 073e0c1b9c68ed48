/** The measurements: a Sub0, and a switch for each topic that really subscribes and unsubscribes. */
import { Sub0 } from "@sprocket/pubsub";
import type { Welcome } from "../shared/desk.js";
import {
  MEASURE_EVERY,
  METRIC_NAMES,
  METRICS,
  type Metric,
  parseSample,
  type Sample,
  topicOf,
} from "../shared/metrics.js";
import { type Person, PRESENCE_TOPIC } from "../shared/presence.js";
import { Chart } from "./chart.js";
import { find, make, setText } from "./dom.js";
import { Link, socketOptions } from "./link.js";

/** ms between two texts for those who do not see the curves. */
const DESCRIBE_EVERY = 5_000;

export class MetricsPanel {
  readonly link: Link<Sub0>;
  readonly #lanes = new Map<Metric, Lane>();
  readonly #onPeople: (people: readonly Person[]) => void;
  /** Our clock minus the server's. */
  #ahead = 0;
  #described = 0;

  constructor(onPeople: (people: readonly Person[]) => void, changed: () => void) {
    this.#onPeople = onPeople;
    const sub = new Sub0({ ...socketOptions("metrics"), topics: PRESENCE_TOPIC });
    this.link = new Link("Sub0", "metrics", sub, changed);
    const box = find("lanes", HTMLElement);
    const table = find("numbers", HTMLElement);
    for (const metric of METRIC_NAMES) {
      const lane = new Lane(metric, (on) => {
        if (on) sub.subscribe(topicOf(metric));
        else sub.unsubscribe(topicOf(metric));
      });
      sub.subscribe(topicOf(metric));
      this.#lanes.set(metric, lane);
      box.append(lane.element);
      table.append(lane.row);
    }
    this.#pointAt(box);
    void this.#listen();
  }

  /** The last minute, for a tab that has just come. */
  welcome({ metrics, now }: Welcome): void {
    this.#ahead = Date.now() - now;
    for (const [metric, lane] of this.#lanes)
      lane.remember(metrics[metric].map((sample) => this.#translate(sample)));
    this.#describe();
  }

  /** Time goes on, also for what is not received. */
  tick(): void {
    const connected = this.link.state === "connected";
    for (const lane of this.#lanes.values()) lane.tick(connected);
  }

  async #listen(): Promise<void> {
    for await (const message of this.link.socket.messages()) {
      const text = message.text();
      if (text.startsWith(PRESENCE_TOPIC)) {
        this.#onPeople(JSON.parse(text.slice(PRESENCE_TOPIC.length)) as Person[]);
        continue;
      }
      const parsed = parseSample(text);
      if (parsed === undefined) continue;
      const sample = this.#translate(parsed.sample);
      this.#lanes.get(parsed.metric)?.add(sample);
      if (sample.at - this.#described > DESCRIBE_EVERY) this.#describe();
    }
  }

  #describe(): void {
    this.#described = Date.now();
    for (const lane of this.#lanes.values()) lane.describe();
  }

  #translate({ at, value }: Sample): Sample {
    return { at: at + this.#ahead, value };
  }

  /** A line across all curves where the pointer is. */
  #pointAt(box: HTMLElement): void {
    box.addEventListener("pointermove", (event) => {
      const chart = [...this.#lanes.values()][0]?.chart.svg.getBoundingClientRect();
      if (chart === undefined) return;
      const part = (event.clientX - chart.left) / chart.width;
      const inside = part >= 0 && part <= 1 && event.pointerType === "mouse";
      for (const lane of this.#lanes.values()) lane.point(inside ? part : undefined);
    });
    box.addEventListener("pointerleave", () => {
      for (const lane of this.#lanes.values()) lane.point(undefined);
    });
  }
}

/** One measurement: its switch, its curve, its value, its row in the table. */
class Lane {
  readonly element: HTMLElement;
  readonly row: HTMLElement;
  readonly chart: Chart;
  readonly #metric: Metric;
  readonly #value = make("output", { class: "lane-value" }, "–");
  readonly #when = make("span", { class: "lane-when" });
  readonly #top = make("span");
  readonly #count = make("span", { class: "lane-count" });
  readonly #cells: readonly HTMLElement[];
  #received = 0;
  #on = true;
  #connected = false;
  #pointed = false;

  constructor(metric: Metric, onSwitch: (on: boolean) => void) {
    const { title, least } = METRICS[metric];
    this.#metric = metric;
    this.chart = new Chart(least);
    const input = make("input", { type: "checkbox", role: "switch", checked: true, id: `topic-${metric}` });
    input.addEventListener("change", () => {
      this.#on = input.checked;
      this.element.classList.toggle("off", !this.#on);
      onSwitch(this.#on);
      this.#show();
    });
    // The reader of a screen gets the numbers when it wants them, not twice a second.
    this.#value.setAttribute("aria-live", "off");
    this.#value.setAttribute("for", input.id);
    this.element = make(
      "div",
      { class: "lane", "data-topic": metric },
      make(
        "div",
        { class: "lane-name" },
        make("label", { class: "switch" }, input, make("span", {}, title)),
        this.#count,
      ),
      make(
        "div",
        { class: "lane-chart" },
        make("span", { class: "lane-scale", "aria-hidden": "true" }, this.#top, make("span", {}, "0")),
        this.chart.svg,
      ),
      make("div", { class: "lane-now" }, this.#value, this.#when),
    );
    this.#cells = [0, 1, 2, 3].map(() => make("td", {}, "–"));
    this.row = make("tr", {}, make("th", { scope: "row" }, title), ...this.#cells);
    this.#show();
  }

  remember(samples: readonly Sample[]): void {
    this.chart.replace(samples, Date.now());
    this.#show();
  }

  add(sample: Sample): void {
    this.#received++;
    this.chart.add(sample);
    this.chart.draw(sample.at);
    this.#show();
  }

  tick(connected: boolean): void {
    const quiet = Date.now() - (this.chart.samples.at(-1)?.at ?? 0) > MEASURE_EVERY * 1.5;
    this.#connected = connected;
    if (quiet) this.chart.draw(Date.now());
    this.#show();
  }

  point(part: number | undefined): void {
    const sample = this.chart.point(part);
    this.#pointed = part !== undefined;
    if (part === undefined) {
      setText(this.#when, "");
      this.#show();
      return;
    }
    setText(this.#value, sample === undefined ? "–" : this.#format(sample.value));
    setText(this.#when, sample === undefined ? "" : `${Math.round((1 - part) * 60)} s ago`);
  }

  /** For those who do not see the curve. */
  describe(): void {
    const values = this.chart.samples.map(({ value }) => value);
    const now = values.at(-1);
    const { title } = METRICS[this.#metric];
    const texts =
      now === undefined
        ? undefined
        : [
            now,
            Math.min(...values),
            values.reduce((sum, value) => sum + value, 0) / values.length,
            Math.max(...values),
          ].map((value) => this.#format(value));
    this.#cells.forEach((cell, at) => {
      setText(cell, texts?.[at] ?? "–");
    });
    const [latest, least, mean, most] = texts ?? [];
    this.chart.svg.setAttribute(
      "aria-label",
      texts === undefined
        ? `${title}: nothing measured yet`
        : `${title} in the last minute: ${latest} now, between ${least} and ${most}, ${mean} on average${this.#on ? "" : "; not subscribed any more"}`,
    );
  }

  #show(): void {
    if (!this.#pointed) {
      const latest = this.chart.samples.at(-1);
      setText(
        this.#value,
        this.#on && this.#connected && latest !== undefined ? this.#format(latest.value) : "–",
      );
    }
    setText(this.#top, this.#format(this.chart.most, Number.isInteger(this.chart.most) ? 0 : 1));
    setText(this.#count, `${this.#received} ${this.#on ? "received" : "unsubscribed"}`);
  }

  #format(value: number, digits: number = METRICS[this.#metric].digits): string {
    const { unit } = METRICS[this.#metric];
    const behind = value < 100 ? digits : 0;
    const number = value.toLocaleString("en", {
      minimumFractionDigits: behind,
      maximumFractionDigits: behind,
    });
    return unit === ""
      ? number
      : unit === "%" || unit === "/s"
        ? `${number}\u2009${unit}`
        : `${number} ${unit}`;
  }
}
