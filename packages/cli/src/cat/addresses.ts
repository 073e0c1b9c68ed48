// Dials and listens, in the order of the command line, and says what went wrong the way nngcat does: an address that can
// never work fails when its dialer or listener is created, everything else when it is started.

import type { Transport } from "@sprocket/core";
import { parseUrl } from "@sprocket/core/plugin";
import { ipc } from "@sprocket/transport-ipc";
import { tcp } from "@sprocket/transport-tcp";
import type { Terminal } from "../terminal.js";
import { CatError } from "./cat-error.js";
import type { CatSocket } from "./cat-socket.js";
import { errorText } from "./error-text.js";
import type { Address, Settings } from "./read-arguments.js";

/** inproc is in every socket. */
export const transports: readonly Transport[] = [tcp(), ipc()];

/** Schemes of nngcat that are still to come. Everything else that nobody answers is unknown. */
const planned = /^((?:tls\+tcp|wss?)[46]?):\/\//i;

export async function openAddresses(
  socket: CatSocket,
  settings: Settings,
  terminal: Terminal,
): Promise<void> {
  const mode = settings.async || settings.compat ? "background" : "connect";
  for (const address of settings.addresses) {
    checkAddress(address);
    let url: string;
    try {
      ({ url } =
        address.mode === "dial"
          ? await socket.dial(address.url, { mode })
          : await socket.listen(address.url));
    } catch (error) {
      throw new CatError(`Unable to ${address.mode} on ${address.url}: ${errorText(error)}`, {
        cause: error,
      });
    }
    if (settings.verbose) {
      await terminal.write(`${address.mode === "dial" ? "Connected to" : "Listening at"}: ${url}\n`);
    }
  }
}

function checkAddress({ mode, url }: Address): void {
  const failed = `Unable to create ${mode === "dial" ? "dialer" : "listener"} for ${url}`;
  let transport: Transport | undefined;
  try {
    const parsed = parseUrl(url);
    transport = transports.find(({ schemes }) => schemes.includes(parsed.scheme));
    if (transport !== undefined || parsed.scheme === "inproc") {
      transport?.check?.(parsed, mode);
      return;
    }
  } catch (error) {
    throw new CatError(`${failed}: ${errorText(error)}`, { cause: error });
  }
  const [, scheme] = planned.exec(url) ?? [];
  const why = scheme === undefined ? "" : ` (${scheme} is not in this version of sprocket cat)`;
  throw new CatError(`${failed}: Not supported${why}`);
}
