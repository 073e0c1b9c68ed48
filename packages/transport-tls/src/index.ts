/**
 * TLS on TCP for Sprocket: `tls+tcp://`, `tls+tcp4://` and `tls+tcp6://`.
 */
import type { PeerCertificate } from "node:tls";
import type { Transport } from "@sprocket/core/plugin";
import { readTcpTarget } from "@sprocket/core/stream";
import {
  type TlsOptions as SharedTlsOptions,
  TlsCredentialStore,
  type TlsCredentials,
  type TlsOverrides,
} from "@sprocket/core/tls";
import { dial } from "./dial.js";
import { listen } from "./listen.js";
import { options as secureOptions } from "./runtime.js";

export type {
  Pem,
  PskDialCallback,
  PskListenCallback,
  TlsAuthMode,
  TlsCredentials,
  TlsPeerCertificate,
} from "@sprocket/core/tls";

export interface TlsOptions extends SharedTlsOptions<PeerCertificate> {}

export interface TlsTransport extends Transport {
  /**
   * Replaces credentials: what is given is new, the rest stays. It counts for every connection from now on, of dialers
   * and of listeners that are bound; open connections are not touched. What an endpoint was given for itself stays.
   *
   * Nothing changes when it throws.
   *
   * @throws InvalidOperationError, CryptoError, BadTypeError, NotSupportedError
   * @example
   * const transport = tls({ cert, key });
   * // … the certificate was renewed:
   * transport.reload({ cert: await readFile("calc.crt"), key: await readFile("calc.key") });
   */
  reload(credentials: TlsCredentials): void;
}

/**
 * Makes the TLS transport. A plain value: share it among any number of sockets. Dialers verify their peers unless
 * `authMode` says otherwise.
 *
 * @throws InvalidOperationError, CryptoError, BadTypeError, NotSupportedError
 * @example
 * const socket = new Rep0({ transports: [tls({ cert, key, ca, authMode: "required" })] });
 */
export function tls(options?: TlsOptions): TlsTransport {
  const store = new TlsCredentialStore(secureOptions, options);
  return {
    name: "tls",
    schemes: ["tls+tcp", "tls+tcp4", "tls+tcp6"],
    check: (url, role) => void readTcpTarget(url, role),
    readOptions: (given, role) => store.readOverrides(given, role),
    async dial(url, context) {
      const { settings, secureContext } = store.forDialer(context.transportOptions as TlsOverrides);
      return dial(url, context, settings, secureContext);
    },
    async listen(url, context) {
      const credentials = store.forListener(context.transportOptions as TlsOverrides);
      try {
        return await listen(url, context, credentials);
      } catch (error) {
        credentials.forget();
        throw error;
      }
    },
    reload: (credentials) => store.reload(credentials),
  };
}
