/**
 * `host:port`, with or without a path: the part of a URL that tcp, tls and ws share.
 *
 * The rule it guards: everything that is not plainly a host and a port is refused with a text that shows the right form,
 * because a resolver would take seconds to say less.
 */
import { AddressInvalidError, InvalidOperationError, type SprocketError } from "./errors.js";
import { ipFamily } from "./ip-family.js";
import { printable } from "./printable.js";
import type { SpUrl } from "./url.js";

/** Where to connect to or to listen. */
export interface Authority {
  /** Lower case, IPv6 without brackets. `""`: every interface of this machine (listeners only). */
  readonly host: string;
  /** 0: the system chooses (listeners only). */
  readonly port: number;
  /** Canonical, begins with `"/"`; `""` where the scheme has no paths. */
  readonly path: string;
  /** After the `?`, as given. */
  readonly query: string;
  /** The host is an IPv6 address. */
  readonly ipv6Literal: boolean;
}

/** What a scheme allows beside host and port. */
export interface AuthorityOptions {
  /** For a URL without a port. */
  readonly defaultPort?: number;
  /** The scheme has paths and queries (ws). */
  readonly allowPath?: boolean;
}

const LONGEST_HOST = 255;
/** Runtimes cannot look services up; these two are the ones that people write. */
const services: Readonly<Record<string, number>> = { http: 80, https: 443 };

/**
 * Splits the rest of a URL into host, port, path and query.
 * @throws AddressInvalidError (a part that is not allowed here), InvalidOperationError (malformed)
 */
