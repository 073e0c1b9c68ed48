/**
 * The work: a file's bytes in, its size, number of lines and SHA-256 out.
 */
import { createHash } from "node:crypto";

export interface Facts {
  readonly size: number;
  readonly lines: number;
  readonly sha256: string;
}

export interface Answer extends Facts {
  readonly worker: string;
}

const NEWLINE = 10;

export function factsOf(bytes: Uint8Array): Facts {
  let lines = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) lines++;
  return { size: bytes.length, lines, sha256: createHash("sha256").update(bytes).digest("hex") };
}

/** A worker's reply to a file. */
export function answer(worker: string, bytes: Uint8Array): string {
  return JSON.stringify({ worker, ...factsOf(bytes) } satisfies Answer);
}

/** Is the reply right? */
export function agrees(reply: Facts, bytes: Uint8Array): boolean {
  const own = factsOf(bytes);
  return own.size === reply.size && own.lines === reply.lines && own.sha256 === reply.sha256;
}
