/**
 * The private line: a Pair0 has one peer at a time. The first tab that dials has it, the others are refused and try
 * again until it is free.
 */
import { Pair0 } from "@sprocket/pair";
import { cleanWords } from "../shared/chat.js";
import { PATHS } from "../shared/paths.js";
import type { Ground } from "./ground.js";

/** The first words on the line. A tab that was refused has seen its connection open, too, but never hears this. */
const GREETING = "You have the line.";

export interface LineEvents {
  readonly onWords: (words: string) => void;
  readonly onPickedUp: () => void;
  readonly onHungUp: () => void;
}

export class Line {
  readonly #pair: Pair0;

  private constructor(ground: Ground) {
    this.#pair = ground.keep(
      new Pair0({
        ...ground.options("line"),
        receiveMaxSize: 8_192,
        receiveBufferSize: 32,
        sendBufferSize: 1,
      }),
    );
  }

  static async open(ground: Ground, events: LineEvents): Promise<Line> {
    const line = new Line(ground);
    line.#pair.addEventListener("pipeopen", () => {
      line.#pair.trySend(GREETING);
      events.onPickedUp();
    });
    line.#pair.addEventListener("pipeclose", events.onHungUp);
    await ground.listen(line.#pair, PATHS.line);
    void line.#listen(events.onWords);
    return line;
  }

  /** False: nobody has picked up, or does not listen. */
  say(words: string): boolean {
    return this.#pair.pipes.size > 0 && this.#pair.trySend(cleanWords(words));
  }

  async #listen(onWords: (words: string) => void): Promise<void> {
    for await (const message of this.#pair.messages()) {
      const words = cleanWords(message.text());
      if (words !== "") onWords(words);
    }
  }
}
