/**
 * Whose certificate a dialer accepts: the host of the URL, or `serverName`.
 *
 * The rule it guards: the name is always checked, IP addresses too, and whatever the application's own check does, it
 * ends in an answer.
 */
import { AuthenticationError } from "../errors.js";
import { ipFamily } from "../ip-family.js";
import { printable } from "../printable.js";
import type { SpUrl } from "../url.js";
import { isThere } from "./facts.js";
import type { TlsSettings } from "./options.js";
import type { PeerCertificateLike, TlsRuntime } from "./runtime.js";

export class ServerIdentity {
  /** What the certificate must be for. */
  readonly name: string;
  /** What the handshake asks for; undefined for an IP address, which it cannot carry. */
  readonly servername: string | undefined;
  /** The code of what is wrong with the name, once somebody asked. */
  problem: string | undefined;
  readonly #url: SpUrl;
  readonly #check: (host: string, certificate: PeerCertificateLike) => Error | undefined;

  constructor(
    url: SpUrl,
    host: string,
    { serverName, checkServerIdentity: own }: TlsSettings,
    runtime: TlsRuntime,
  ) {
    // A zone is of this machine, no certificate knows it; a final dot is for name servers.
    const asked = (serverName ?? host).replace(/%.*$/, "").replace(/\.$/, "");
    const literal = ipFamily(asked) !== 0;
    this.name = literal ? asked : runtime.domainToASCII(asked) || asked;
    this.servername = literal ? undefined : this.name;
    this.#url = url;
    this.#check = own ?? ((name, certificate) => runtime.checkServerIdentity(name, certificate));
  }

  /** For `tls.connect`, which calls it after the chain was found good. */
  check(certificate: PeerCertificateLike): Error | undefined {
    // A shared key proved the peer: the runtime asks all the same, with an empty certificate.
    if (!isThere(certificate)) return undefined;
    let error: Error | undefined;
    try {
      error = this.#check(this.name, certificate);
    } catch (thrown) {
      error = thrown instanceof Error ? thrown : new Error("checkServerIdentity threw");
    }
    if (!error) return undefined;
    const { code } = error as { code?: unknown };
    const byName = code === "ERR_TLS_CERT_ALTNAME_INVALID";
    this.problem = typeof code === "string" ? code : "IDENTITY_REFUSED";
    return new AuthenticationError(
      byName
        ? `The certificate of ${this.#url} is not for ${printable(this.name)}. Dial it by a name that it has, or give serverName.`
        : `checkServerIdentity refused the certificate of ${this.#url}.`,
      // The runtime's error holds the certificate.
      { url: this.#url.href, operation: "dial", ...(byName ? {} : { cause: error }) },
    );
  }
}
