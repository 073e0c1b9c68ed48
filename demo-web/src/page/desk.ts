/** The server's desk: asked after each new connection, for what this tab has missed. */
import { Req0 } from "@sprocket/reqrep";
import type { DeskQuestion, Welcome } from "../shared/desk.js";
import { Link, socketOptions } from "./link.js";

/** ms; then the next connection asks again. */
const PATIENCE = 5_000;

export interface DeskEvents {
  /** `restarted`: it is another server than before. */
  readonly onWelcome: (welcome: Welcome, restarted: boolean) => void;
  readonly onPicture: (snapshot: Uint8Array) => void;
}

export class Desk {
  readonly link: Link<Req0>;
  readonly #onPicture: DeskEvents["onPicture"];
  readonly #onWelcome: DeskEvents["onWelcome"];
  #server: string | undefined;
  #fetching = false;
  #again = false;

  constructor({ onWelcome, onPicture }: DeskEvents, changed: () => void) {
    this.link = new Link("Req0", "desk", new Req0(socketOptions("desk")), changed);
    this.#onPicture = onPicture;
    this.#onWelcome = onWelcome;
  }

  /** What was said and drawn so far. To be asked when everything that is said from then on is heard, or some is missed. */
  async catchUp(): Promise<void> {
    this.fetchPicture();
    const welcome = await this.#ask("welcome");
    if (welcome === undefined) return;
    const facts = JSON.parse(new TextDecoder().decode(welcome)) as Welcome;
    const restarted = this.#server !== undefined && this.#server !== facts.server;
    this.#server = facts.server;
    this.#onWelcome(facts, restarted);
  }

  /** However often it is called: one request at a time, and one more if it was called meanwhile. */
  fetchPicture(): void {
    this.#again = true;
    if (!this.#fetching) void this.#fetchPictures();
  }

  async #fetchPictures(): Promise<void> {
    this.#fetching = true;
    while (this.#again) {
      this.#again = false;
      const picture = await this.#ask("picture");
      if (picture !== undefined) this.#onPicture(picture);
    }
    this.#fetching = false;
  }

  draw(): void {
    void this.#ask("draw");
  }

  /** Undefined: no answer. The table of sockets shows why. */
  async #ask(question: DeskQuestion): Promise<Uint8Array | undefined> {
    try {
      return await this.link.socket.request(question, { timeout: PATIENCE });
    } catch {
      return undefined;
    }
  }
}
