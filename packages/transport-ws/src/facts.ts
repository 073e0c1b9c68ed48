/**
 * What a connection tells of itself and of its peer, as properties of its pipe: what the peer said in the upgrade. Plain
 * values, copied.
 */
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { WsTarget } from "./address.js";

/** A dialer's: the headers are those of the answer. */
export function responseFacts(
  { path, query }: WsTarget,
  protocol: string,
  response: IncomingMessage,
  secure: ReadonlyMap<string, unknown> | undefined,
): ReadonlyMap<string, unknown> {
  return new Map<string, unknown>([
    ...(secure ?? []),
    ["ws.path", path],
    ["ws.query", query],
    ["ws.protocol", protocol],
    ["ws.headers", plain(response.headers)],
  ]);
}

/** A listener's: the headers are those of the request. */
export function requestFacts(
  request: IncomingMessage,
  { path, query, protocol }: { readonly path: string; readonly query: string; readonly protocol: string },
  secure: ReadonlyMap<string, unknown> | undefined,
): Map<string, unknown> {
  const { headers } = request;
  const facts = new Map<string, unknown>([
    ...(secure ?? []),
    ["ws.path", path],
    ["ws.query", query],
    ["ws.protocol", protocol],
    ["ws.headers", plain(headers)],
    ["ws.host", headers.host ?? ""],
  ]);
  if (headers.origin !== undefined) facts.set("ws.origin", headers.origin);
  return facts;
}

function plain(headers: IncomingHttpHeaders): Readonly<Record<string, string | readonly string[]>> {
  const copy: Record<string, string | readonly string[]> = Object.create(null);
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) copy[name] = Array.isArray(value) ? Object.freeze([...value]) : value;
  }
  return Object.freeze(copy);
}
