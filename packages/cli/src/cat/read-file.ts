// Reads what `--file` and the TLS options name, at the moment the option is met, and fails with the words of the C
// library, which scripts and people know from everywhere else.

import { closeSync, openSync, readFileSync } from "node:fs";
import { getSystemErrorMap } from "node:util";
import { argumentBytes } from "../raw-arguments.js";
import type { Terminal } from "../terminal.js";
import { CatError } from "./cat-error.js";

export async function readInput(path: string, terminal: Terminal): Promise<Uint8Array> {
  if (path !== "-") {
    return readFile(path);
  }
  try {
    return await terminal.readInput();
  } catch (error) {
    throw new CatError(`Read from - failed: ${systemText(error)}`);
  }
}

export function readFile(path: string): Uint8Array {
  let descriptor: number;
  try {
    descriptor = openSync(Buffer.from(argumentBytes(path)), "r");
  } catch (error) {
    throw new CatError(`Cannot open file ${path}: ${systemText(error)}`);
  }
  try {
    return readFileSync(descriptor);
  } catch (error) {
    throw new CatError(`Read from ${path} failed: ${systemText(error)}`);
  } finally {
    closeSync(descriptor);
  }
}

/** Where libuv's wording is not that of the C library. */
const differing: Readonly<Record<string, string>> = {
  EISDIR: "Is a directory",
  ELOOP: "Too many levels of symbolic links",
  ENAMETOOLONG: "File name too long",
  EIO: "Input/output error",
  EBADF: "Bad file descriptor",
};

function systemText(error: unknown): string {
  const { code, errno, message } = error as NodeJS.ErrnoException;
  const known = differing[code ?? ""] ?? getSystemErrorMap().get(errno ?? 0)?.[1];
  return known === undefined ? message : known.charAt(0).toUpperCase() + known.slice(1);
}
