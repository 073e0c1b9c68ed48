/** A host and pipes for parts of state machines: what they ask for is written down, and time is the test's. */
import type { DropReason } from "../../src/events.js";
import { Message } from "../../src/message.js";
import type { Operations, ProtocolHost, ProtocolInfo, ProtocolPipe } from "../../src/protocol.js";

interface Drop {
  readonly reason: DropReason;
  readonly bytes: number;
  readonly pipe: ProtocolPipe | undefined;
}

export class FakeHost implements ProtocolHost {
  readonly info = {} as ProtocolInfo;
  readonly options = {};
  readonly drops: Drop[] = [];
  /** What somebody who waits in receives has got; undefined: nobody waits. */
  reader: Message[] | undefined;
  time = 0;
  #next: (() => void)[] = [];

  setTimer(): { cancel(): void } {
    throw new Error("no part of a state machine sets timers");
  }

  nextTurn(callback: () => void): void {
    this.#next.push(callback);
  }

  /** The event loop turns. */
  turn(): void {
    for (const callback of this.#next.splice(0)) callback();
  }

  now(): number {
    return this.time;
  }

  random(): number {
    return 0;
  }

  sendable(): void {}

  awaited(): boolean {
    return this.reader !== undefined;
  }

  deliver(_operations: Operations, message: Message): void {
    if (this.reader === undefined) throw new Error("nobody waits");
    this.reader.push(message);
  }

  run(): undefined {}

  receivable(): boolean {
    return this.reader !== undefined;
  }

  failSends(): void {}

  failReceives(): boolean {
    return false;
  }

  drop(reason: DropReason, bytes: number, pipe?: ProtocolPipe): void {
    this.drops.push({ reason, bytes, pipe });
  }

  notice(): void {}
}

export class FakePipe implements ProtocolPipe {
  static #ids = 0;
  readonly id = ++FakePipe.#ids;
  readonly closed = false;
  readonly sent: Message[] = [];
  state: unknown;
  /** Messages that it takes before it is full. */
  room = Number.POSITIVE_INFINITY;
  paused = false;

  get writable(): boolean {
    return this.room > 0;
  }

  send(message: Message): boolean {
    this.sent.push(message);
    this.room--;
    return this.writable;
  }

  pause(): void {
    this.paused = true;
  }

  fetch(): undefined {}

  resume(): void {
    this.paused = false;
  }

  close(): void {}

  /** A message that came by this pipe. */
  message(body: string): Message {
    const bytes = new TextEncoder().encode(body);
    const message = Message.received(bytes, 0, bytes.length);
    Object.assign(message, { pipe: this });
    return message;
  }

  get bodies(): string[] {
    return this.sent.map((message) => message.text());
  }
}

/** For queues that only pass it on. */
export const someOperations: Operations = { close() {} };
