/**
 * Errors of TLS (the `code` strings of Node and OpenSSL) as errors of Sprocket: a certificate or a key that proves
 * nothing is an `AuthenticationError`, whatever else goes wrong in TLS a `CryptoError`, as in nng.
 *
 * The rule it guards: no text has anything of a certificate in it.
 */
import { AuthenticationError, CryptoError } from "./errors.js";
import type { Meaning } from "./system-error.js";

const authentication = (what: string, next?: string): Meaning => ({
  type: AuthenticationError,
  what,
  ...(next && { next }),
});
const failed = (what: string, next?: string): Meaning => ({ type: CryptoError, what, ...(next && { next }) });

const unknownAuthority = authentication(
  "the peer's certificate comes from an authority that is not in ca",
  "Add that authority to ca; the ones between it and the certificate belong to the peer's cert.",
);

/** What is wrong with the peer's certificate. */
const certificates: Readonly<Record<string, Meaning>> = {
  CERT_HAS_EXPIRED: authentication("the peer's certificate has expired", "Renew it."),
  CERT_NOT_YET_VALID: authentication(
    "the peer's certificate is not valid yet",
    "Compare the clocks of both machines.",
  ),
  DEPTH_ZERO_SELF_SIGNED_CERT: authentication(
    "the peer's certificate vouches only for itself",
    "If you trust it, put it into ca.",
  ),
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
  CERT_REVOKED: authentication("the peer's certificate was revoked", "The peer needs another one."),
  CRL_HAS_EXPIRED: authentication("a list in crl is out of date", "Give the present one."),
  CRL_NOT_YET_VALID: authentication("a list in crl is not valid yet", "Compare the clocks."),
  UNABLE_TO_GET_CRL: authentication(
    "crl has no list of an authority that vouches for the peer",
    "Give one for each of them.",
  ),
  INVALID_PURPOSE: authentication(
    "the peer's certificate is not for this role",
    "Its extended key usage must allow it (serverAuth for listeners, clientAuth for dialers).",
  ),
  NO_CERTIFICATE: authentication("the peer gave no certificate", "It needs cert and key."),
  ERR_TLS_CERT_ALTNAME_INVALID: authentication(
    "the peer's certificate is for another name",
    "Dial it by a name that it has, or give serverName.",
  ),
};

/** Codes for which the table has no words. */
const aboutCertificates =
  /^(?:CERT_|CRL_|UNABLE_TO_|ERROR_IN_C|DEPTH_ZERO_|SELF_SIGNED_|INVALID_|PATH_LENGTH_EXCEEDED|HOSTNAME_MISMATCH|UNSPECIFIED$)/;

/** By what the part of the code behind `ERR_SSL_` or `ERR_TLS_` has in it; the first that fits. */
const handshakes: readonly (readonly [RegExp, Meaning])[] = [
  [/DID_NOT_RETURN_A_CERTIFICATE/, certificates.NO_CERTIFICATE as Meaning],
  [
    /ALERT_CERTIFICATE_REQUIRED/,
    authentication("the peer wants a certificate of ours", "Give cert and key."),
  ],
  [
    /ALERT_(?:NO_CERTIFICATE|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_|UNKNOWN_CA|ACCESS_DENIED)/,
    authentication(
      "the peer does not accept our certificate",
      "Its ca must hold the authority that issued it.",
    ),
  ],
  [
    /PSK_IDENTITY|BINDER_DOES_NOT_VERIFY|ALERT_DECRYPT_ERROR/,
    authentication("the two sides do not share a key", "Compare identity and psk of both pskCallbacks."),
  ],
  [/CERTIFICATE_VERIFY_FAILED/, authentication("the peer's certificate was not accepted")],
  [
    /WRONG_VERSION_NUMBER|HTTP_REQUEST|HTTPS_PROXY_REQUEST|PACKET_LENGTH_TOO_LONG|RECORD_LAYER_FAILURE|UNEXPECTED_MESSAGE|INVALID_RECORD|RECORD_TOO_SMALL/,
    failed(
      "what the peer sent is not TLS",
      "Both sides need it (tls+tcp://, wss://), or neither (tcp://, ws://).",
    ),
  ],
  [
    /UNSUPPORTED_PROTOCOL|VERSION_TOO_LOW|PROTOCOL_VERSION|WRONG_SSL_VERSION|NO_PROTOCOLS_AVAILABLE|UNKNOWN_PROTOCOL/,
    failed("the two sides have no version of TLS in common", "Compare minVersion; the oldest is TLSv1.2."),
  ],
  [
    /NO_SHARED_CIPHER|ALERT_HANDSHAKE_FAILURE|INSUFFICIENT_SECURITY|NO_SUITABLE|NO_CIPHERS_AVAILABLE/,
    failed(
      "the two sides have no cipher in common, or one of them lacks a certificate or a key",
      "Compare ciphers, minVersion, cert and pskCallback.",
    ),
  ],
  [/DH_(?:KEY|PARAM)/, failed("the peer's Diffie-Hellman parameters are too weak")],
];

/** What a code of TLS means; undefined when it is none. */
export function tlsMeaning(code: string): Meaning | undefined {
  if (Object.hasOwn(certificates, code)) return certificates[code];
  if (aboutCertificates.test(code)) return authentication("the peer's certificate was not accepted");
  const [, rest] = /^ERR_(?:SSL|TLS)_(.*)$/.exec(code) ?? [];
  if (rest === undefined) return undefined;
  for (const [form, meaning] of handshakes) if (form.test(rest)) return meaning;
  return failed("TLS failed");
}
