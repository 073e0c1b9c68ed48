/**
 * Addresses such as `tcp://127.0.0.1:5555`, parsed once.
 *
 * The rules it guards: what follows `://` belongs to the transport, literally; what can never work is refused with the
 * right form in the text, before anything is opened; the answers are nng's (reference 3.1 and 3.2, nng 1.x).
 */
import { AddressInvalidError, BadTypeError, InvalidOperationError } from "./errors.js";
import { printable } from "./printable.js";

export { type Authority, type AuthorityOptions, parseAuthority } from "./authority.js";

const LONGEST_URL = 8192;

/** A URL in its parts. Made by `parseUrl`. */
export class SpUrl {
  /** The whole URL, scheme in lower case. */
  readonly href: string;
  /** Lower case, without `"://"`. */
  readonly scheme: string;
  /** Everything after `"://"`, as given. */
  readonly rest: string;

  constructor(scheme: string, rest: string) {
    this.scheme = scheme;
    this.rest = rest;
    this.href = `${scheme}://${rest}`;
  }

  toString(): string {
    return this.href;
  }
}

/**
 * Splits a URL into scheme and rest. Whether there is a transport for the scheme, and whether it likes the rest, shows
 * later.
 * @throws BadTypeError, InvalidOperationError (malformed), AddressInvalidError (a NUL character)
 */
export function parseUrl(text: string): SpUrl {
  if (typeof text !== "string") {
    throw new BadTypeError(
      `A URL must be a string such as "tcp://127.0.0.1:5555", not ${text === null ? "null" : typeof text}.`,
    );
  }
  if (text.length > LONGEST_URL) {
    throw new InvalidOperationError(
      `The URL has ${text.length} characters; the limit is ${LONGEST_URL}. It begins "${shown(text, 32)}".`,
    );
  }
  const end = text.indexOf("://");
  if (end < 0) throw malformed(text, 'it has no "://"');
  const scheme = text.slice(0, end);
  if (!/^[a-z][a-z0-9+.-]*$/i.test(scheme)) {
    throw malformed(
      text,
      end === 0 ? 'there is no scheme before "://"' : "the scheme may hold only a-z, 0-9, +, - and .",
    );
  }
  const url = new SpUrl(scheme.toLowerCase(), text.slice(end + 3));
  if (url.rest.includes("\0") && url.scheme !== "inproc") {
    throw new AddressInvalidError(`The URL "${shown(text)}" holds a NUL character, which no address can.`);
  }
  return url;
}

function malformed(text: string, why: string): InvalidOperationError {
  return new InvalidOperationError(
    `Not a URL: "${shown(text)}": ${why}. The form is scheme://address, e.g. tcp://127.0.0.1:5555, ` +
      "ipc:///tmp/calc.ipc or inproc://calc.",
  );
}

/** Without what stands before an `@`, which may be a password. */
function shown(text: string, limit?: number): string {
  return printable(text.slice(0, LONGEST_URL).replace(/[^/]*@/, "…@"), limit);
}

const packages: readonly (readonly [RegExp, string])[] = [
  [/^tcp[46]?$/, "@sprocket/transport-tcp"],
  [/^(?:ipc|unix|abstract)$/, "@sprocket/transport-ipc"],
  [/^tls\+tcp[46]?$/, "@sprocket/transport-tls"],
  [/^wss?[46]?$/, "@sprocket/transport-ws"],
];

/** The package whose transport answers a scheme; undefined for an unknown scheme, and for inproc, which core has. */
export function packageFor(scheme: string): string | undefined {
  return packages.find(([schemes]) => schemes.test(scheme))?.[1];
}
