/**
 * What a connection tells of itself and of its peer, as properties of its pipe.
 *
 * The rule it guards: they are plain values, copied: nothing of the socket can be reached or changed through them.
 */
import type { PeerCertificateLike, TlsSocketLike } from "./runtime.js";

/** `"tls.peerCertificate"`. The texts are the peer's own words, even where an authority vouches for them. */
export interface TlsPeerCertificate {
  /** By attribute, e.g. `{ CN: "calc.example", O: "Example" }`. */
  readonly subject: Readonly<Record<string, string | readonly string[]>>;
  readonly issuer: Readonly<Record<string, string | readonly string[]>>;
  /** E.g. `"DNS:calc.example, IP Address:10.0.0.7"`. */
  readonly subjectAltName: string;
  readonly validFrom: string;
  readonly validTo: string;
  readonly serialNumber: string;
  /** SHA-256, in hex with colons. */
  readonly fingerprint256: string;
  /** DER. */
  readonly raw: Uint8Array;
}

/** What was found out about the peer. */
export interface Verdict {
  /** The peer proved who it is, by its certificate or by a shared key. */
  readonly authorized: boolean;
  /** Why not, where it was asked. */
  readonly problem: string | undefined;
  /** Listeners: who the peer says it is, proven by the key that belongs to it. */
  readonly pskIdentity?: string | undefined;
}

export function factsOf(socket: TlsSocketLike, verdict: Verdict): ReadonlyMap<string, unknown> {
  const facts = new Map<string, unknown>([
    ["tls.authorized", verdict.authorized],
    ["tls.protocol", socket.getProtocol() ?? undefined],
    ["tls.cipher", socket.getCipher()?.name],
  ]);
  if (verdict.problem !== undefined) facts.set("tls.authorizationError", verdict.problem);
  if (verdict.pskIdentity !== undefined) facts.set("tls.pskIdentity", verdict.pskIdentity);
  const certificate = certificateOf(socket);
  if (certificate !== undefined) {
    facts.set("tls.peerCertificate", plain(certificate));
    const { CN } = (certificate.subject ?? {}) as { CN?: unknown };
    const name = Array.isArray(CN) ? CN[0] : CN;
    if (name !== undefined) facts.set("tls.peerCommonName", name);
  }
  return facts;
}

/** The peer's certificate, if it gave one. */
export function certificateOf(socket: TlsSocketLike): PeerCertificateLike | undefined {
  const certificate = socket.getPeerCertificate();
  return isThere(certificate) ? (certificate as PeerCertificateLike) : undefined;
}

/** For "none" the runtime has an empty object, or null. */
export function isThere(certificate: PeerCertificateLike | null | undefined): boolean {
  return certificate?.raw !== undefined;
}

/**
 * Were both sides proven by a shared key? To be asked only where there is a `pskCallback`: with TLS 1.3 it looks like a
 * resumed session, and there are no other ones here.
 */
export function usesSharedKey(socket: TlsSocketLike): boolean {
  return (
    socket.getCipher()?.name.includes("PSK") === true ||
    (socket.getProtocol() === "TLSv1.3" && socket.isSessionReused())
  );
}

function plain(certificate: PeerCertificateLike): TlsPeerCertificate {
  return Object.freeze({
    subject: Object.freeze({ ...certificate.subject }) as TlsPeerCertificate["subject"],
    issuer: Object.freeze({ ...certificate.issuer }) as TlsPeerCertificate["issuer"],
    subjectAltName: certificate.subjectaltname ?? "",
    validFrom: certificate.valid_from,
    validTo: certificate.valid_to,
    serialNumber: certificate.serialNumber,
    fingerprint256: certificate.fingerprint256,
    raw: new Uint8Array(certificate.raw),
  });
}
