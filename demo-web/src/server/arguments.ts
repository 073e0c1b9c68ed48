/** What stands behind the command. */
import { parseArgs } from "node:util";

export const USAGE = `Serves a page on this machine on which browser tabs and this terminal talk through Sprocket sockets.

  pnpm demo:web [--port <number>]

  --port <number>   0 to 65535; 0 is any free port. Without it: 8080, or the next free one
  --help            print this`;

export type Arguments = { readonly help: true } | { readonly help: false; readonly port: number | undefined };

/** Throws an Error with a text for the user. */
export function readArguments(given: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: given.filter((argument) => argument !== "--"),
    options: { port: { type: "string" }, help: { type: "boolean", short: "h" } },
  });
  if (values.help === true) return { help: true };
  if (values.port === undefined) return { help: false, port: undefined };
  const port = Number(values.port);
  if (!/^\d+$/.test(values.port) || port > 65_535)
    throw new Error(`--port must be a whole number from 0 to 65535; got ${JSON.stringify(values.port)}.`);
  return { help: false, port };
}
