// What `sprocket cat` needs from a socket, whatever its protocol.

import type { Transport } from "@sprocket/core";
import type { Peer } from "./conversation.js";

export interface CatSocketOptions {
  readonly transports: readonly Transport[];
  readonly name?: string;
  /** Milliseconds; `Infinity`: never. */
  readonly sendTimeout: number;
  /** Bytes; 0: no limit. */
  readonly receiveMaxSize: number;
}

export interface CatSocket extends Peer {
  dial(url: string, options: { readonly mode: "connect" | "background" }): Promise<{ readonly url: string }>;
  listen(url: string): Promise<{ readonly url: string }>;
  /** Delivers what was sent, then ends. */
  close(): Promise<unknown>;
  /** Ends at once; idempotent. */
  destroy(): void;
}
