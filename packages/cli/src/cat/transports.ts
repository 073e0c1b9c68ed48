// The transports that addresses can name, with what the line says about TLS.
//
// Files that are no certificates or no keys are no mistake as long as no address uses TLS: nngcat looks into them when it
// meets the first that does, and so does this.

import { InvalidOperationError, type Transport } from "@sprocket/core";
import type { SpUrl } from "@sprocket/core/plugin";
import { ipc } from "@sprocket/transport-ipc";
import { tcp } from "@sprocket/transport-tcp";
import { type TlsOptions, tls } from "@sprocket/transport-tls";
import { ws } from "@sprocket/transport-ws";
import { CatError } from "./cat-error.js";
import type { Address, TlsSettings } from "./read-arguments.js";

export class Transports {
  /** inproc is in every socket. */
  readonly all: readonly Transport[];
  readonly #tls: TlsSettings;
  /** Why no address can use TLS. */
  readonly #failure: unknown;

  constructor(settings: TlsSettings) {
    this.#tls = settings;
    let options = tlsOptions(settings);
    try {
      tls(options);
    } catch (error) {
      this.#failure = error;
      options = {};
    }
    this.all = [tcp(), ipc(), tls(options), ws({ tls: options })];
  }

  /** False: nobody answers to such addresses. Throws what is wrong with one that somebody answers to. */
  check(url: SpUrl, mode: Address["mode"]): boolean {
    const transport = this.all.find(({ schemes }) => schemes.includes(url.scheme));
    transport?.check?.(url, mode);
    return transport !== undefined || url.scheme === "inproc";
  }

  /** Throws when the address needs TLS and what was given for it does not do. */
  checkTls(url: SpUrl, mode: Address["mode"]): void {
    if (!usesTls(url)) {
      return;
    }
    if (this.#failure !== undefined) {
      throw new CatError("Unable to configure TLS: Cryptographic error", { cause: this.#failure });
    }
    if (mode === "listen" && this.#tls.cert === undefined) {
      const cause = new InvalidOperationError(
        "Whoever listens with TLS needs a certificate: give --cert, and --key unless it is in the same file.",
      );
      throw new CatError(`Unable to listen on ${url.href}: Invalid argument`, { cause, explained: true });
    }
  }
}

function usesTls({ scheme }: SpUrl): boolean {
  return scheme.startsWith("tls+") || scheme.startsWith("wss");
}

/** As nngcat has it: who dials verifies by `--cacert` alone, who listens asks nobody. */
function tlsOptions({ insecure, cacert, cert, key }: TlsSettings): TlsOptions {
  return {
    ca: cacert ?? [],
    ...(insecure ? { authMode: "none" } : {}),
    // A key without a certificate has no use, and is not looked at.
    ...(cert === undefined ? {} : { cert, key: key ?? cert }),
  };
}
