/**
 * The private line: a Pair0. The server takes one peer and refuses the others, whose connection opens and closes again: so
 * the line is ours when the terminal's first words have come, not before.
 */
import { Pair0 } from "@sprocket/pair";
import { cleanWords } from "../shared/chat.js";
import { find, setText, within } from "./dom.js";
import { Link, type LinkReport, socketOptions, urlOf } from "./link.js";
import { Log } from "./log.js";
import type { Me } from "./me.js";

/** ms: who was refused asks less often. */
const PATIENT = { reconnectTimeMin: 2_000, reconnectTimeMax: 6_000 };

export class LinePanel {
  readonly #log = new Log(find("line-log", HTMLElement));
  readonly #button = find("line-switch", HTMLButtonElement);
  readonly #input = find("line-words", HTMLInputElement);
  readonly #state = find("line-state", HTMLElement);
  readonly #me: Me;
  readonly #changed: () => void;
  #link: Link<Pair0> | undefined;
  #ours = false;
  /** The other side has closed on us before: somebody else has the line. */
  #refused = false;

  constructor(me: Me, changed: () => void) {
    this.#me = me;
    this.#changed = changed;
    this.#button.addEventListener("click", () => {
      if (this.#link === undefined) this.#pickUp();
      else void this.#hangUp();
    });
    find("line-form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#say();
    });
    this.#pickUp();
  }

  report(): LinkReport {
    return (
      this.#link?.report() ?? {
        place: "line",
        kind: "Pair0",
        url: urlOf("line"),
        state: "off",
        retryAt: 0,
        stats: undefined,
      }
    );
  }

  /** Somebody else has it. */
  get busy(): boolean {
    return this.#refused && !this.#ours && this.#link !== undefined;
  }

  /** The server has gone: whoever had the line has it no more. */
  serverGone(): void {
    this.#refused = false;
    this.#show();
  }

  #pickUp(): void {
    const pair = new Pair0({ ...socketOptions("line"), receiveBufferSize: 32, ...PATIENT });
    const link = new Link("Pair0", "line", pair, () => this.#show());
    this.#link = link;
    pair.addEventListener("pipeclose", () => {
      this.#refused = !this.#ours;
      if (this.#ours) this.#log.note("The line is dead.");
      this.#ours = false;
      this.#show();
    });
    pair.addEventListener("connecterror", () => {
      // Nobody at all: that is not busy.
      this.#refused = false;
      this.#show();
    });
    this.#show();
    void this.#listen(pair);
  }

  async #hangUp(): Promise<void> {
    const link = this.#link;
    this.#link = undefined;
    this.#ours = false;
    this.#refused = false;
    this.#show();
    await link?.socket.close();
    this.#show();
  }

  async #listen(pair: Pair0): Promise<void> {
    for await (const message of pair.messages()) {
      if (pair !== this.#link?.socket) return;
      if (!this.#ours) {
        this.#ours = true;
        this.#refused = false;
        this.#show();
      }
      this.#log.add({ from: "terminal", words: message.text() });
    }
  }

  async #say(): Promise<void> {
    const words = cleanWords(this.#input.value);
    if (words === "") return;
    if (!this.#ours || this.#link?.socket.trySend(words) !== true) {
      this.#log.note("Not sent: the line is not yours at the moment.");
      return;
    }
    this.#log.add({ from: this.#me.name, words, mine: true });
    this.#input.value = "";
  }

  #show(): void {
    const [state, text] =
      this.#link === undefined
        ? (["off", "Hung up"] as const)
        : this.#ours
          ? (["connected", "The line is yours"] as const)
          : this.#refused
            ? (["waiting", "Busy: another tab has the line"] as const)
            : (["connecting", "Ringing"] as const);
    setText(this.#state, text);
    within(find("line", HTMLElement), ".line-state").dataset.state = state;
    setText(this.#button, this.#link === undefined ? "Pick up" : "Hang up");
    this.#changed();
  }
}
