/** The TLS of this runtime, for the parts that core shares among secure transports. */
import { constants, X509Certificate } from "node:crypto";
import { checkServerIdentity, createSecureContext, type PeerCertificate, type SecureContext } from "node:tls";
import { domainToASCII } from "node:url";
import { SecureOptions, type TlsRuntime } from "@sprocket/core/tls";

export const runtime: TlsRuntime<SecureContext> = {
  createSecureContext,
  readCertificate: (pem) => new X509Certificate(pem),
  checkServerIdentity: (host, certificate) => checkServerIdentity(host, certificate as PeerCertificate),
  domainToASCII,
  secureOptions: constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_TICKET,
};

export const secureOptions = new SecureOptions(runtime, "ws({ tls })");
