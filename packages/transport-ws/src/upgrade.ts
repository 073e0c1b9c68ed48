/**
 * Does a request open a connection? The checks of the reference (2.6) in their order; the first that fails decides.
 *
 * The rules it guards: nothing is assumed of a stranger's request, not even that a header which was counted is there;
 * what is answered says what to change, and repeats nothing of the request.
 */
import type { IncomingMessage } from "node:http";
import { type OriginPolicy, originProblem } from "./origin.js";
import { readSubprotocols } from "./subprotocol.js";

/** Further ones are not looked at, so a request that has so many is refused. */
export const MOST_HEADERS = 100;

export interface Refusal {
  readonly status: number;
  /** What is wrong. */
  readonly what: string;
}

/** What a listener asks of a request. */
export interface UpgradeRules {
  readonly subprotocol: string;
  readonly origins: OriginPolicy;
  /** The host in the listener's URL. */
  readonly host: string;
}

/** The path was found already. Gives the subprotocol as the peer spells it, or what is wrong. */
export function judgeUpgrade(request: IncomingMessage, rules: UpgradeRules): string | Refusal {
  const { headers, method, httpVersion } = request;
  const { host } = headers;
  if (host === undefined && httpVersion !== "1.0") return refusal(400, "it has no Host");
  if (method !== "GET") return refusal(method === "HEAD" ? 400 : 405, "its method is not GET");
  if (headers["transfer-encoding"] !== undefined || !/^0*$/.test(headers["content-length"] ?? "")) {
    return refusal(413, "it has a body");
  }
  if (request.rawHeaders.length > 2 * MOST_HEADERS) {
    return refusal(431, `it has more than ${MOST_HEADERS} headers`);
  }
  if (headers.upgrade?.toLowerCase() !== "websocket") return refusal(400, "its Upgrade is not websocket");
  if (headers["sec-websocket-version"] !== "13") return refusal(400, "its Sec-WebSocket-Version is not 13");
  if (!/^[A-Za-z0-9+/]{22}==$/.test(headers["sec-websocket-key"] ?? "")) {
    return refusal(400, "its Sec-WebSocket-Key is not 16 bytes in base64");
  }
  const { origin } = headers;
  const problem = originProblem({ origin, host: host ?? "" }, rules.origins, rules.host);
  if (problem !== undefined) return refusal(403, problem);
  const offered = headers["sec-websocket-protocol"];
  if (offered === undefined)
    return refusal(400, `it has no Sec-WebSocket-Protocol; ours is ${rules.subprotocol}`);
  const tokens = readSubprotocols(offered);
  const ours = tokens?.find((token) => token.toLowerCase() === rules.subprotocol);
  if (ours === undefined)
    return refusal(400, `its Sec-WebSocket-Protocol does not have ${rules.subprotocol}`);
  return ours;
}

function refusal(status: number, what: string): Refusal {
  return { status, what };
}
