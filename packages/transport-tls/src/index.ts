/**
 * TLS on TCP for Sprocket: `tls+tcp://`, `tls+tcp4://` and `tls+tcp6://`.
 */
import { createSecureContext, type SecureContext } from "node:tls";
import type { Transport, TransportListener } from "@sprocket/core/plugin";
import { readTcpTarget } from "@sprocket/core/stream";
import { dial } from "./dial.js";
import { listen, type TlsListener } from "./listen.js";
import type { TlsCredentials, TlsOptions, TlsSettings } from "./options.js";
import { combine, contextOptions, readCredentials, readOverrides, readTlsOptions } from "./secure-options.js";

export type { TlsPeerCertificate } from "./facts.js";
export type {
  Pem,
  PskDialCallback,
  PskListenCallback,
  TlsAuthMode,
  TlsCredentials,
  TlsOptions,
} from "./options.js";

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
  let settings = readTlsOptions(options);
  /** What a dialer needs, by its overrides: reading the world's authorities takes a while, so it is kept. */
  let dialers = new WeakMap<object, { settings: TlsSettings; secureContext: SecureContext }>();
  const listeners = new Set<Bound>();

  const forDialer = (overrides: Overrides): { settings: TlsSettings; secureContext: SecureContext } => {
    const key = overrides ?? settings;
    let ready = dialers.get(key);
    if (ready === undefined) {
      const own = combine(settings, overrides, "dial");
      ready = { settings: own, secureContext: createSecureContext(contextOptions(own, "dial")) };
      dialers.set(key, ready);
    }
    return ready;
  };

  return {
    name: "tls",
    schemes: ["tls+tcp", "tls+tcp4", "tls+tcp6"],
    check: (url, role) => void readTcpTarget(url, role),
    readOptions(given, role) {
      const overrides = readOverrides(given);
      combine(settings, overrides, role);
      return overrides;
    },
    async dial(url, context) {
      const own = forDialer(context.transportOptions as Overrides);
      return dial(url, context, own.settings, own.secureContext);
    },
    async listen(url, context) {
      const bound = new Bound(context.transportOptions as Overrides);
      const own = combine(settings, bound.overrides, "listen");
      listeners.add(bound);
      const forget = (): void => void listeners.delete(bound);
      try {
        return bound.begin(await listen(url, context, own, forget));
      } catch (error) {
        forget();
        throw error;
      }
    },
    reload(credentials) {
      const next = combine(settings, readCredentials(credentials));
      // All of them are tried before any is changed.
      const changes = [...listeners].map((bound) => {
        const own = combine(next, bound.overrides, "listen");
        return () => bound.reload(own);
      });
      settings = next;
      dialers = new WeakMap();
      for (const change of changes) change();
    },
  };
}

type Overrides = Partial<TlsSettings> | undefined;

/** A listener, from the moment on in which it begins to bind. */
class Bound {
  readonly overrides: Overrides;
  #listener: TlsListener | undefined;
  /** Reloaded before it was bound. */
  #next: TlsSettings | undefined;

  constructor(overrides: Overrides) {
    this.overrides = overrides;
  }

  begin(listener: TlsListener): TransportListener {
    this.#listener = listener;
    if (this.#next !== undefined) listener.reload(this.#next);
    return listener.listener;
  }

  reload(settings: TlsSettings): void {
    if (this.#listener === undefined) this.#next = settings;
    else this.#listener.reload(settings);
  }
}
