/**
 * Connections within one machine for Sprocket: `ipc://` and `unix://` (socket files, named pipes on Windows) and Linux's
 * `abstract://`.
 */
import type { Transport } from "@sprocket/core/plugin";
import { dial } from "./dial.js";
import { listen } from "./listen.js";
import { type IpcOptions, type IpcSettings, readIpcOptions, readIpcOverrides } from "./options.js";
import { readAddress, type System } from "./path.js";

export type { IpcOptions };

/**
 * Makes the IPC transport. A plain value: share it among any number of sockets.
 *
 * @example
 * const socket = new Pair0({ transports: [ipc({ permissions: 0o660 })] });
 */
export function ipc(options?: IpcOptions): Transport {
  const settings = readIpcOptions(options);
  const system: System = { platform: process.platform, version: process.versions.node };
  return {
    name: "ipc",
    schemes: ["ipc", "unix", "abstract"],
    check: (url, role) => void readAddress(url, role, system),
    dial: (url, context) => dial(url, context, system),
    readOptions: readIpcOverrides,
    listen: (url, context) =>
      listen(url, context, { ...settings, ...(context.transportOptions as Partial<IpcSettings>) }, system),
  };
}
