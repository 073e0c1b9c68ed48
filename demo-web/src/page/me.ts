/** Who this tab is: an id for its life, and a name that the viewer can change. */
import { cleanName } from "../shared/chat.js";
import { find } from "./dom.js";

const QUALITIES = ["brisk", "calm", "copper", "early", "quiet", "round", "steel", "swift", "tall", "wide"];
const THINGS = [
  "axle",
  "bolt",
  "chain",
  "cog",
  "crank",
  "hinge",
  "lever",
  "pedal",
  "piston",
  "pulley",
  "spoke",
  "valve",
];
const KEY = "name";

export class Me {
  readonly id: string = randomId();
  #name: string;
  readonly #listeners: (() => void)[] = [];

  constructor() {
    const input = find("my-name", HTMLInputElement);
    this.#name = remembered() ?? `${pick(QUALITIES)} ${pick(THINGS)}`;
    input.value = this.#name;
    const take = (): void => {
      const name = cleanName(input.value);
      if (name !== "" && name !== this.#name) {
        this.#name = name;
        remember(name);
        for (const listener of this.#listeners) listener();
      }
      input.value = this.#name;
    };
    input.addEventListener("change", take);
    find("me", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      take();
      input.blur();
    });
  }

  get name(): string {
    return this.#name;
  }

  onRename(listener: () => void): void {
    this.#listeners.push(listener);
  }
}

function pick(from: readonly string[]): string {
  return from[Math.floor(Math.random() * from.length)] as string;
}

/** `crypto.randomUUID` needs a secure context, which a plain http address in the local network is not. */
function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}

/** Of this tab: another one is another person. */
function remembered(): string | undefined {
  try {
    return cleanName(sessionStorage.getItem(KEY) ?? "") || undefined;
  } catch {
    return undefined;
  }
}

function remember(name: string): void {
  try {
    sessionStorage.setItem(KEY, name);
  } catch {
    // Without storage the name lasts as long as the page.
  }
}
