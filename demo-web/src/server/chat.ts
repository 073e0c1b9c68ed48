/**
 * The chat. A Bus0 hears its direct peers only, so tabs do not dial each other but a hub: one RawBus0 alone in a device,
 * which reflects each message to all but its sender. The terminal is one more peer of it, without a network.
 */
import { Bus0, RawBus0 } from "@sprocket/bus";
import { device } from "@sprocket/core";
import { type ChatLine, formatLine, parseLine } from "../shared/chat.js";
import type { Welcome } from "../shared/desk.js";
import { PATHS } from "../shared/paths.js";
import type { Ground } from "./ground.js";

const INSIDE = "inproc://demo-web/chat";
/** Lines for those who come late. */
const REMEMBERED = 50;

export class Chat {
  readonly #hub: RawBus0;
  readonly #terminal: Bus0;
  readonly #lines: { readonly at: number; readonly text: string }[] = [];
  #forwarding: Promise<void> = Promise.resolve();

  private constructor(ground: Ground) {
    // A chat line is short; whoever sends more than this is disconnected.
    this.#hub = ground.keep(
      new RawBus0({ ...ground.options("chat hub"), receiveMaxSize: 8_192, receiveBufferSize: 256 }),
    );
    this.#terminal = ground.keep(new Bus0({ name: "terminal", receiveBufferSize: 256 }));
  }

  static async open(ground: Ground, onLine: (line: ChatLine) => void): Promise<Chat> {
    const chat = new Chat(ground);
    await chat.#hub.listen(INSIDE);
    await ground.listen(chat.#hub, PATHS.chat);
    chat.#forwarding = device(chat.#hub, undefined, {
      onMessage: (message) => chat.#remember(message.text()),
    });
    await chat.#terminal.dial(INSIDE);
    void chat.#listen(onLine);
    return chat;
  }

  get lines(): Welcome["chat"] {
    return this.#lines;
  }

  /** The terminal says something. */
  async say(words: string): Promise<void> {
    await this.#terminal.send(formatLine({ from: "terminal", words }));
  }

  /** Resolves when the hub has been closed. */
  ended(): Promise<void> {
    return this.#forwarding;
  }

  #remember(text: string): void {
    if (parseLine(text) === undefined) return;
    this.#lines.push({ at: Date.now(), text });
    if (this.#lines.length > REMEMBERED) this.#lines.shift();
  }

  async #listen(onLine: (line: ChatLine) => void): Promise<void> {
    for await (const message of this.#terminal.messages()) {
      const line = parseLine(message.text());
      if (line !== undefined) onLine(line);
    }
  }
}
