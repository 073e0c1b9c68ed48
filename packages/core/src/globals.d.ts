/**
 * The globals that every supported runtime has: Node, Bun, Deno and browsers. Core and the protocol packages compile
 * against these and nothing else, so that neither node types nor the DOM can slip into them.
 *
 * For compiling only. No source file and no emitted declaration refers to this file: applications bring the real
 * types, from @types/node or from the DOM library.
 */

interface Event {
  readonly type: string;
}

interface EventTarget {
  addEventListener(
    type: string,
    listener: (event: Event) => void,
    options?: { once?: boolean; passive?: boolean; signal?: AbortSignal } | boolean,
  ): void;
  removeEventListener(type: string, listener: (event: Event) => void): void;
}

interface AbortSignal extends EventTarget {
  readonly aborted: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: what the DOM library says, so that declarations agree
  readonly reason: any;
  throwIfAborted(): void;
}
declare var AbortSignal: {
  readonly prototype: AbortSignal;
  abort(reason?: unknown): AbortSignal;
  timeout(milliseconds: number): AbortSignal;
};

interface AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}
declare var AbortController: {
  readonly prototype: AbortController;
  new (): AbortController;
};

interface TextEncoder {
  encode(input?: string): Uint8Array<ArrayBuffer>;
  encodeInto(source: string, destination: Uint8Array): { read: number; written: number };
}
declare var TextEncoder: {
  readonly prototype: TextEncoder;
  new (): TextEncoder;
};

interface TextDecoder {
  decode(input?: ArrayBufferView | ArrayBuffer, options?: { stream?: boolean }): string;
}
declare var TextDecoder: {
  readonly prototype: TextDecoder;
  new (label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean }): TextDecoder;
};

/** A number in browsers, an object with `unref` in Node: keep it, clear it, ask nothing else of it. */
declare function setTimeout(callback: () => void, milliseconds?: number): unknown;
declare function clearTimeout(timeout: unknown): void;
declare function setInterval(callback: () => void, milliseconds?: number): unknown;
declare function clearInterval(interval: unknown): void;
/** Absent in browsers. */
declare var setImmediate: ((callback: () => void) => unknown) | undefined;
declare function queueMicrotask(callback: () => void): void;

interface MessagePort extends EventTarget {
  onmessage: ((event: Event) => void) | null;
  postMessage(message: unknown, transfer?: readonly ArrayBuffer[]): void;
  close(): void;
}
interface MessageChannel {
  readonly port1: MessagePort;
  readonly port2: MessagePort;
}
declare var MessageChannel: {
  readonly prototype: MessageChannel;
  new (): MessageChannel;
};

declare var performance: { now(): number };
declare var crypto: { getRandomValues<T extends ArrayBufferView>(array: T): T };
declare var console: {
  error(...data: unknown[]): void;
  warn(...data: unknown[]): void;
};
/** Absent in Node before 24. */
declare var reportError: ((error: unknown) => void) | undefined;
