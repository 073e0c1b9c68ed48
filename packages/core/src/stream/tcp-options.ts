/**
 * The options that every transport on tcp has: checked once, when the transport is made, or for one
 * endpoint, and what they mean to a socket.
 */
import { AddressInvalidError, BadTypeError, InvalidOperationError } from "../errors.js";
import { ipFamily } from "../ip-family.js";
import { count, flag, type OptionRule, type OptionSchema } from "../options.js";
import type { SpUrl } from "../url.js";
import { readTcpTarget } from "./tcp-address.js";

/** Options of transports over tcp, given to the factory: `tcp({ … })`. */
export interface TcpOptions {
  /** Send small messages at once instead of waiting until a segment is full (`TCP_NODELAY`). Default true. */
  readonly noDelay?: boolean | undefined;
  /** Let the system probe idle connections, so that a peer that vanished is noticed. Default false. */
  readonly keepAlive?: boolean | undefined;
  /** Idle time before the first probe, in ms. Default 0: the system's own, often two hours. */
  readonly keepAliveInitialDelay?: number | undefined;
  /** Connections that the system may hold until we accept them; it may lower the number. Default 511. */
  readonly backlog?: number | undefined;
  /** Accept no IPv4 where a listener is bound to IPv6. Default false: both. A scheme that ends in 6 always implies it. */
  readonly ipv6Only?: boolean | undefined;
  /** Dial from this IP address of this machine. Default: the system chooses. */
  readonly localAddress?: string | undefined;
}

/** The same once checked. */
export interface TcpSettings {
  readonly noDelay: boolean;
  readonly keepAlive: boolean;
  readonly keepAliveInitialDelay: number;
  readonly backlog: number;
  readonly ipv6Only: boolean;
  readonly localAddress: string | undefined;
}

const endpoint = true;

const ipAddress: OptionRule<string | undefined> = {
  endpoint,
  default: undefined,
  parse(value, name) {
    const expected = 'an IPv4 or IPv6 address without brackets and port, such as "192.0.2.1"';
    if (typeof value !== "string") {
      throw new BadTypeError(`Option ${name} was given a ${typeof value}; it takes ${expected}.`);
    }
    if (ipFamily(value) === 0) {
      throw new InvalidOperationError(
        `Option ${name} was given a string that is none; it takes ${expected}.`,
      );
    }
    return value;
  },
};

export const tcpOptions = {
  noDelay: flag(true, { endpoint }),
  keepAlive: flag(false, { endpoint }),
  keepAliveInitialDelay: count({ default: 0, min: 0, max: 2 ** 31 - 1, endpoint }),
  backlog: count({ default: 511, min: 1, max: 65_535, endpoint }),
  ipv6Only: flag(false, { endpoint }),
  localAddress: ipAddress,
} satisfies OptionSchema;

/** What `net.connect` and `tls.connect` take to reach a URL. */
export interface ConnectOptions {
  readonly host: string;
  readonly port: number;
  readonly family: number;
  readonly autoSelectFamily: boolean;
  readonly localAddress?: string;
  readonly allowHalfOpen: true;
}

/** @throws AddressInvalidError, InvalidOperationError */
export function tcpConnectOptions(url: SpUrl, { localAddress }: TcpSettings): ConnectOptions {
  const { host, port, family } = readTcpTarget(url, "dial");
  const from = localAddress === undefined ? 0 : ipFamily(localAddress);
  if (family !== 0 && from !== 0 && from !== family) {
    throw new AddressInvalidError(
      `${url.scheme}:// is for IPv${family}, and localAddress is an IPv${from} address.`,
      { url: url.href, operation: "dial" },
    );
  }
  return {
    host,
    port,
    // Names are resolved at each attempt; both families are tried in turn unless one was asked for.
    family: from || family,
    autoSelectFamily: from === 0 && family === 0,
    ...(localAddress === undefined ? {} : { localAddress }),
    // A half-closed peer may still be read to its end.
    allowHalfOpen: true,
  };
}

/** For a dialer's socket, once it has connected: racing the families replaces its handle, and what was set on it. */
export function applyTcpOptions(
  socket: {
    setNoDelay(noDelay: boolean): unknown;
    setKeepAlive(enable: boolean, initialDelay: number): unknown;
  },
  settings: TcpSettings,
): void {
  socket.setNoDelay(settings.noDelay);
  if (settings.keepAlive) socket.setKeepAlive(true, settings.keepAliveInitialDelay);
}
