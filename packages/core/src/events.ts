/**
 * What a socket tells about itself: typed events, shaped like `EventTarget` but dispatched here, so that a listener that
 * throws breaks nothing and an event without a listener costs nothing.
 */

import { channel } from "./diagnostics.js";
import type { Dialer } from "./dialer.js";
import type { Listener } from "./listener.js";
import type { Message } from "./message.js";
import type { Pipe } from "./pipe.js";
import { reportUncaught } from "./report-error.js";
import { type Unwatch, watchAbort } from "./signals.js";

/** Why a message was dropped. */
export type DropReason =
  /** A bounded queue had no room. */
  | "queue-full"
  /** Nobody was connected. */
  | "no-peers"
  /** The socket closed before the message could be delivered. */
  | "closed"
  /** It had passed more devices than `ttlMax` allows. */
  | "ttl"
  /** It broke the rules of its protocol. */
  | "malformed"
  /** The peer that it was meant for has gone. */
  | "peer-gone"
  /** An answer came after its deadline. */
  | "late"
  /** An answer to a question that nobody asked. */
  | "unknown-id"
  /** It was larger than `receiveMaxSize`. */
  | "oversize"
  /** A newer message took its place. */
  | "replaced"
  /** The connection broke while it waited. */
  | "reset"
  /** The peer sent although its role only receives. */
  | "unexpected";

/** The facts that each event carries, by its type. */
export interface SocketEventMap {
  /** An address is bound. */
  listening: { readonly listener: Listener; readonly url: string };
  /** An attempt to connect begins; `attempt` counts from 1. */
  connecting: { readonly dialer: Dialer; readonly url: string; readonly attempt: number };
  /** An attempt became a pipe; its `pipeopen` came just before. */
  connected: { readonly dialer: Dialer; readonly url: string; readonly pipe: Pipe };
  /** An attempt failed. Whether another follows, `reconnecting` tells. */
  connecterror: {
    readonly dialer: Dialer;
    readonly url: string;
    readonly error: Error;
    readonly attempt: number;
  };
  /** The next attempt follows after `delay` ms. */
  reconnecting: {
    readonly dialer: Dialer;
    readonly url: string;
    readonly delay: number;
    readonly attempt: number;
  };
  /** An incoming connection failed, or was refused, before it was a pipe. Or the listener itself failed: it then closes. */
  handshakeerror: { readonly listener: Listener; readonly url: string; readonly error: Error };
  /** A peer has joined. */
  pipeopen: { readonly pipe: Pipe };
  /** A peer has left; without `error` in good order. */
  pipeclose: { readonly pipe: Pipe; readonly error?: Error };
  /** A peer was refused: wrong protocol, `acceptPipe`, or no room in the protocol. */
  pipereject: { readonly pipe: Pipe; readonly error: Error };
  /** `count` messages were dropped, of `bytes` bytes together as far as that is known. */
  drop: { readonly reason: DropReason; readonly count: number; readonly bytes: number; readonly pipe?: Pipe };
  /** A handler given to `serve` failed; no reply was sent unless `onError` supplied one. */
  handlererror: { readonly error: unknown; readonly request: Message };
  /** Something worth knowing that is no loss. */
  notice: { readonly text: string; readonly pipe?: Pipe };
  /** `close()` or `destroy()` has begun. */
  closing: object;
  /** The socket has closed: the last event. */
  close: object;
}

/** The name of an event. */
export type SocketEventType = keyof SocketEventMap;

/** One event: its `type` and the facts of that type. */
export type SocketEvent<Type extends SocketEventType = SocketEventType> = {
  [Key in Type]: { readonly type: Key } & SocketEventMap[Key];
}[Type];

/** What `addEventListener` takes. It runs outside of the protocol's state machine and may call anything. */
export type SocketEventListener<Type extends SocketEventType> = (event: SocketEvent<Type>) => void;

/** How long a listener stays. */
export interface EventListenerOptions {
  /** Remove the listener after its first event. */
  readonly once?: boolean;
  /** Remove the listener when this aborts. */
  readonly signal?: AbortSignal;
}

