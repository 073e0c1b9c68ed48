/**
 * What an error of a TLS handshake means.
 *
 * A peer that hangs up in the handshake is reported by the runtime as a reset connection, which it was not: there is no
 * error of the system behind it. It is the usual sign of a peer that speaks no TLS, or that refused us without a word.
 */
import { ConnectionShutdownError } from "../errors.js";
import { fromSystemError } from "../system-error.js";

export function handshakeFailure(
  error: Error,
  what: { readonly operation: "dial" | "accept"; readonly url: string },
  hint: string,
): Error {
  const { code, syscall } = error as { code?: unknown; syscall?: unknown };
  if (code === "ECONNRESET" && syscall === undefined) {
    return new ConnectionShutdownError(
      `${what.url} closed the connection during the TLS handshake. ${hint}`,
      what,
    );
  }
  return fromSystemError(error, what);
}
