/**
 * Why a WebSocket ended, in numbers. Nothing of a runtime is imported: browsers share it.
 *
 * The rule it guards: every end has a code, and every code a meaning.
 */
import {
  BusyError,
  ClosedError,
  ConnectionShutdownError,
  MessageTooLargeError,
  PermissionDeniedError,
  ProtocolError,
} from "@sprocket/core";
import { printable } from "@sprocket/core/plugin";

const meanings: Readonly<Record<number, string>> = {
  1002: "it found a rule of WebSocket broken",
  1003: "it does not take this kind of data",
  1007: "it found text that is not UTF-8",
  1008: "it does not allow this",
  1009: "a message was too large for it",
  1011: "it failed",
  1012: "it restarts",
  1013: "it has no room now",
};

/** A page may give codes of its own alone: these stand for 1002 and so on. */
const PAGE = 3000;

/** What a peer is told when its connection is cut. */
export function codeFor(error: Error): number {
  if (error instanceof MessageTooLargeError) return 1009;
  if (error instanceof ProtocolError) return 1002;
  if (error instanceof PermissionDeniedError) return 1008;
  if (error instanceof BusyError) return 1013;
  if (error instanceof ClosedError) return 1001;
  return 1011;
}

/** The same from a page. */
export function pageCodeFor(error: Error): number {
  return codeFor(error) + PAGE;
}

/** Why a peer ended it; undefined for an end in good order. */
export function endOf(address: string, code: number, reason: string): Error | undefined {
  // 1006: without a word, as nng 1.x ends all its connections.
  if (code === 1000 || code === 1001 || code === 1001 + PAGE || code === 1005 || code === 1006)
    return undefined;
  const said = reason === "" ? "" : `, and said "${printable(reason)}"`;
  const meaning = meanings[code] ?? meanings[code - PAGE] ?? "of its own";
  return new ConnectionShutdownError(
    `${address} ended the connection with code ${code} (${meaning})${said}.`,
  );
}
