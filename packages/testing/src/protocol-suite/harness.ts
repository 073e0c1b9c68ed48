/**
 * What every case of the protocol suite stands on: a sending and a receiving socket on inproc, on a clock that the test
 * moves, closed when the case is over.
 */
import type { Socket } from "@sprocket/core";
import { ManualClock } from "../manual-clock.js";
import type { TestFunction } from "../transport-suite/harness.js";

/** What the suite hands to a socket's constructor. */
export interface SuiteSocketOptions {
  readonly clock: ManualClock;
  readonly receiveTimeout?: number;
  readonly sendTimeout?: number;
}

interface Wait {
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

/** A socket that sends. */
export type SuiteSender = Socket & {
  send(data: string | Uint8Array, options?: Wait): Promise<void>;
  trySend(data: string | Uint8Array): boolean;
};

/** A socket that receives. */
export type SuiteReceiver = Socket & {
  receive(options?: Wait): Promise<Uint8Array>;
  tryReceive(): Uint8Array | undefined;
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array>;
};

/** How the protocol at hand behaves. Everything not named is taken as true. */
export interface ProtocolSupports {
  /** `send` waits while no peer can take the message (PAIR, PUSH, REQ); without it, it drops (PUB, BUS, SURVEYOR). */
  readonly waitingSends?: boolean;
  /** Several sends may be under way on one socket (not REQ and SURVEYOR, where a new one replaces the old). */
  readonly manySends?: boolean;
  /** Several receives may be pending on one socket (not REP and RESPONDENT). */
  readonly manyReceives?: boolean;
}

export interface ProtocolSuiteOptions {
  readonly test: TestFunction;
  /** A new socket that sends to `receiver`'s kind, e.g. `(options) => new Push0(options)`. */
  readonly sender: (options: SuiteSocketOptions) => SuiteSender;
  /** A new socket that receives all that it gets (a SUB must have subscribed). */
  readonly receiver: (options: SuiteSocketOptions) => SuiteReceiver;
  readonly supports?: ProtocolSupports;
}

let names = 0;

export class ProtocolHarness {
  readonly clock = new ManualClock();
  readonly #options: ProtocolSuiteOptions;
  readonly #sockets: Socket[] = [];

  constructor(options: ProtocolSuiteOptions) {
    this.#options = options;
  }

  sender(options: Omit<SuiteSocketOptions, "clock"> = {}): SuiteSender {
    return this.#keep(this.#options.sender({ clock: this.clock, ...options }));
  }

  receiver(options: Omit<SuiteSocketOptions, "clock"> = {}): SuiteReceiver {
    return this.#keep(this.#options.receiver({ clock: this.clock, ...options }));
  }

  /** An inproc address that nobody else has. */
  url(): string {
    return `inproc://protocol-suite-${++names}`;
  }

  /** Connects the two and waits until both know. */
  async join(receiver: Socket, sender: Socket): Promise<void> {
    const { url } = await receiver.listen(this.url());
    await sender.dial(url);
    await receiver.waitForPipes(1);
  }

  /** A sender and a receiver that are connected. */
  async pair(): Promise<{ sender: SuiteSender; receiver: SuiteReceiver }> {
    const sender = this.sender();
    const receiver = this.receiver();
    await this.join(receiver, sender);
    return { sender, receiver };
  }

  finish(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #keep<Kind extends Socket>(socket: Kind): Kind {
    this.#sockets.push(socket);
    return socket;
  }
}

export type ProtocolCase = (title: string, body: (harness: ProtocolHarness) => Promise<void>) => void;

export function makeProtocolCase(options: ProtocolSuiteOptions): ProtocolCase {
  return (title, body) => {
    options.test(title, async () => {
      const harness = new ProtocolHarness(options);
      try {
        await body(harness);
      } finally {
        harness.finish();
      }
    });
  };
}

export function text(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
}

/** An error's stable code, or undefined when it is none of ours. */
export function codeOf(error: unknown): string | undefined {
  return typeof error === "object" && error !== null && "code" in error ? String(error.code) : undefined;
}
