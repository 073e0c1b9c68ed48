/**
 * TCP for Sprocket: `tcp://`, `tcp4://` and `tcp6://`.
 */
import { type EndpointContext, readOptions, type Transport } from "@sprocket/core/plugin";
import { readTcpTarget, type TcpOptions, type TcpSettings, tcpOptions } from "@sprocket/core/stream";
import { dial } from "./dial.js";
import { listen } from "./listen.js";

export type { TcpOptions };

/**
 * Makes the TCP transport. A plain value: share it among any number of sockets.
 *
 * @example
 * const socket = new Pair0({ transports: [tcp({ keepAlive: true })] });
 */
export function tcp(options?: TcpOptions): Transport {
  const settings = readOptions(tcpOptions, options, "tcp()", "socket") as unknown as TcpSettings;
  const settingsFor = ({ transportOptions }: EndpointContext): TcpSettings => ({
    ...settings,
    ...(transportOptions as Partial<TcpSettings> | undefined),
  });
  return {
    name: "tcp",
    schemes: ["tcp", "tcp4", "tcp6"],
    check: (url, role) => void readTcpTarget(url, role),
    readOptions: (given) => readOptions(tcpOptions, given, "tcp()", "endpoint"),
    dial: (url, context) => dial(url, context, settingsFor(context)),
    listen: (url, context) => listen(url, context, settingsFor(context)),
  };
}
