/** What an attempt rejects with when its endpoint closes under it. */
import { ClosedError } from "../errors.js";
import type { SpUrl } from "../url.js";

/** A `ClosedError` for `signal`, which has aborted: its own reason where that is one already. */
export function closedError(url: SpUrl, operation: "dial" | "listen", signal: AbortSignal): Error {
  if (signal.reason instanceof ClosedError) return signal.reason;
  return new ClosedError(`Closed while it was about to ${operation} ${url}.`, {
    url: url.href,
    operation,
    cause: signal.reason,
  });
}
