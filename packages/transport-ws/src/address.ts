/**
 * Where a ws URL points. Nothing of a runtime is imported: browsers share it.
 *
 * The rule it guards: two spellings of one path are one path, for a listener as for a dialer.
 */
import { AddressInvalidError } from "@sprocket/core";
import { parseAuthority, parseUrl, SpUrl } from "@sprocket/core/plugin";

export interface WsTarget {
  /** A name, or an IP address without brackets; "" for all interfaces (listeners). */
  readonly host: string;
  /** 0: the system chooses (listeners). */
  readonly port: number;
  /** The one family that the scheme allows; 0: both. */
  readonly family: 0 | 4 | 6;
  /** As it travels in a request: canonical and escaped. */
  readonly path: string;
  /** After the `?`, or "". */
  readonly query: string;
  /** wss. */
  readonly secure: boolean;
}

/** @throws AddressInvalidError, InvalidOperationError */
export function readWsTarget(url: SpUrl, role: "dial" | "listen"): WsTarget {
  const secure = isSecure(url);
  const { host, port, path, query } = parseAuthority(url, role, {
    allowPath: true,
    defaultPort: defaultPort(secure),
  });
  if (role === "listen" && query !== "") {
    throw new AddressInvalidError(
      'A listener is found by its path alone: remove the query ("?") from its URL. What dialers put there is in ' +
        'the property "ws.query" of their pipes.',
      { url: url.href, operation: "listen" },
    );
  }
  return {
    host,
    port,
    family: url.scheme.endsWith("4") ? 4 : url.scheme.endsWith("6") ? 6 : 0,
    path: escapePath(path),
    query: escapePath(query),
    secure,
  };
}

export function isSecure({ scheme }: SpUrl): boolean {
  return scheme.startsWith("wss");
}

export function defaultPort(secure: boolean): number {
  return secure ? 443 : 80;
}

/** The path and the query of a request, the path as `readWsTarget` has it. @throws when it is malformed */
export function readRequestTarget(target: string): { readonly path: string; readonly query: string } {
  const mark = target.indexOf("?");
  const path = mark < 0 ? target : target.slice(0, mark);
  const parsed = parseAuthority(new SpUrl("ws", `h${path}`), "listen", { allowPath: true, defaultPort: 80 });
  return { path: escapePath(parsed.path), query: mark < 0 ? "" : target.slice(mark + 1) };
}

/** What a path is known by: one `/` more at the end is none. */
export function pathKey(path: string): string {
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
}

/** The URL with the port that the system chose; the rest stays as it was written. */
export function withWsPort(url: SpUrl, port: number): SpUrl {
  const [, host = "", tail = ""] = /^(\[[^\]]*\]|[^:/?]*)(?::[^/?]*)?(.*)$/s.exec(url.rest) ?? [];
  return parseUrl(`${url.scheme}://${host}:${port}${tail}`);
}

/** What a URL may not carry as it is, as escapes. */
function escapePath(path: string): string {
  return path.replace(/[^\x21-\x7e]|["<>\\^`{|}]/gu, encodeURIComponent);
}

/** The URL as tcp would have it: host and port alone. */
export function authorityOf(url: SpUrl, { host, port }: WsTarget): SpUrl {
  return new SpUrl(url.scheme, `${host.includes(":") ? `[${host}]` : host}:${port}`);
}

/** As it stands in a `Host` header: a zone is of this machine alone. */
export function hostText(host: string): string {
  return host.includes(":") ? `[${host.replace(/%.*$/, "")}]` : host;
}
