/**
 * The options of `ipc()`: checked once, when the transport is made, or for one endpoint.
 */
import { BadTypeError, InvalidOperationError } from "@sprocket/core";
import { count, type OptionRule, readOptions } from "@sprocket/core/plugin";

export interface IpcOptions {
  /**
   * Who may connect: the mode of the socket file, from the moment that it exists. Default 0o600: only this user. No
   * effect on abstract names and on Windows.
   */
  readonly permissions?: number | undefined;
  /** Connections that the system may hold until we accept them; it may lower the number. Default 511. */
  readonly backlog?: number | undefined;
}

export interface IpcSettings {
  readonly permissions: number;
  readonly backlog: number;
}

/** A file mode. Written in decimal by mistake, common modes fall out of the range. */
const fileMode: OptionRule<number> = {
  endpoint: true,
  default: 0o600,
  parse(value, name) {
    const range = "a number from 0 to 0o777, such as 0o660";
    if (typeof value !== "number")
      throw new BadTypeError(`Option ${name} was given a ${typeof value}; it takes ${range}.`);
    if (Number.isInteger(value) && value >= 0 && value <= 0o777) return value;
    const meant = /^[0-7]{3}$/.test(String(value)) ? ` Did you mean 0o${value}?` : "";
    throw new InvalidOperationError(`Option ${name} was given ${value}; it takes ${range}.${meant}`);
  },
};

const schema = {
  permissions: fileMode,
  backlog: count({ default: 511, min: 1, max: 2 ** 16 - 1, endpoint: true }),
};

export function readIpcOptions(options: IpcOptions | undefined): IpcSettings {
  return readOptions(schema, options, "ipc()", "socket") as unknown as IpcSettings;
}

/** Only what was given. */
export function readIpcOverrides(given: object): Partial<IpcSettings> {
  return readOptions(schema, given, "ipc()", "endpoint");
}
