/** The terminal takes part: lines that are typed go to the chat, lines of the others appear above the prompt. */
import { createInterface, type Interface } from "node:readline";

export interface TerminalEvents {
  readonly onLine: (line: string) => void;
  /** Ctrl-C at the prompt. */
  readonly onInterrupt: () => void;
}

export class Terminal {
  readonly #interface: Interface;
  readonly #prompts: boolean = process.stdin.isTTY === true && process.stdout.isTTY === true;
  #closed = false;

  constructor({ onLine, onInterrupt }: TerminalEvents) {
    this.#interface = createInterface({
      input: process.stdin,
      ...(this.#prompts ? { output: process.stdout, prompt: "> " } : {}),
    });
    this.#interface.on("line", (line) => {
      if (line.trim() !== "") onLine(line.trim());
      this.#prompt();
    });
    this.#prompt();
    this.#interface.on("SIGINT", onInterrupt);
    // The end of the input, as in `demo:web < /dev/null`, ends nothing: the page goes on.
    this.#interface.on("close", () => {
      this.#closed = true;
    });
  }

  /** Prints above what is being typed. */
  print(text: string): void {
    if (this.#prompts && !this.#closed) process.stdout.write("\r\u001b[K");
    console.log(text);
    this.#prompt();
  }

  close(): void {
    if (this.#prompts && !this.#closed) process.stdout.write("\r\u001b[K");
    this.#interface.close();
    process.stdin.unref?.();
  }

  #prompt(): void {
    if (this.#prompts && !this.#closed) this.#interface.prompt(true);
  }
}
