/**
 * May a page in a browser open a connection here? Browsers let every page dial every address, and say only in `Origin`
 * which page it was: without a look at it any site could speak to a socket of its visitor's machine.
 *
 * The rules it guards: no `Origin`: not a page, and let in unless told otherwise. An origin that is listed is let in. One
 * that is not must be the very host that was asked for, and that host must be one that nobody else can have made to lead
 * here (DNS rebinding): an IP address, localhost, the host that we were told to listen at, or one that is listed.
 */
import { ipFamily } from "@sprocket/core/stream";

export interface OriginPolicy {
  /** Lower case; `"*"`: any. */
  readonly allowedOrigins: readonly string[];
  readonly allowedHosts: readonly string[];
  readonly requireOrigin: boolean;
}

/** What is wrong, in words; undefined when nothing is. */
export function originProblem(
  { origin, host }: { readonly origin: string | undefined; readonly host: string },
  policy: OriginPolicy,
  ownHost: string,
): string | undefined {
  const { allowedOrigins, allowedHosts, requireOrigin } = policy;
  if (origin === undefined) return requireOrigin ? "it has no Origin (requireOrigin)" : undefined;
  const page = pageOf(origin);
  if (allowedOrigins.includes("*") || allowedOrigins.includes(page?.origin ?? origin.toLowerCase()))
    return undefined;
  if (page === undefined || page.host !== withoutDefaultPort(host.toLowerCase(), page.scheme)) {
    return "it comes from another origin (allowedOrigins)";
  }
  const name = hostName(host);
  const trusted =
    ipFamily(name) !== 0 ||
    name === "localhost" ||
    name.endsWith(".localhost") ||
    name === ownHost ||
    allowedHosts.includes("*") ||
    allowedHosts.includes(name);
  return trusted ? undefined : "it asked for a host that is not known here (allowedHosts)";
}

/** Of a serialised origin, by index and without a URL parser: `scheme://host[:port]` and nothing else. */
function pageOf(origin: string): { origin: string; scheme: string; host: string } | undefined {
  const [, scheme, host] = /^([a-z][a-z0-9+.-]*):\/\/([^\s/?#@]+)$/.exec(origin.toLowerCase()) ?? [];
  if (scheme === undefined || host === undefined) return undefined;
  const plain = withoutDefaultPort(host, scheme);
  return { origin: `${scheme}://${plain}`, scheme, host: plain };
}

function withoutDefaultPort(host: string, scheme: string): string {
  const port = scheme === "https" ? ":443" : scheme === "http" ? ":80" : undefined;
  return port !== undefined && host.endsWith(port) ? host.slice(0, -port.length) : host;
}

/** Without brackets, port and final dot. */
export function hostName(host: string): string {
  const lower = host.toLowerCase();
  const literal = /^\[([^\]]*)\]/.exec(lower)?.[1];
  return literal ?? lower.replace(/:\d*$/, "").replace(/\.$/, "");
}

/** An entry of `allowedOrigins` as it is compared; undefined when it is none. */
export function readOrigin(text: string): string | undefined {
  return text === "*" || text === "null" ? text : pageOf(text.replace(/\/$/, ""))?.origin;
}
