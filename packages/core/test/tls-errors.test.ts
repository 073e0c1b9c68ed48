/** What the codes of TLS mean, as Node 20, 22 and 24 report them. */
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { AuthenticationError, CryptoError, SystemError } from "../src/errors.js";
import { fromSystemError } from "../src/system-error.js";

const what = { operation: "dial", url: "tls+tcp://calc.test:5555" };
const read = (code: string) =>
  fromSystemError(Object.assign(new Error("the runtime's own words"), { code }), what);

test.each([
  ["CERT_HAS_EXPIRED", "has expired"],
  ["CERT_NOT_YET_VALID", "not valid yet"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "put it into ca"],
  ["SELF_SIGNED_CERT_IN_CHAIN", "not in ca"],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "not in ca"],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "not in ca"],
  ["CERT_REVOKED", "revoked"],
  ["CRL_HAS_EXPIRED", "out of date"],
  ["UNABLE_TO_GET_CRL", "no list"],
  ["INVALID_PURPOSE", "role"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "another name"],
  ["PATH_LENGTH_EXCEEDED", "not accepted"],
  ["CERT_CHAIN_TOO_LONG", "not accepted"],
  ["UNSPECIFIED", "not accepted"],
  ["ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE", "gave no certificate"],
  ["ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", "wants a certificate of ours"],
  ["ERR_SSL_TLSV1_ALERT_UNKNOWN_CA", "does not accept our certificate"],
  ["ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED", "does not accept our certificate"],
  ["ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE", "does not accept our certificate"],
  ["ERR_SSL_PSK_IDENTITY_NOT_FOUND", "do not share a key"],
  ["ERR_SSL_TLSV1_ALERT_UNKNOWN_PSK_IDENTITY", "do not share a key"],
  ["ERR_SSL_BINDER_DOES_NOT_VERIFY", "do not share a key"],
])("%s: the peer is not who it should be", (code, text) => {
  const error = read(code);
  expect(error).toBeInstanceOf(AuthenticationError);
  expect(error).toMatchObject({ ...what, errno: 27 });
  expect(error.message).toContain(text);
  expect(error.message).toContain(code);
});

test.each([
  ["ERR_SSL_WRONG_VERSION_NUMBER", "is not TLS"],
  ["ERR_SSL_HTTP_REQUEST", "is not TLS"],
  ["ERR_SSL_PACKET_LENGTH_TOO_LONG", "is not TLS"],
  ["ERR_SSL_UNSUPPORTED_PROTOCOL", "no version of TLS in common"],
  ["ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION", "no version of TLS in common"],
  ["ERR_SSL_NO_SHARED_CIPHER", "no cipher in common"],
  ["ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE", "no cipher in common"],
  ["ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE", "no cipher in common"],
  ["ERR_TLS_DH_PARAM_SIZE", "too weak"],
  ["ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC", "TLS failed"],
  ["ERR_TLS_SESSION_ATTACK", "TLS failed"],
])("%s: TLS failed", (code, text) => {
  const error = read(code);
  expect(error).toBeInstanceOf(CryptoError);
  expect(error).toMatchObject({ ...what, errno: 26 });
  expect(error.message).toContain(text);
  expect(error.message).toContain(code);
});

test.each(["ERR_SOMETHING", "EWEIRD", "constructor", ""])("%s is not of TLS", (code) => {
  expect(read(code)).toBeInstanceOf(SystemError);
});

test("the original is kept, except for the one that holds the certificate", () => {
  expect(read("CERT_HAS_EXPIRED").cause).toMatchObject({ code: "CERT_HAS_EXPIRED" });
  const original = Object.assign(new Error("altnames: DNS:secret.test"), {
    code: "ERR_TLS_CERT_ALTNAME_INVALID",
    cert: { subject: { CN: "secret.test" } },
  });
  const error = fromSystemError(original, what);
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("secret");
});
