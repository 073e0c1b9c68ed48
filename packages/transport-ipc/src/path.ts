/**
 * Where an `ipc:`, `unix:` or `abstract:` URL points on a given system. Pure functions, so that each system's rules can
 * be tested on any.
 *
 * The rule it guards: names that do not fit are refused here. The system calls below Node would cut them off, and two
 * different names would meet.
 */
import { AddressInvalidError, InvalidOperationError, NotSupportedError } from "@sprocket/core";
import type { SpUrl } from "@sprocket/core/plugin";

export type Role = "dial" | "listen";

/** The facts that the rules depend on. */
export interface System {
  readonly platform: NodeJS.Platform;
  /** Version of Node, or of the Node that the runtime stands for, e.g. "20.19.0". */
  readonly version: string;
}

export type Address =
  /** A socket file; the path is as given, relative ones included. */
  | { readonly kind: "file"; readonly path: string }
  /** A Windows named pipe, with its prefix. */
  | { readonly kind: "pipe"; readonly path: string }
  /** A name in Linux's own name space, decoded; "" lets a listener choose one. */
  | { readonly kind: "abstract"; readonly name: string };

const PIPE_PREFIX = "\\\\.\\pipe\\";
/** Windows' limit for a whole pipe name. */
const LONGEST_PIPE = 256;
/** Linux: 108 bytes of address less the NUL that marks an abstract name. */
const LONGEST_ABSTRACT = 107;

export function readAddress(url: SpUrl, role: Role, system: System): Address {
  if (url.scheme === "abstract") return { kind: "abstract", name: abstractName(url, role, system) };
  const path = url.rest;
  if (path === "") throw invalid(url, role, "has no path", "ipc:///tmp/calc.ipc");
  if (path.includes("\0"))
    throw invalid(url, role, "holds a NUL character, which no path can", "ipc:///tmp/calc.ipc");
  if (system.platform === "win32") {
    const name = PIPE_PREFIX + path;
    if (name.length > LONGEST_PIPE)
      throw tooLong(url, role, name.length, LONGEST_PIPE, "characters, with its prefix");
    return { kind: "pipe", path: name };
  }
  const length = Buffer.byteLength(path);
  const longest = longestPath(system.platform);
  if (length > longest) throw tooLong(url, role, length, longest, "bytes");
  if (path.endsWith("/"))
    throw invalid(url, role, "ends in a slash and so names a directory", "ipc:///tmp/calc.ipc");
  return { kind: "file", path };
}

/** The bytes of a path that fit the system's address, less the NUL that ends it. */
export function longestPath(platform: NodeJS.Platform): number {
  return platform === "linux" || platform === "android" || platform === "sunos" ? 107 : 103;
}

/** What Node is to bind or to connect to. */
export function systemName(address: Address): string {
  return address.kind === "abstract" ? `\0${address.name}` : address.path;
}

/** An address as a URL, for `listener.address` and the addresses of pipes. */
export function formatAddress(address: Address): string {
  if (address.kind === "abstract") return `abstract://${encodeURIComponent(address.name)}`;
  return `ipc://${address.kind === "pipe" ? address.path.slice(PIPE_PREFIX.length) : address.path}`;
}

/** The address of an end that has none: who dials needs no name. */
export function unnamed(address: Address): string {
  return address.kind === "abstract" ? "abstract://" : "ipc://";
}

function abstractName(url: SpUrl, role: Role, system: System): string {
  const example = "abstract://calc";
  if (system.platform !== "linux") {
    throw invalid(url, role, "is an abstract name, and only Linux has those", "ipc:///tmp/calc.ipc");
  }
  const bytes = percentDecode(url.rest);
  if (bytes === undefined)
    throw invalid(url, role, "has a % without two hexadecimal digits behind it", "abstract://a%25b");
  if (bytes.length > LONGEST_ABSTRACT) throw tooLong(url, role, bytes.length, LONGEST_ABSTRACT, "bytes");
  const name = bytes.toString("utf8");
  // Node takes names as strings. Bytes that are no UTF-8 would silently become another name.
  if (!Buffer.from(name, "utf8").equals(bytes)) {
    throw invalid(url, role, "holds bytes that are not UTF-8, which Node cannot pass to the system", example);
  }
  if (Number.parseInt(system.version, 10) < 22) {
    throw new NotSupportedError(
      `${url} needs Node 22 or later: Node ${system.version} pads abstract names to 108 bytes, so that no other program ` +
        "would meet them. Use ipc:// with a path, or a newer Node.",
      { url: url.href, operation: role },
    );
  }
  if (name === "" && role === "dial") {
    throw new InvalidOperationError(
      "abstract:// without a name lets a listener choose one: dial the address that the listener tells.",
      { url: url.href, operation: role },
    );
  }
  return name;
}

/** The bytes that percent-encoded text stands for; undefined for a broken escape. */
function percentDecode(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "utf8");
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    let byte = bytes[at] as number;
    if (byte === 0x25) {
      const digits = bytes.toString("latin1", at + 1, at + 3);
      if (!/^[0-9a-f]{2}$/i.test(digits)) return undefined;
      byte = Number.parseInt(digits, 16);
      at += 2;
    }
    bytes[length++] = byte;
  }
  return bytes.subarray(0, length);
}

function invalid(url: SpUrl, role: Role, why: string, example: string): AddressInvalidError {
  return new AddressInvalidError(`${shown(url)} ${why}. The form is ${example}`, {
    url: url.href,
    operation: role,
  });
}

function tooLong(url: SpUrl, role: Role, length: number, longest: number, unit: string): AddressInvalidError {
  return new AddressInvalidError(
    `${shown(url)} has ${length} ${unit}; the system's limit is ${longest}. Choose a shorter one, or a relative path.`,
    { url: url.href, operation: role },
  );
}

/** Enough of a URL to recognise it. */
function shown(url: SpUrl): string {
  return url.href.length > 64 ? `"${url.href.slice(0, 64)}…"` : `"${url.href}"`;
}
