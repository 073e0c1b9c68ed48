// What `sprocket cat` needs from any socket. What it can do besides is a matter of its protocol.

import type { Transport } from "@sprocket/core";

export interface CatSocketOptions {
  readonly transports: readonly Transport[];
  readonly name?: string;
  /** Milliseconds; `Infinity`: never. */
  readonly sendTimeout: number;
  /** Bytes; 0: no limit. */
  readonly receiveMaxSize: number;
}

/** Makes a socket. `topics`, of which there may be none, are for SUB. */
export type OpenSocket<Socket extends CatSocket> = (
  options: CatSocketOptions,
  topics: readonly Uint8Array[],
) => Socket;

export interface CatSocket {
  dial(url: string, options: { readonly mode: "connect" | "background" }): Promise<{ readonly url: string }>;
  listen(url: string): Promise<{ readonly url: string }>;
  /** Delivers what was sent, then ends. */
  close(): Promise<unknown>;
  /** Ends at once; idempotent. */
  destroy(): void;
}
