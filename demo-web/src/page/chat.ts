/** The chat: a Bus0 that dials the hub. A bus sends no echo, so what is said here is also shown here. */
import { Bus0 } from "@sprocket/bus";
import { cleanWords, formatLine, parseLine } from "../shared/chat.js";
import type { Welcome } from "../shared/desk.js";
import { find } from "./dom.js";
import { Link, socketOptions } from "./link.js";
import { Log } from "./log.js";
import type { Me } from "./me.js";

export class ChatPanel {
  readonly link: Link<Bus0>;
  readonly #log = new Log(find("chat-log", HTMLElement));
  readonly #me: Me;

  constructor(me: Me, changed: () => void) {
    this.#me = me;
    this.link = new Link(
      "Bus0",
      "chat",
      new Bus0({ ...socketOptions("chat"), receiveBufferSize: 256 }),
      changed,
    );
    find("chat-form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#say();
    });
    void this.#listen();
  }

  /** What was said before this tab came. Of a server that was started again there is nothing. */
  welcome({ chat }: Welcome, restarted: boolean): void {
    if (restarted) {
      this.#log.note("The server was started again.");
      return;
    }
    this.#log.clear();
    for (const { at, text } of chat) {
      const line = parseLine(text);
      if (line !== undefined) this.#log.add({ ...line, at });
    }
  }

  async #listen(): Promise<void> {
    for await (const message of this.link.socket.messages()) {
      const line = parseLine(message.text());
      if (line !== undefined) this.#log.add(line);
    }
  }

  async #say(): Promise<void> {
    const input = find("chat-words", HTMLInputElement);
    const words = cleanWords(input.value);
    if (words === "") return;
    if (this.link.state !== "connected") {
      // A bus forgets what is said to nobody: better to keep the words in the field.
      this.#log.note("Not sent: there is no connection at the moment.");
      return;
    }
    const from = this.#me.name;
    await this.link.socket.send(formatLine({ from, words }));
    this.#log.add({ from, words, mine: true });
    input.value = "";
  }
}
