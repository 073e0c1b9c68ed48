/** Who is here. This tab answers the server's survey, and hears the result as a topic of the measurements. */
import { Respondent0 } from "@sprocket/survey";
import type { Person } from "../shared/presence.js";
import { find, make, setText } from "./dom.js";
import { hueOf } from "./hue.js";
import { Link, socketOptions } from "./link.js";
import type { Me } from "./me.js";

export class People {
  readonly link: Link<Respondent0>;
  readonly #list = find("people-list", HTMLElement);
  readonly #me: Me;
  #shown = "";

  constructor(me: Me, isComputing: () => boolean, changed: () => void) {
    this.#me = me;
    this.link = new Link("Respondent0", "presence", new Respondent0(socketOptions("presence")), changed);
    this.link.socket.serve(() =>
      JSON.stringify({ id: me.id, name: me.name, computing: isComputing() } satisfies Person),
    );
  }

  show(people: readonly Person[]): void {
    const text = JSON.stringify(people);
    if (text === this.#shown) return;
    this.#shown = text;
    this.#list.replaceChildren(...people.map((person) => this.#describe(person)));
    if (people.length === 0) this.#list.append(make("li", { class: "person ghost" }, "Nobody answers"));
  }

  /** Without a connection nobody knows. */
  unknown(): void {
    if (this.#shown === "") return;
    this.#shown = "";
    const ghost = make("li", { class: "person ghost" });
    setText(ghost, "Unknown while there is no connection");
    this.#list.replaceChildren(ghost);
  }

  #describe({ id, name }: Person): HTMLElement {
    const mine = id === this.#me.id;
    return make(
      "li",
      { class: mine ? "person mine" : "person", "data-hue": hueOf(name) },
      make("span", { class: "dot", "aria-hidden": "true" }),
      mine ? `${name} (you)` : name,
    );
  }
}
