/** What a dialer makes of the listener that it reached. */
import { usesSharedKey, type Verdict } from "./facts.js";
import type { ServerIdentity } from "./identity.js";
import type { TlsSettings } from "./options.js";
import type { TlsSocketLike } from "./runtime.js";
import { authModeOf } from "./secure-options.js";

export function dialerVerdict(
  socket: TlsSocketLike,
  settings: TlsSettings,
  identity: ServerIdentity,
): Verdict {
  if (settings.pskCallback !== undefined && usesSharedKey(socket))
    return { authorized: true, problem: undefined };
  if (authModeOf(settings, "dial") === "none") return { authorized: false, problem: undefined };
  if (socket.authorized) return { authorized: true, problem: undefined };
  return { authorized: false, problem: identity.problem ?? String(socket.authorizationError) };
}
