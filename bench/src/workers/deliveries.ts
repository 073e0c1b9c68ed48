/**
 * One process publishes, another holds all the subscribers. The first byte of a message says what it is: a greeting until
 * everybody has heard one (and then for the warm-up), a pause until everybody has heard of it, so that nothing of the
 * warm-up is still under way, data, or the end. Each is repeated until everybody has heard it, because it may be lost like
 * anything else.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { body, go, report, type Task } from "./worker.js";

export const DATA = 1;
export const END = 2;
export const GREETING = 3;
export const PAUSE = 4;

/** Greets until the client is ready, lets `publish` send the warm-up, waits, then the data, then says that this was all. */
export async function publishAll(
  task: Task,
  say: (bytes: Uint8Array) => unknown,
  publish: (bytes: Uint8Array, count: number) => Promise<void>,
): Promise<void> {
  const greeting = ofKind(GREETING, task.size);
  await repeat(greeting, task, say);
  await publish(greeting, task.warmUp);
  await repeat(ofKind(PAUSE, task.size), task, say);
  await publish(ofKind(DATA, task.size), task.count);
  for (const end = ofKind(END, task.size); ; await sleep(Math.max(5, task.peers / 20))) await say(end);
}

/** Says it again and again until the harness lets us go on; no more often than many subscribers can take it. */
async function repeat(
  bytes: Uint8Array,
  { peers }: Task,
  say: (bytes: Uint8Array) => unknown,
): Promise<void> {
  let ready = false;
  void go().then(() => {
    ready = true;
  });
  while (!ready) {
    await say(bytes);
    await sleep(Math.max(2, peers / 20));
  }
}

function ofKind(kind: number, size: number): Uint8Array {
  const bytes = body(size);
  bytes[0] = kind;
  return bytes;
}

/** Counts what all subscribers together get. The clock runs from the first message of data to the last end. */
export class Deliveries {
  readonly #subscribers: number;
  readonly #sent: number;
  /** By subscriber: the last kind that it has seen. */
  readonly #state: Uint8Array;
  #greeted = 0;
  #paused = 0;
  #ended = 0;
  #delivered = 0;
  #touched = 0;
  #started = 0;

  constructor(task: Task, subscribers = task.peers) {
    this.#subscribers = subscribers;
    this.#sent = task.count * subscribers;
    this.#state = new Uint8Array(subscribers);
  }

  take(subscriber: number, body: Uint8Array): void {
    const kind = body[0] as number;
    this.#touched += body.length + kind;
    if (kind === DATA) {
      if (this.#delivered++ === 0) this.#started = performance.now();
    } else if (kind !== this.#state[subscriber]) {
      this.#state[subscriber] = kind;
      if (kind === GREETING) {
        if (++this.#greeted === this.#subscribers) console.log("ready");
      } else if (kind === PAUSE) {
        if (++this.#paused === this.#subscribers) console.log("ready");
      } else if (++this.#ended === this.#subscribers) {
        report({
          messages: this.#delivered,
          seconds: (performance.now() - this.#started) / 1_000,
          sent: this.#sent,
          touched: this.#touched,
        });
      }
    }
  }
}
