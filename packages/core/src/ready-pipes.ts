/**
 * The pipes of a load-balancing protocol (PUSH, REQ) that can take a message, in round robin: the first one takes it and
 * goes to the end of the line; one that is full leaves the line until it is writable again (reference 4.0).
 */
import { Fifo } from "./fifo.js";
import type { ProtocolPipe } from "./protocol.js";

/** Whose turn it is among the pipes that can take a message. */
export class ReadyPipes<State> {
  readonly #line = new Fifo<ProtocolPipe<State>>();
  readonly #members = new Set<ProtocolPipe<State>>();

  get some(): boolean {
    return this.#members.size > 0;
  }

  /** A pipe came, or is writable again. */
  add(pipe: ProtocolPipe<State>): void {
    if (this.#members.has(pipe)) return;
    this.#members.add(pipe);
    this.#line.push(pipe);
  }

  /** A pipe has gone. */
  remove(pipe: ProtocolPipe<State>): void {
    if (!this.#members.delete(pipe)) return;
    for (let count = this.#line.length; count > 0; count--) {
      const other = this.#line.shift() as ProtocolPipe<State>;
      if (other !== pipe) this.#line.push(other);
    }
  }

  /** The pipe whose turn it is. Call `sent` with what its `send` answered. */
  next(): ProtocolPipe<State> | undefined {
    for (let pipe = this.#line.peek(); pipe !== undefined; pipe = this.#line.peek()) {
      if (pipe.writable) return pipe;
      this.#line.shift();
      this.#members.delete(pipe);
    }
    return undefined;
  }

  /** The first pipe took a message; `more`: it can take another. */
  sent(more: boolean): void {
    const pipe = this.#line.shift() as ProtocolPipe<State>;
    if (more) this.#line.push(pipe);
    else this.#members.delete(pipe);
  }

  clear(): void {
    this.#line.clear();
    this.#members.clear();
  }
}
