/**
 * A protocol as a synchronous state machine: the whole protocol plug-in point.
 *
 * `Protocol` hears of pipes and messages, `Operations` are what an application asks for (the socket itself, or one
 * context), `ProtocolHost` is what core gives to both. Core adds promises, timeouts, signals, iteration and order.
 * Types and comments only: nothing here exists at run time.
 */
import type { DropReason } from "./events.js";
import type { Message } from "./message.js";
import type { OperationQueue } from "./operation-queue.js";
import type { OptionSchema } from "./options.js";
import type { MessageRun, Timer } from "./transport.js";

/** Numbers and names of a protocol (reference 1.4). */
export interface ProtocolInfo {
  /** Sent in our handshake, e.g. 0x30. */
  readonly id: number;
  /** SP name, as in the WebSocket subprotocol, e.g. `"req"`. */
  readonly name: string;
  /** The only number that a peer may announce. */
  readonly peerId: number;
  readonly peerName: string;
  /** The class that an application uses, for error texts, e.g. `"Req0"`. */
  readonly className: string;
  /** The class at the other end, e.g. `"Rep0"`. */
  readonly peerClassName: string;
  /** True: the application sees and writes protocol headers. */
  readonly raw: boolean;
}

/** All that a socket class hands to core. */
export interface ProtocolDefinition {
  readonly info: ProtocolInfo;
  /** Options that this protocol adds to, or redefines from, the common ones. */
  readonly options: OptionSchema;
  create(host: ProtocolHost): ProtocolInstance;
}

/** A protocol at work in one socket. */
export interface ProtocolInstance {
  readonly protocol: Protocol;
  /** The socket's own operations (for protocols with contexts: the default context). */
  readonly operations: Operations;
  /** A conversation of its own; absent: this protocol has no contexts. The options are live values. */
  openContext?(options: Readonly<Record<string, unknown>>): Operations;
}

/** Calls never overlap or re-enter; only `attach` may throw. */
export interface Protocol<State = unknown> {
  /** A peer arrived. Throw a `SprocketError` to refuse it. */
  attach(pipe: ProtocolPipe<State>): void;
  /** It left. Exactly once for each `attach` that returned. */
  detach(pipe: ProtocolPipe<State>): void;
  /** A message came. `pipe.pause()` when there is no room. */
  receive(pipe: ProtocolPipe<State>, message: Message): void;
  /**
   * Asked after `receive`: where further messages of this pipe may go, as long as there is room and nothing else happens.
   * Absent: they come one by one.
   */
  run?(pipe: ProtocolPipe<State>): MessageRun | undefined;
  /** `pipe.send` may be called again: fewer than `highWaterBytes` wait in it. */
  writable(pipe: ProtocolPipe<State>): void;
  /** Sent by `pipe.send(data)` of the application to one chosen peer. Absent: not supported. False: no room, dropped. */
  sendTo?(pipe: ProtocolPipe<State>, message: Message): boolean;
  /** An option of the host changed to a new, valid value. */
  optionChanged?(name: string): void;
  /** Messages accepted for sending that no pipe has yet: what a flush waits for. Absent: never any. */
  readonly queued?: number;
  /** What this protocol counts, for `stats()`. */
  readonly counters?: Readonly<Record<string, number>>;
  /** The socket closes and flushes: drop at once what need not be delivered, e.g. unanswered requests. */
  closing?(): void;
  /** Forget every message and cancel every timer. Core settles the callers. */
  close(): void;
}

/** A pipe as a state machine sees it. */
export interface ProtocolPipe<State = unknown> {
  /** 31 bits, random start then counting up, never 0. */
  readonly id: number;
  /** Fewer than `highWaterBytes` wait in it, and it is not closed. */
  readonly writable: boolean;
  readonly closed: boolean;
  /** The protocol's own slot. Set it in `attach`. */
  state: State;
  /** Always takes the message. False: and now wait for `writable`. */
  send(message: Message): boolean;
  /**
   * Stop reading at this message. `reason` is a bit of the protocol's own (1, 2, 4 or 8, default 1); reading goes on
   * when every reason is lifted.
   */
  pause(reason?: number): void;
  /** While it is paused: the next message, if that has arrived already. Instead of resume, `receive` and pause. */
  fetch(): Message | undefined;
  /** Never delivers before the current call of the state machine has returned. */
  resume(reason?: number): void;
  /** With an error: the peer broke a rule; the pipe is reset and the error reported. */
  close(error?: Error): void;
}

/** What an application can ask of a socket or of one context. Synchronous. */
export interface Operations {
  /** Set by core, and its own: who waits for these operations. */
  queue?: OperationQueue;
  /** True: taken. False: no room; core parks the message and tries again after `host.sendable(this)`. May throw. */
  trySend?(message: Message): boolean;
  /** undefined: nothing yet; core parks the caller and tries again after `host.receivable(this)`. May throw. */
  tryReceive?(): Message | undefined;
  /** One parked receive at a time: a second one is a `BadStateError` (REQ, REP, RESPONDENT). */
  readonly exclusiveReceive?: boolean;
  /** A new send cancels a parked one instead of waiting behind it (REQ, SURVEYOR). */
  readonly replacingSend?: boolean;
  /**
   * `trySend` took a message, but the event loop should turn before the next one: `send` resolves in the first turn in
   * which this is false again. The `trySend` of applications is not held up.
   */
  readonly congested?: boolean;
  /** A parked receive gave up: REQ abandons its request, SURVEYOR its survey. */
  receiveAbandoned?(): void;
  /** A parked send gave up. */
  sendAbandoned?(): void;
  /** Would `trySend` take a message now? A hint (reference 5.9). */
  readonly canSend?: boolean;
  /** Would `tryReceive` give a message now? A hint (reference 5.9). */
  readonly canReceive?: boolean;
  /** An option of this context changed to a new, valid value. */
  optionChanged?(name: string): void;
  /** Forget everything; core settles the parked callers. Called once. */
  close(): void;
}

/** What core gives a state machine. Time and chance come from here, so tests drive both. */
export interface ProtocolHost {
  readonly info: ProtocolInfo;
  /** Live values: read them when they are needed. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The callback runs as a call of the state machine: it never overlaps another one. */
  setTimer(delay: number, callback: () => void): Timer;
  /** Calls back in the next turn of the event loop, as a call of the state machine. */
  nextTurn(callback: () => void): void;
  now(): number;
  random(): number;
  /** Try the parked sends of these operations again. */
  sendable(operations: Operations): void;
  /** Try the parked receives of these operations again. False: there are none. */
  receivable(operations: Operations): boolean;
  /** Does anybody wait in a receive of these operations? Then `deliver` may follow. */
  awaited(operations: Operations): boolean;
  /**
   * Settles the first parked receive of these operations with a message, now: cheaper than `receivable`, which asks for
   * the message later. Only while they are `awaited`, and for a message that is the oldest.
   */
  deliver(operations: Operations, message: Message): void;
  /** A batch that a caller of these operations fills, and nobody waits before it: for `Protocol.run`. */
  run(operations: Operations): MessageRun | undefined;
  /** Fail every parked send of these operations. */
  failSends(operations: Operations, error: Error): void;
  /** Fail every parked receive of these operations. False: there are none. */
  failReceives(operations: Operations, error: Error): boolean;
  /** Counted, and an event: why, how much, whose. */
  drop(reason: DropReason, bytes: number, pipe?: ProtocolPipe, count?: number): void;
  /** Tell the application of something that is no loss, e.g. that resends now wait. */
  notice(text: string, pipe?: ProtocolPipe): void;
}
