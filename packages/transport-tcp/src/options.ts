/**
 * The options of `tcp()`: checked once, when the transport is made.
 */
import { isIP } from "node:net";
import { BadTypeError, InvalidOperationError } from "@sprocket/core";
import { count, flag, type OptionRule, readOptions } from "@sprocket/core/plugin";

export interface TcpOptions {
  /** Send small messages at once instead of waiting until a segment is full (`TCP_NODELAY`). Default true. */
  readonly noDelay?: boolean | undefined;
  /** Let the system probe idle connections, so that a peer that vanished is noticed. Default false. */
  readonly keepAlive?: boolean | undefined;
  /** Idle time before the first probe, in ms. Default 0: the system's own, often two hours. */
  readonly keepAliveInitialDelay?: number | undefined;
  /** Connections that the system may hold until we accept them; it may lower the number. Default 511. */
  readonly backlog?: number | undefined;
  /** Accept no IPv4 where a listener is bound to IPv6. Default false: both. `tcp6://` always implies it. */
  readonly ipv6Only?: boolean | undefined;
  /** Dial from this IP address of this machine. Default: the system chooses. */
  readonly localAddress?: string | undefined;
}

export interface TcpSettings {
  readonly noDelay: boolean;
  readonly keepAlive: boolean;
  readonly keepAliveInitialDelay: number;
  readonly backlog: number;
  readonly ipv6Only: boolean;
  readonly localAddress: string | undefined;
}

const ipAddress: OptionRule<string | undefined> = {
  default: undefined,
  parse(value, name) {
    const expected = 'an IPv4 or IPv6 address without brackets and port, such as "192.0.2.1"';
    if (typeof value !== "string") {
      throw new BadTypeError(`Option ${name} was given a ${typeof value}; it takes ${expected}.`);
    }
    if (isIP(value) === 0) {
      throw new InvalidOperationError(
        `Option ${name} was given a string that is none; it takes ${expected}.`,
      );
    }
    return value;
  },
};

const schema = {
  noDelay: flag(true),
  keepAlive: flag(false),
  keepAliveInitialDelay: count({ default: 0, min: 0, max: 2 ** 31 - 1 }),
  backlog: count({ default: 511, min: 1, max: 65_535 }),
  ipv6Only: flag(false),
  localAddress: ipAddress,
};

export function readTcpOptions(options: TcpOptions | undefined): TcpSettings {
  return readOptions(schema, options, "tcp()", "socket") as unknown as TcpSettings;
}
