/**
 * What is used of a browser's own objects: so that this compiles, and is compiled against, without the DOM's types.
 */

/** `WebSocket`, as far as it is used here. */
export interface NativeWebSocket {
  binaryType: string;
  /** Bytes that `send` was given and the network was not; what a connection leaves behind stays counted. */
  readonly bufferedAmount: number;
  /** The subprotocol that the server chose, or "". */
  readonly protocol: string;
  readonly readyState: number;
  onopen: (() => void) | null;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onclose: ((event: NativeCloseEvent) => void) | null;
  send(data: string | Uint8Array): void;
  /** Sends what is buffered, then says goodbye. `code` may be 1000, or 3000 to 4999. */
  close(code?: number): void;
}

export interface NativeCloseEvent {
  readonly code: number;
  readonly reason: string;
}

/** What a page, or a worker, has around it. */
interface Surroundings {
  readonly WebSocket?: new (url: string, protocols: string[]) => NativeWebSocket;
  readonly location?: { readonly host: string; readonly origin: string; readonly protocol: string };
  readonly navigator?: { readonly onLine?: boolean };
  /** Pages alone have one. */
  readonly document?: object;
  addEventListener?(type: "pagehide" | "pageshow", listener: () => void): void;
}

export const surroundings = globalThis as unknown as Surroundings;
