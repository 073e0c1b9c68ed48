/** All sockets of this tab at a glance: the patterns in the band, the table, and one word for all of it. */
import { PATHS, type Place } from "../shared/paths.js";
import { find, isCalm, make, setText, within } from "./dom.js";
import type { LinkReport, LinkState } from "./link.js";

const PATTERNS: Readonly<Record<string, readonly Place[]>> = {
  bus: ["chat"],
  survey: ["presence"],
  pubsub: ["metrics", "picture"],
  reqrep: ["ask", "desk"],
  pipeline: ["jobs", "results"],
  pair: ["line"],
};
const ORDER = Object.keys(PATHS) as Place[];

export class Switchboard {
  readonly #reports: () => readonly LinkReport[];
  /** Somebody else has the private line: that is no fault. */
  readonly #lineBusy: () => boolean;
  readonly #tiles = new Map<string, Tile>();
  readonly #rows = new Map<Place, Row>();
  readonly #status = find("status", HTMLElement);
  /** For those who hear the page: what has changed, and no countdown. */
  readonly #said = find("status-said", HTMLElement);
  #connected: boolean | undefined;

  constructor(reports: () => readonly LinkReport[], lineBusy: () => boolean) {
    this.#reports = reports;
    this.#lineBusy = lineBusy;
    for (const name of Object.keys(PATTERNS))
      this.#tiles.set(name, new Tile(within(document, `[data-pattern=${name}]`)));
    const body = find("socket-rows", HTMLElement);
    for (const place of ORDER) {
      const row = new Row(place);
      this.#rows.set(place, row);
      body.append(row.element);
    }
  }

  show(): void {
    const reports = new Map(this.#reports().map((report) => [report.place, report]));
    for (const [name, places] of Object.entries(PATTERNS)) {
      const of = places.flatMap((place) => reports.get(place) ?? []);
      this.#tiles.get(name)?.show(of, name === "pair" && this.#lineBusy());
    }
    for (const [place, row] of this.#rows) {
      const report = reports.get(place);
      if (report !== undefined) row.show(report, place === "line" && this.#lineBusy());
    }
    this.#overall([...reports.values()].filter(({ place }) => place !== "line"));
  }

  #overall(reports: readonly LinkReport[]): void {
    const state = worst(reports);
    const retryAt = soonest(reports);
    setText(
      this.#status,
      state === "connected"
        ? "Connected"
        : state === "waiting"
          ? `Retrying in ${seconds(retryAt)}`
          : "Connecting",
    );
    const connected = state === "connected";
    if (connected !== this.#connected && (connected || this.#connected === true)) {
      this.#connected = connected;
      setText(this.#said, connected ? "Connected to the server" : "The connection is lost; trying again");
    }
    const box = this.#status.parentElement as HTMLElement;
    box.dataset.state = state;
  }
}

/** One pattern in the band. */
class Tile {
  readonly #element: HTMLElement;
  readonly #state: HTMLElement;
  readonly #count: HTMLElement;
  readonly #glyph: SVGElement;
  #messages = 0;

  constructor(element: HTMLElement) {
    this.#element = element;
    this.#state = within(element, ".pattern-state");
    this.#count = within(element, ".pattern-count");
    this.#glyph = within<SVGElement>(element, ".glyph");
  }

  show(reports: readonly LinkReport[], busy: boolean): void {
    const state = worst(reports);
    this.#element.dataset.state = busy ? "busy" : state;
    setText(this.#state, busy ? "Busy" : describe(state, soonest(reports)));
    let sent = 0;
    let received = 0;
    for (const { stats } of reports) {
      sent += stats?.sentMessages ?? 0;
      received += stats?.receivedMessages ?? 0;
    }
    setText(this.#count, `${short(sent)} out, ${short(received)} in`);
    if (sent + received > this.#messages && this.#messages > 0 && !isCalm()) {
      this.#glyph.animate([{ opacity: 0.55 }, { opacity: 1 }], { duration: 400, easing: "ease-out" });
    }
    this.#messages = sent + received;
  }
}

/** One socket in the table. */
class Row {
  readonly element: HTMLElement;
  readonly #kind = make("th", { scope: "row" }, "…");
  readonly #lamp = make("span", { class: "row-state", "data-state": "connecting" });
  readonly #cells: Record<"pipe" | "sent" | "received" | "dropped" | "connects", HTMLElement>;

  constructor(place: Place) {
    const number = (label: string): HTMLElement => make("td", { class: "number", "data-label": label }, "–");
    this.#cells = {
      pipe: number("Pipe"),
      sent: number("Sent"),
      received: number("Received"),
      dropped: number("Dropped"),
      connects: number("Connected"),
    };
    this.element = make(
      "tr",
      {},
      this.#kind,
      make("td", { class: "address" }, PATHS[place]),
      make("td", { class: "state" }, this.#lamp),
      ...Object.values(this.#cells),
    );
  }

  show({ kind, state, retryAt, stats }: LinkReport, busy: boolean): void {
    setText(this.#kind, kind);
    this.#lamp.dataset.state = busy ? "busy" : state;
    setText(this.#lamp, busy ? "Busy" : describe(state, retryAt));
    const { pipe, sent, received, dropped, connects } = this.#cells;
    setText(pipe, stats?.pipes[0] === undefined ? "–" : stats.pipes[0].id.toString(16));
    setText(sent, stats === undefined ? "–" : amount(stats.sentMessages, stats.sentBytes));
    setText(received, stats === undefined ? "–" : amount(stats.receivedMessages, stats.receivedBytes));
    setText(dropped, stats === undefined ? "–" : String(sum(Object.values(stats.drops))));
    setText(connects, stats === undefined ? "–" : `${sum(stats.dialers.map((dialer) => dialer.connects))}×`);
  }
}

function describe(state: LinkState, retryAt: number): string {
  switch (state) {
    case "connected":
      return "Connected";
    case "connecting":
      return "Connecting";
    case "waiting":
      return `Retry in ${seconds(retryAt)}`;
    case "off":
      return "Off";
  }
}

/** What has to be said about several. */
function worst(reports: readonly LinkReport[]): LinkState {
  const states = new Set(reports.map(({ state }) => state));
  for (const state of ["waiting", "connecting", "connected"] as const) if (states.has(state)) return state;
  return "off";
}

function soonest(reports: readonly LinkReport[]): number {
  return Math.min(...reports.filter(({ state }) => state === "waiting").map(({ retryAt }) => retryAt));
}

function seconds(at: number): string {
  return `${Math.max(1, Math.ceil((at - Date.now()) / 1_000))} s`;
}

function sum(numbers: readonly (number | undefined)[]): number {
  return numbers.reduce<number>((total, number) => total + (number ?? 0), 0);
}

function short(count: number): string {
  return count < 10_000 ? String(count) : `${(count / 1_000).toFixed(1)}k`;
}

function amount(messages: number, bytes: number): string {
  const size =
    bytes < 1_024
      ? `${bytes} B`
      : bytes < 1_048_576
        ? `${(bytes / 1_024).toFixed(1)} KiB`
        : `${(bytes / 1_048_576).toFixed(1)} MiB`;
  return `${messages.toLocaleString("en")} · ${size}`;
}
