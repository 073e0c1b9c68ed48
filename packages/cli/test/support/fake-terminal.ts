// A terminal that remembers, so that commands run in-process and their output can be compared.

import type { Terminal } from "../../src/terminal.js";

export class FakeTerminal implements Terminal {
  readonly #input: Uint8Array;
  readonly #output: Uint8Array[] = [];
  readonly complaints: string[] = [];
  readonly cleanUps = new Set<() => void>();

  constructor(input: string | Uint8Array = "") {
    this.#input = Buffer.from(input);
  }

  get output(): Buffer {
    return Buffer.concat(this.#output);
  }

  async write(output: string | Uint8Array): Promise<void> {
    this.#output.push(Buffer.from(output));
  }

  async complain(line: string): Promise<void> {
    this.complaints.push(line);
  }

  async readInput(): Promise<Uint8Array> {
    return this.#input;
  }

  beforeInterrupt(cleanUp: () => void): () => void {
    this.cleanUps.add(cleanUp);
    return () => this.cleanUps.delete(cleanUp);
  }
}
