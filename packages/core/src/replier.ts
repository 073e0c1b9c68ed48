/**
 * Who answers (REP, RESPONDENT; reference 4.6, 4.8): questions carry the way back in front of them, and the answer takes
 * it to the pipe that its question came from.
 *
 * Each context holds at most one question: a receive forgets the one before, a send uses it up. A send never waits: while
 * a peer does not read its answers, no further question of it is read. One question is parked for each pipe.
 */
import { backtraceLength, MAX_HEADER_WORDS, NO_END, TOO_MANY_HOPS } from "./backtrace.js";
import { BadStateError, ProtocolError } from "./errors.js";
import { Inbox } from "./inbox.js";
import { headerOfWords, type Message } from "./message.js";
import { count } from "./options.js";
import type { Operations, Protocol, ProtocolHost, ProtocolInstance, ProtocolPipe } from "./protocol.js";
import { MessageQueue } from "./queue.js";

/** Why it pauses a pipe: its peer does not read the answers. */
const CHOKED = 2;

/** Words of a backtrace, the closing one included, above which a question is dropped (nng `ttl-max`). */
export const ttlOption = { ttlMax: count({ default: 8, min: 1, max: 15, writable: true }) };

/** A cooked replier. The host's options have `ttlMax`. */
export function createReplier(host: ProtocolHost): ProtocolInstance {
  const protocol = new Replier(host);
  return {
    protocol,
    operations: protocol.first,
    openContext: () => protocol.open(),
  };
}

/** Checks the hop stack in front of a question. False: dropped, or the pipe closed. */
function accept(host: ProtocolHost, pipe: ProtocolPipe, message: Message): boolean {
  const words = backtraceLength(message, host.options.ttlMax as number);
  if (words === TOO_MANY_HOPS) {
    host.drop("ttl", message.length, pipe);
    return false;
  }
  if (words === NO_END) {
    host.drop("malformed", message.length, pipe);
    pipe.close(
      new ProtocolError("The peer sent a message whose backtrace has no end.", { reason: "malformed" }),
    );
    return false;
  }
  return true;
}

class Replier implements Protocol {
  readonly host: ProtocolHost;
  readonly inbox = new Inbox(0);
  /** Contexts that asked for a question and got none, in order. */
  readonly waiting = new WaitingLine();
  readonly contexts = new Set<ReplierOperations>();
  readonly first = this.open();

  constructor(host: ProtocolHost) {
    this.host = host;
  }

  open(): ReplierOperations {
    const operations = new ReplierOperations(this);
    this.contexts.add(operations);
    return operations;
  }

  attach(): void {}

  detach(pipe: ProtocolPipe): void {
    this.inbox.remove(pipe, this.host);
  }

  writable(pipe: ProtocolPipe): void {
    pipe.resume(CHOKED);
  }

  receive(pipe: ProtocolPipe, message: Message): void {
    if (!accept(this.host, pipe, message)) return;
    for (
      let operations = this.waiting.first;
      operations !== undefined && this.inbox.length === 0;
      operations = this.waiting.first
    ) {
      this.waiting.remove(operations);
      // The usual case: the question goes to whoever waits, and never waits itself.
      if (operations.take(message)) return;
    }
    this.inbox.put(pipe, message);
    // Nobody waits in a receive; somebody may in a poll, and whoever comes first may have it.
    for (const operations of this.contexts) this.host.receivable(operations);
  }

  close(): void {
    this.inbox.close(this.host);
    this.waiting.clear();
  }
}

/** Contexts in the order they came; each may leave at any time. */
class WaitingLine {
  first: ReplierOperations | undefined;
  #last: ReplierOperations | undefined;

  add(operations: ReplierOperations): void {
    if (operations.inLine) return;
    operations.inLine = true;
    operations.previous = this.#last;
    if (this.#last === undefined) this.first = operations;
    else this.#last.next = operations;
    this.#last = operations;
  }

  remove(operations: ReplierOperations): void {
    if (!operations.inLine) return;
    operations.inLine = false;
    const { previous, next } = operations;
    if (previous === undefined) this.first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    operations.previous = operations.next = undefined;
  }

  clear(): void {
    while (this.first !== undefined) this.remove(this.first);
  }
}

class ReplierOperations implements Operations {
  readonly exclusiveReceive = true;
  /** For the line. */
  inLine = false;
  previous: ReplierOperations | undefined = undefined;
  next: ReplierOperations | undefined = undefined;
  readonly #protocol: Replier;
  /** Where the answer goes; undefined: there is no question. */
  #origin: ProtocolPipe | undefined = undefined;
  /** What the answer begins with: one word is the rule, more come through devices. */
  #word = 0;
  #words: Uint8Array | undefined;

  constructor(protocol: Replier) {
    this.#protocol = protocol;
  }

  get canSend(): boolean {
    return this.#origin !== undefined;
  }

  get canReceive(): boolean {
    return this.#protocol.inbox.length > 0;
  }

  tryReceive(): Message | undefined {
    this.#origin = undefined;
    const question = this.#protocol.inbox.take();
    if (question === undefined) {
      this.#protocol.waiting.add(this);
      return undefined;
    }
    this.#protocol.waiting.remove(this);
    this.#remember(question);
    this.#protocol.host.sendable(this);
    return question;
  }

