// Dials and listens, in the order of the command line, and says what went wrong the way nngcat does: an address that can
// never work fails when its dialer or listener is created, everything else when it is started.

import { isSprocketError } from "@sprocket/core";
import { parseUrl, type SpUrl } from "@sprocket/core/plugin";
import type { Terminal } from "../terminal.js";
import { CatError } from "./cat-error.js";
import type { CatSocket } from "./cat-socket.js";
import { errorText } from "./error-text.js";
import type { Address, Settings } from "./read-arguments.js";
import type { Transports } from "./transports.js";

export async function openAddresses(
  socket: CatSocket,
  settings: Settings,
  transports: Transports,
  terminal: Terminal,
): Promise<void> {
  const mode = settings.async || settings.compat ? "background" : "connect";
  for (const address of settings.addresses) {
    transports.checkTls(checkedAddress(address, transports), address.mode);
    let url: string;
    try {
      ({ url } =
        address.mode === "dial"
          ? await socket.dial(address.url, { mode })
          : await socket.listen(address.url));
    } catch (error) {
      throw new CatError(`Unable to ${address.mode} on ${address.url}: ${failureText(error, settings)}`, {
        cause: error,
        explained: failsOnlyHere(error, address.url),
      });
    }
    if (settings.verbose) {
      await terminal.write(`${address.mode === "dial" ? "Connected to" : "Listening at"}: ${url}\n`);
    }
  }
}

/** nngcat's mbedTLS has no authority to ask without `--cacert`; with it, each refusal is like any other failure. */
function failureText(error: unknown, { tls }: Settings): string {
  const refused = isSprocketError(error) && error.code === "SP_EPEERAUTH";
  return refused && tls.cacert !== undefined ? "Cryptographic error" : errorText(error);
}

/** nngcat reports a connection to a peer of another protocol, unless it is an HTTP server that refuses it. */
function failsOnlyHere(error: unknown, url: string): boolean {
  return isSprocketError(error) && error.code === "SP_EPROTO" && !/^wss?[46]?:/i.test(url);
}

function checkedAddress({ mode, url }: Address, transports: Transports): SpUrl {
  const failed = `Unable to create ${mode === "dial" ? "dialer" : "listener"} for ${url}`;
  try {
    const parsed = parseUrl(url);
    if (transports.check(parsed, mode)) {
      return parsed;
    }
  } catch (error) {
    throw new CatError(`${failed}: ${errorText(error)}`, { cause: error });
  }
  throw new CatError(`${failed}: Not supported`);
}
