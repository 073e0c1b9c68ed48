/**
 * For authors of transports over TLS: options, their check, who a peer is. Nothing of a runtime's TLS is imported; it is
 * handed in (`TlsRuntime`).
 */
export {
  type DialCredentials,
  TlsCredentialStore,
  type TlsListenerCredentials,
  type TlsOverrides,
} from "./tls/credentials.js";
export { dialerVerdict } from "./tls/dialer-verdict.js";
export { factsOf, type TlsPeerCertificate } from "./tls/facts.js";
export { handshakeFailure } from "./tls/failure.js";
export { type AcceptedSocket, type SecureServer, type TlsArrival, TlsHandshakes } from "./tls/handshakes.js";
export { ServerIdentity } from "./tls/identity.js";
export type {
  Pem,
  PskDialCallback,
  PskListenCallback,
  TlsAuthMode,
  TlsCredentials,
  TlsOptions,
  TlsSettings,
} from "./tls/options.js";
export { dialForm, listenForm, type PskWitness } from "./tls/psk.js";
export type {
  PeerCertificateLike,
  SecureContextSettings,
  SocketPlaces,
  TlsRuntime,
  TlsSocketLike,
} from "./tls/runtime.js";
export { authModeOf, SecureOptions } from "./tls/secure-options.js";
