/** What an attempt rejects with when its endpoint closes under it. */
import { ClosedError } from "@sprocket/core";
import type { SpUrl } from "@sprocket/core/plugin";

export function closedError(url: SpUrl, operation: string, signal: AbortSignal): Error {
  if (signal.reason instanceof ClosedError) return signal.reason;
  return new ClosedError(`Closed while it was about to ${operation} ${url}.`, {
    url: url.href,
    operation,
    cause: signal.reason,
  });
}
