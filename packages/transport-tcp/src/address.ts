/**
 * Where a tcp URL points, and how an address of the system reads as a URL.
 *
 * The rule it guards: a URL that can never work in its role is refused before anything is opened.
 */
import type { SpUrl } from "@sprocket/core/plugin";
import { parseAuthority } from "@sprocket/core/stream";

export type Role = "dial" | "listen";

/** What a tcp URL asks for. */
export interface Target {
  /** A name, or an IP address without brackets; "" for all interfaces. */
  readonly host: string;
  /** 0: the system chooses. */
  readonly port: number;
  /** The one family that the scheme allows; 0: both. */
  readonly family: 0 | 4 | 6;
}

export function readTarget(url: SpUrl, role: Role): Target {
  const { host, port } = parseAuthority(url, role);
  return { host, port, family: url.scheme === "tcp4" ? 4 : url.scheme === "tcp6" ? 6 : 0 };
}

/** An address of the system as a URL: IPv6 in brackets, an IPv4 peer of an IPv6 socket as what it is. */
export function formatAddress(address: string | undefined, port: number | undefined): string {
  // Both are missing when the peer had gone before we could ask.
  if (address === undefined) return "tcp://unknown";
  const plain = /^::ffff:\d+\./i.test(address) ? address.slice(7) : address;
  return `tcp://${plain.includes(":") ? `[${plain}]` : plain}:${port ?? 0}`;
}

/** The URL with the port that the system chose; the host stays as it was written. */
export function withPort(url: SpUrl, port: number): string {
  // The colon of a port stands behind the bracket of an IPv6 address.
  const host = /^(?:\[[^\]]*\]|[^:/]*)/.exec(url.rest)?.[0] ?? "";
  return `${url.scheme}://${host}:${port}`;
}
