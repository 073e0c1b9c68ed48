/**
 * WebSocket for Sprocket in Node: `ws://` and `wss://`, with a 4 or a 6 behind it for one family of addresses.
 */
import type { EndpointContext, SpUrl, Transport } from "@sprocket/core/plugin";
import { TlsCredentialStore, type TlsCredentials, type TlsOverrides } from "@sprocket/core/tls";
import { isSecure, readWsTarget } from "./address.js";
import { listenAttached } from "./attached-server.js";
import { dial } from "./dial.js";
import { listen } from "./listen.js";
import {
  readOverrides,
  readWsOptions,
  type WsOptions,
  type WsOverrides,
  type WsSettings,
  withTcpOf,
} from "./node-options.js";
import { secureOptions } from "./runtime.js";

export type {
  Pem,
  PskDialCallback,
  PskListenCallback,
  TlsAuthMode,
  TlsCredentials,
  TlsPeerCertificate,
} from "@sprocket/core/tls";
export type { UpgradeServer, WsDecision, WsHeaders, WsOptions } from "./node-options.js";

export interface WsTransport extends Transport {
  /**
   * Replaces credentials for `wss://`: what is given is new, the rest stays. It counts for every connection from now on, of
   * dialers and of listeners that are bound; open connections are not touched. What an endpoint was given for itself
   * stays, and so do the credentials of a server of the application's.
   *
   * Nothing changes when it throws.
   *
   * @throws InvalidOperationError, CryptoError, BadTypeError, NotSupportedError
   */
  reload(credentials: TlsCredentials): void;
}

/**
 * Makes the WebSocket transport. A plain value: share it among any number of sockets.
 *
 * @throws InvalidOperationError, CryptoError, BadTypeError, NotSupportedError
 * @example
 * const socket = new Pair0({ transports: [ws()] });
 */
export function ws(options?: WsOptions): WsTransport {
  const settings = readWsOptions(options);
  const store = new TlsCredentialStore(secureOptions, settings.tls);
  const settingsFor = (
    url: SpUrl,
    { transportOptions }: EndpointContext,
  ): WsSettings & { own: TlsOverrides } => {
    const { tls: own, ...overrides } = (transportOptions ?? {}) as WsOverrides;
    const merged = { ...settings, ...overrides, own };
    return isSecure(url) ? withTcpOf(merged, settings.tls, own) : merged;
  };
  return {
    name: "ws",
    schemes: ["ws", "ws4", "ws6", "wss", "wss4", "wss6"],
    check: (url, role) => void readWsTarget(url, role),
    readOptions: (given, role) => readOverrides(given, (tls) => store.readOverrides(tls, role)),
    async dial(url, context) {
      const own = settingsFor(url, context);
      return dial(url, context, own, isSecure(url) ? store.forDialer(own.own) : undefined);
    },
    async listen(url, context) {
      const own = settingsFor(url, context);
      if (own.server !== undefined) return listenAttached(url, context, own, own.server);
      const security = { owner: own.own ?? store, credentials: () => store.forListener(own.own) };
      return listen(url, context, own, isSecure(url) ? security : undefined);
    },
    reload: (credentials) => store.reload(credentials),
  };
}
