// What a command sees of the process it runs in. Commands take it as an argument, so that tests run them in-process and
// a command never ends the process by itself.

export interface Terminal {
  /** Settles once the bytes are handed over: the order of outputs is the order of calls. */
  write(output: string | Uint8Array): Promise<void>;
  /** One line on standard error. */
  complain(line: string): Promise<void>;
  /** Standard input to its end. */
  readInput(): Promise<Uint8Array>;
  /** Runs `cleanUp`, synchronously, when a signal is about to end the process. Returns how to take it back. */
  beforeInterrupt(cleanUp: () => void): () => void;
}