  /** A question for whoever waits in a receive. False: nobody does. */
  take(question: Message): boolean {
    const { host } = this.#protocol;
    if (!host.awaited(this)) return false;
    this.#remember(question);
    host.sendable(this);
    host.deliver(this, question);
    return true;
  }

  trySend(message: Message): boolean {
    const pipe = this.#origin;
    if (pipe === undefined) {
      throw new BadStateError("There is nothing to answer: receive() first, then send() once.");
    }
    this.#origin = undefined;
    if (pipe.closed) {
      this.#protocol.host.drop("peer-gone", message.length);
      return true;
    }
    if (
      !pipe.send(
        this.#words === undefined ? message.withHeaderWord(this.#word) : message.withHeader(this.#words),
      )
    )
      pipe.pause(CHOKED);
    return true;
  }

  receiveAbandoned(): void {
    this.#protocol.waiting.remove(this);
  }

  close(): void {
    this.#origin = undefined;
    this.#protocol.waiting.remove(this);
    this.#protocol.contexts.delete(this);
  }

  #remember(question: Message): void {
    // Every message that core delivers names the pipe that it came from.
    this.#origin = question.pipe as unknown as ProtocolPipe;
    this.#word = question.word(0);
    if (this.#word >= 0x8000_0000) {
      this.#words = undefined;
      question.trim(4);
      return;
    }
    const stack = takeStack(question);
    this.#words = headerOfWords(stack);
  }
}

/** Takes the hop stack off the front of a message. */
function takeStack(message: Message): number[] {
  const words = backtraceLength(message, MAX_HEADER_WORDS);
  const stack: number[] = [];
  for (let at = 0; at < words; at++) stack.push(message.word(at * 4));
  message.trim(words * 4);
  return stack;
}

/**
 * A raw replier: received headers begin with the id of the pipe; on send that word chooses the pipe and is removed. An
 * answer without a place to go is dropped, so sending never waits.
 */
export class RawReplier implements Protocol<MessageQueue>, Operations {
  readonly #host: ProtocolHost;
  readonly #pipes = new Map<number, ProtocolPipe<MessageQueue>>();
  readonly #inbox = new Inbox(0);
  readonly #queueLength: number;

  /** @param queueLength answers that wait for one busy peer */
  constructor(host: ProtocolHost, queueLength: number) {
    this.#host = host;
    this.#queueLength = queueLength;
  }

  readonly canSend = true;

  get canReceive(): boolean {
    return this.#inbox.length > 0;
  }

  get queued(): number {
    let messages = 0;
    for (const pipe of this.#pipes.values()) messages += pipe.state.length;
    return messages;
  }

  attach(pipe: ProtocolPipe<MessageQueue>): void {
    pipe.state = new MessageQueue(this.#queueLength);
    this.#pipes.set(pipe.id, pipe);
  }

  detach(pipe: ProtocolPipe<MessageQueue>): void {
    this.#pipes.delete(pipe.id);
    this.#inbox.remove(pipe, this.#host);
    for (let message = pipe.state.shift(); message !== undefined; message = pipe.state.shift()) {
      this.#host.drop("peer-gone", message.length, pipe);
    }
  }

  writable(pipe: ProtocolPipe<MessageQueue>): void {
    while (pipe.writable) {
      const message = pipe.state.shift();
      if (message === undefined) return;
      pipe.send(message);
    }
  }

  receive(pipe: ProtocolPipe<MessageQueue>, message: Message): void {
    if (!accept(this.#host, pipe, message)) return;
    const routed = message.withHeader(headerOfWords([pipe.id, ...takeStack(message)]));
    this.#inbox.pass(pipe, routed, this.#host, this);
  }

  trySend(message: Message): boolean {
    const { header } = message;
    if (header.length < 4) {
      this.#host.drop("malformed", message.length);
      return true;
    }
    const id = new DataView(header.buffer, header.byteOffset, 4).getUint32(0);
    const pipe = this.#pipes.get(id);
    if (pipe === undefined) {
      this.#host.drop("peer-gone", message.length);
      return true;
    }
    const answer = message.withHeader(header.subarray(4));
    if (pipe.writable && pipe.state.length === 0) pipe.send(answer);
    else if (!pipe.state.push(answer)) this.#host.drop("queue-full", message.length, pipe);
    return true;
  }

  tryReceive(): Message | undefined {
    return this.#inbox.take();
  }

  close(): void {
    this.#inbox.close(this.#host);
    for (const pipe of this.#pipes.values()) pipe.state.clear();
  }
}

/**
 * The receiving half of a raw asker (raw REQ, raw SURVEYOR): the hop stack moves into the header. There is no hop limit:
 * what comes back has passed it as a question. Only what fits into a header is taken.
 */
export function unwrapAnswer(host: ProtocolHost, pipe: ProtocolPipe, message: Message): boolean {
  const words = backtraceLength(message, MAX_HEADER_WORDS);
  if (words < 0) {
    host.drop("malformed", message.length, pipe);
    pipe.close(
      new ProtocolError("The peer sent an answer whose backtrace has no end.", { reason: "malformed" }),
    );
    return false;
  }
  message.moveToHeader(words * 4);
  return true;
}