/** Events that a slow reader of `events()` may fall behind before the oldest are left out. */
const BACKLOG = 1024;

interface Entry {
  readonly listener: (event: SocketEvent) => void;
  readonly once: boolean;
  /** Of the signal that removes it. */
  readonly watch: Unwatch | undefined;
}

/** The listeners of one socket. */
export class Events {
  readonly #listeners = new Map<SocketEventType, Entry[]>();
  readonly #streams = new Set<(event: SocketEvent | undefined) => void>();
  #ended = false;

  /** True: somebody would hear an event of this type, so that it is worth making. */
  wanted(type: SocketEventType): boolean {
    return this.#streams.size > 0 || this.#listeners.has(type) || channel(`sprocket:${type}`).hasSubscribers;
  }

  add<Type extends SocketEventType>(
    type: Type,
    listener: SocketEventListener<Type>,
    options: EventListenerOptions = {},
  ): void {
    const { once = false, signal } = options;
    if (signal?.aborted || this.#ended) return;
    const entries = this.#listeners.get(type) ?? [];
    if (entries.some((entry) => entry.listener === (listener as unknown))) return;
    const watch =
      signal === undefined ? undefined : watchAbort(signal, { aborted: () => this.remove(type, listener) });
    // A new array each time: a dispatch that is under way keeps the list that it began with.
    this.#listeners.set(type, [
      ...entries,
      { listener: listener as (event: SocketEvent) => void, once, watch },
    ]);
  }

  remove<Type extends SocketEventType>(type: Type, listener: SocketEventListener<Type>): void {
    const entries = this.#listeners.get(type) ?? [];
    const gone = entries.find((entry) => entry.listener === (listener as unknown));
    if (gone === undefined) return;
    gone.watch?.cancel();
    const left = entries.filter((entry) => entry !== gone);
    if (left.length === 0) this.#listeners.delete(type);
    else this.#listeners.set(type, left);
  }

  dispatch(event: SocketEvent): void {
    for (const entry of this.#listeners.get(event.type) ?? []) {
      if (entry.once) this.remove(event.type, entry.listener);
      try {
        entry.listener(event);
      } catch (error) {
        reportUncaught(error);
      }
    }
    for (const push of this.#streams) push(event);
    const diagnostics = channel(`sprocket:${event.type}`);
    if (diagnostics.hasSubscribers) diagnostics.publish(event);
  }

  /** No event comes after this: listeners are let go, with what watches their signals; streams end once they are read. */
  end(): void {
    this.#ended = true;
    for (const entries of this.#listeners.values()) {
      for (const { watch } of entries) watch?.cancel();
    }
    this.#listeners.clear();
    for (const push of this.#streams) push(undefined);
    this.#streams.clear();
  }

  /** Every event from now on, behind `first`. */
  stream(first: readonly SocketEvent[]): AsyncIterableIterator<SocketEvent> {
    const queue: SocketEvent[] = [...first];
    let waiting: ((result: IteratorResult<SocketEvent>) => void) | undefined;
    let ended = this.#ended;
    const done = { done: true, value: undefined } as const;
    const push = (event: SocketEvent | undefined): void => {
      if (event === undefined) ended = true;
      if (waiting !== undefined) {
        const resolve = waiting;
        waiting = undefined;
        resolve(event === undefined ? done : { done: false, value: event });
      } else if (event !== undefined) {
        if (queue.length >= BACKLOG) queue.shift();
        queue.push(event);
      }
    };
    if (!ended) this.#streams.add(push);
    const iterator: AsyncIterableIterator<SocketEvent> = {
      next: () => {
        const event = queue.shift();
        if (event !== undefined) return Promise.resolve({ done: false, value: event });
        if (ended) return Promise.resolve(done);
        if (waiting !== undefined) waiting(done);
        return new Promise((resolve) => {
          waiting = resolve;
        });
      },
      return: () => {
        this.#streams.delete(push);
        push(undefined);
        queue.length = 0;
        return Promise.resolve(done);
      },
      [Symbol.asyncIterator]: () => iterator,
    };
    return iterator;
  }
}