export function parseAuthority(
  url: SpUrl,
  role: "dial" | "listen",
  options: AuthorityOptions = {},
): Authority {
  const { rest } = url;
  const end = rest.search(/[/?#]/);
  const authority = end < 0 ? rest : rest.slice(0, end);
  if (authority.includes("@")) throw withoutUser(url, authority);
  if (/[\p{Cc}\s]/u.test(rest)) throw invalid(url, "a space or a control character cannot be part of it");
  const { path, query } = splitPath(url, end < 0 ? "" : rest.slice(end), options.allowPath === true);
  const { host, port, ipv6Literal } = splitPort(url, authority);
  if (port === "") throw malformed(url, "there is a colon, but no port after it");
  return {
    host: checkHost(url, host, ipv6Literal, role),
    port: checkPort(url, port, role, options.defaultPort),
    path,
    query,
    ipv6Literal,
  };
}

/** The URL is not shown, nor kept in the error: it may hold a password. */
function withoutUser(url: SpUrl, authority: string): SprocketError {
  const text = `A ${url.scheme} URL has no user name or password before the host: remove what ends in "@".`;
  return authority.indexOf("@") === authority.lastIndexOf("@")
    ? new AddressInvalidError(text)
    : new InvalidOperationError(text);
}

function splitPath(url: SpUrl, tail: string, allowed: boolean): { path: string; query: string } {
  if (tail.includes("#")) throw invalid(url, 'it cannot have a fragment ("#")');
  const mark = tail.indexOf("?");
  const path = mark < 0 ? tail : tail.slice(0, mark);
  if (allowed) return { path: canonicalPath(url, path), query: mark < 0 ? "" : tail.slice(mark + 1) };
  if (mark >= 0) throw invalid(url, `a ${url.scheme} URL has no query ("?")`);
  if (path !== "" && path !== "/") throw invalid(url, `a ${url.scheme} URL has no path after the port`);
  return { path: "", query: "" };
}

/** As nng does it: `%2D` is `-`, other escapes in upper case, no empty and no dot segments. */
function canonicalPath(url: SpUrl, path: string): string {
  try {
    decodeURIComponent(path);
  } catch {
    throw malformed(
      url,
      'its path has a bad escape: "%" needs two hex digits, and together they must be UTF-8',
    );
  }
  const plain = path.replace(/%[0-9a-f]{2}/gi, (escaped) => {
    const character = String.fromCharCode(Number.parseInt(escaped.slice(1), 16));
    return /[\w.~-]/.test(character) ? character : escaped.toUpperCase();
  });
  const segments: string[] = [];
  for (const segment of plain.split("/")) {
    if (segment === "..") segments.pop();
    else if (segment !== "" && segment !== ".") segments.push(segment);
  }
  const folder = segments.length > 0 && /\/\.{0,2}$/.test(plain);
  return `/${segments.join("/")}${folder ? "/" : ""}`;
}

/** `port`: undefined when there is no colon. */
function splitPort(
  url: SpUrl,
  authority: string,
): { host: string; port: string | undefined; ipv6Literal: boolean } {
  if (authority.startsWith("[")) {
    const end = authority.indexOf("]");
    if (end < 0) throw malformed(url, 'the "]" after the IPv6 address is missing');
    const after = authority.slice(end + 1);
    if (after !== "" && !after.startsWith(":"))
      throw malformed(url, 'after "]" only a colon and a port can follow');
    return {
      host: authority.slice(1, end),
      port: after === "" ? undefined : after.slice(1),
      ipv6Literal: true,
    };
  }
  const colon = authority.indexOf(":");
  if (colon < 0) return { host: authority, port: undefined, ipv6Literal: false };
  if (authority.includes(":", colon + 1)) {
    throw invalid(url, `an IPv6 address stands in brackets, as in ${url.scheme}://[::1]:5555`);
  }
  return { host: authority.slice(0, colon), port: authority.slice(colon + 1), ipv6Literal: false };
}

function checkHost(url: SpUrl, host: string, ipv6Literal: boolean, role: "dial" | "listen"): string {
  if (host.length > LONGEST_HOST) {
    throw malformed(url, `the host has ${host.length} characters; the limit is ${LONGEST_HOST}`);
  }
  if (ipv6Literal) {
    if (ipFamily(host) !== 6) throw invalid(url, `"${printable(host)}" is not an IPv6 address`);
    if (url.scheme.endsWith("4"))
      throw invalid(url, `${url.scheme} is for IPv4, and the host is an IPv6 address`);
    const [address = "", ...zone] = host.split("%");
    return [address.toLowerCase(), ...zone].join("%");
  }
  if (host === "" || host === "*") {
    if (role === "listen") return "";
    throw invalid(url, `there is no host to connect to, only "${host}"`);
  }
  if (host.includes(";")) {
    throw invalid(url, 'a source address before ";" is not supported; the URL names the peer only');
  }
  if (!/^[a-z0-9._\-\u0080-\u{10ffff}]+$/iu.test(host)) {
    throw invalid(url, `"${printable(host)}" is not a host name or an IP address`);
  }
  if (/^\d+\.\d+\.\d+\.\d+$/.test(host)) {
    if (host.split(".").some((part) => part.length > 3 || Number(part) > 255)) {
      throw invalid(url, `"${printable(host)}" is not an IPv4 address`);
    }
    if (url.scheme.endsWith("6"))
      throw invalid(url, `${url.scheme} is for IPv6, and the host is an IPv4 address`);
  }
  return host.toLowerCase();
}

function checkPort(
  url: SpUrl,
  port: string | undefined,
  role: "dial" | "listen",
  defaultPort: number | undefined,
): number {
  if (port === undefined) {
    if (defaultPort !== undefined) return defaultPort;
    if (role === "listen") return 0;
    throw invalid(url, "there is no port to connect to");
  }
  if (Object.hasOwn(services, port)) return services[port] as number;
  const number = /^\d{1,5}$/.test(port) ? Number(port) : Number.NaN;
  if (!(number <= 65535))
    throw invalid(url, `"${printable(port)}" is not a port; a port is a number from 0 to 65535`);
  if (number === 0 && role === "dial") {
    throw invalid(url, "port 0 is for listeners; connect to the port in listener.url");
  }
  return number;
}

/** Errors of grammar, nng's EINVAL. */
function malformed(url: SpUrl, why: string): InvalidOperationError {
  return new InvalidOperationError(sentence(url, why), { url: url.href });
}

/** Parts that are not allowed or can never work, nng's EADDRINVAL. */
function invalid(url: SpUrl, why: string): AddressInvalidError {
  return new AddressInvalidError(sentence(url, why), { url: url.href });
}

function sentence(url: SpUrl, why: string): string {
  const path = /^ws/.test(url.scheme) ? "/path" : "";
  return `Bad address "${printable(url.href)}": ${why}. The form is ${url.scheme}://host:port${path}.`;
}
