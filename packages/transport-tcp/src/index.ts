/**
 * TCP for Sprocket: `tcp://`, `tcp4://` and `tcp6://`.
 */
import type { Transport } from "@sprocket/core/plugin";
import { readTarget } from "./address.js";
import { dial } from "./dial.js";
import { listen } from "./listen.js";
import { readTcpOptions, type TcpOptions } from "./options.js";

export type { TcpOptions };

/**
 * Makes the TCP transport. A plain value: share it among any number of sockets.
 *
 * @example
 * const socket = new Pair0({ transports: [tcp({ keepAlive: true })] });
 */
export function tcp(options?: TcpOptions): Transport {
  const settings = readTcpOptions(options);
  return {
    name: "tcp",
    schemes: ["tcp", "tcp4", "tcp6"],
    check: (url, role) => void readTarget(url, role),
    dial: (url, context) => dial(url, context, settings),
    listen: (url, context) => listen(url, context, settings),
  };
}
