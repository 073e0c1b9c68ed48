/**
 * What the secure transports need of a runtime's TLS, handed in: nothing of Node is imported here, and what is used of its
 * objects is said in types. Types only.
 */

/** The parts of `node:tls`, `node:crypto` and `node:url` that are used. */
export interface TlsRuntime<SecureContext = unknown> {
  /** @throws when it cannot read the credentials */
  createSecureContext(options: SecureContextSettings): SecureContext;
  /** @throws when it cannot read the certificate in PEM */
  readCertificate(pem: string): unknown;
  /** The runtime's own check of a name. */
  checkServerIdentity(host: string, certificate: PeerCertificateLike): Error | undefined;
  /** A name as it stands in certificates; "" when it is none. */
  domainToASCII(name: string): string;
  /** OpenSSL's flags for no renegotiation and no tickets. */
  readonly secureOptions: number;
}

/** What `createSecureContext` is given. */
export interface SecureContextSettings {
  minVersion?: "TLSv1.2" | "TLSv1.3";
  honorCipherOrder?: boolean;
  secureOptions?: number;
  ca?: string[];
  crl?: string[];
  cert?: string[];
  key?: string[];
  passphrase?: string;
  ciphers?: string;
}

/** The part of a `PeerCertificate` that is used. */
export interface PeerCertificateLike {
  subject: object;
  issuer: object;
  subjectaltname?: string | undefined;
  valid_from: string;
  valid_to: string;
  serialNumber: string;
  fingerprint256: string;
  raw: Uint8Array;
}

/** The part of a `net.Socket` that tells connections apart. */
export interface SocketPlaces {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  readonly localAddress?: string | undefined;
}

/** The part of a `TLSSocket` that is used. */
export interface TlsSocketLike extends SocketPlaces {
  readonly authorized: boolean;
  readonly authorizationError: Error | string | null | undefined;
  allowHalfOpen: boolean;
  getProtocol(): string | null;
  getCipher(): { readonly name: string } | undefined;
  getPeerCertificate(): PeerCertificateLike | null;
  isSessionReused(): boolean;
  destroy(): unknown;
}
