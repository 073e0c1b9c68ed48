/** A list of what was said, which stays at its end unless the viewer has scrolled up. */

import { clockOf, make, within } from "./dom.js";
import { hueOf } from "./hue.js";

/** Lines that stay on the page. */
const KEPT = 200;
/** Pixels from the end that still count as the end. */
const NEAR = 40;

export class Log {
  readonly #box: HTMLElement;
  readonly #list: HTMLElement;
  readonly #empty: HTMLElement;

  constructor(box: HTMLElement) {
    this.#box = box;
    this.#list = within(box, "ol");
    this.#empty = within(box, ".empty");
  }

  add(line: { from: string; words: string; at?: number; mine?: boolean }): void {
    const { from, words, at = Date.now(), mine = false } = line;
    this.#append(
      make(
        "li",
        { class: mine ? "said mine" : "said", "data-hue": hueOf(from) },
        make("span", { class: "who" }, mine ? `${from} (you)` : from),
        make("time", { datetime: new Date(at).toISOString() }, clockOf(at)),
        make("span", { class: "words" }, words),
      ),
    );
  }

  /** Something that nobody said. */
  note(text: string): void {
    this.#append(make("li", { class: "note" }, text));
  }

  clear(): void {
    this.#list.replaceChildren();
    this.#empty.hidden = false;
  }

  #append(item: HTMLElement): void {
    const box = this.#box;
    const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
    this.#empty.hidden = true;
    this.#list.append(item);
    while (this.#list.childElementCount > KEPT) this.#list.firstElementChild?.remove();
    if (atEnd) box.scrollTop = box.scrollHeight;
  }
}
