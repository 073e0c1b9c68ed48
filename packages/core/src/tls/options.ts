/**
 * What proves a peer and ourselves, option by option: what `tls()`, its `reload` and `{ transport: … }` of an endpoint
 * take, and `ws({ tls: … })`.
 *
 * The rules it guards: nothing that was given is passed over, false, 0, "" and [] included; no text has anything of a
 * key, a passphrase or a certificate in it.
 */
import { BadTypeError, CryptoError, InvalidOperationError } from "../errors.js";
import { ipFamily } from "../ip-family.js";
import { callback, choice, type OptionRule, type OptionSchema } from "../options.js";
import { type TcpOptions, type TcpSettings, tcpOptions } from "../stream/tcp-options.js";
import type { PeerCertificateLike, TlsRuntime } from "./runtime.js";

/** The content of a PEM file: text, or its bytes. */
export type Pem = string | Uint8Array;

/** What proves who we are and who peers are: what `reload` replaces. */
export interface TlsCredentials {
  /**
   * The authorities that may vouch for peers. `[]`: none. Default for dialers: those that the runtime trusts. Listeners
   * that ask for certificates need it.
   */
  readonly ca?: Pem | readonly Pem[] | undefined;
  /** Lists of the certificates that these authorities took back: then each authority must have one. */
  readonly crl?: Pem | readonly Pem[] | undefined;
  /** Our certificate, and behind it those between it and the authority. An array with as many keys: one for each. */
  readonly cert?: Pem | readonly Pem[] | undefined;
  /** The private key of `cert`. */
  readonly key?: Pem | readonly Pem[] | undefined;
  /** Opens `key` if it is encrypted. */
  readonly passphrase?: string | undefined;
}

/**
 * - `"required"`: a peer that cannot prove who it is is refused. The default for dialers.
 * - `"optional"`: it is asked, and what came of it is in the pipe's properties.
 * - `"none"`: nobody asks. The default for listeners.
 */
export type TlsAuthMode = "none" | "optional" | "required";

/** For dialers: who we are to a listener that gave this hint, and the key that we share; undefined: we share none. */
export type PskDialCallback = (
  hint: string | undefined,
) => { readonly identity: string; readonly psk: Uint8Array } | undefined;

/** For listeners: the key that we share with a peer of this identity; undefined: we share none. */
export type PskListenCallback = (identity: string) => Uint8Array | { readonly psk: Uint8Array } | undefined;

/** `Certificate`: what the runtime calls a peer's certificate. */
export interface TlsOptions<Certificate = PeerCertificateLike> extends TcpOptions, TlsCredentials {
  /** What a peer must prove. Default: `"required"` for dialers, `"none"` for listeners. */
  readonly authMode?: TlsAuthMode | undefined;
  /** Dialers: whose certificate it must be, a name or an IP address. Default: the host in the URL. */
  readonly serverName?: string | undefined;
  /** The oldest version to speak. Default `"TLSv1.2"`. */
  readonly minVersion?: "TLSv1.2" | "TLSv1.3" | undefined;
  /** In OpenSSL's notation. Default: the runtime's, and those for pre-shared keys where there is a `pskCallback`. */
  readonly ciphers?: string | undefined;
  /** Proves both sides by a key that they share, instead of certificates. Each role has its form of it. */
  readonly pskCallback?: PskDialCallback | PskListenCallback | undefined;
  /** Listeners: helps a dialer to choose its identity. TLS 1.3 has no such hint. */
  readonly pskIdentityHint?: string | undefined;
  /**
   * Dialers: decides, in place of the runtime, whether a certificate that is in order belongs to the host. An error
   * refuses it.
   */
  readonly checkServerIdentity?: ((host: string, certificate: Certificate) => Error | undefined) | undefined;
}

/** Options as checked. PEM is text here. */
export interface TlsSettings extends TcpSettings {
  readonly ca: readonly string[] | undefined;
  readonly crl: readonly string[] | undefined;
  readonly cert: readonly string[] | undefined;
  readonly key: readonly string[] | undefined;
  readonly passphrase: string | undefined;
  readonly authMode: TlsAuthMode | undefined;
  readonly serverName: string | undefined;
  readonly minVersion: "TLSv1.2" | "TLSv1.3";
  readonly ciphers: string | undefined;
  readonly pskCallback: ((...given: unknown[]) => unknown) | undefined;
  readonly pskIdentityHint: string | undefined;
  readonly checkServerIdentity: TlsOptions["checkServerIdentity"];
}

const endpoint = true;

const CERTIFICATE = /^-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----/;
const REVOCATION_LIST = /^-----BEGIN X509 CRL-----/;
const PRIVATE_KEY = /^-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/;

export function credentialOptions(runtime: TlsRuntime): OptionSchema {
  return {
    ca: pem(runtime, "certificates", CERTIFICATE, "set"),
    crl: pem(runtime, "revocation lists", REVOCATION_LIST, "set"),
    cert: pem(runtime, "certificates", CERTIFICATE, "chain"),
    key: pem(runtime, "private keys", PRIVATE_KEY, "chain"),
    passphrase: words("a string"),
  };
}

export function tlsOptions(runtime: TlsRuntime): OptionSchema {
  return {
    ...tcpOptions,
    ...credentialOptions(runtime),
    authMode: maybe(choice(["none", "optional", "required"], "none")),
    serverName: words("a host name or an IP address", isHost),
    minVersion: choice(["TLSv1.2", "TLSv1.3"], "TLSv1.2", { endpoint }),
    ciphers: words("the names of ciphers, with colons between them", (text) => text.trim() !== ""),
    pskCallback: callback({ endpoint }),
    pskIdentityHint: words("a string"),
    checkServerIdentity: callback({ endpoint }),
  };
}

/** The rule of an option that need not be there at all. */
function maybe<T>(rule: OptionRule<T>): OptionRule<T | undefined> {
  return { ...rule, endpoint, default: undefined };
}

/** A string; its content is never shown, some are secret. */
function words(expected: string, fits?: (text: string) => boolean): OptionRule<string | undefined> {
  return {
    endpoint,
    default: undefined,
    parse(value, name) {
      if (typeof value !== "string") {
        throw new BadTypeError(`Option ${name} was given ${kindOf(value)}; it takes ${expected}.`);
      }
      if (fits?.(value) === false) {
        throw new InvalidOperationError(
          `Option ${name} was given a string that is none; it takes ${expected}.`,
        );
      }
      return value;
    },
  };
}

function isHost(text: string): boolean {
  return ipFamily(text) !== 0 || /^[\w\u0080-\u{10ffff}-]+(?:\.[\w\u0080-\u{10ffff}-]+)*\.?$/u.test(text);
}

/**
 * PEM as text. A `"set"` may be empty and is taken apart, because OpenSSL may read only the first of it; a `"chain"`
 * stays whole.
 */
function pem(
  runtime: TlsRuntime,
  what: string,
  begin: RegExp,
  kind: "set" | "chain",
): OptionRule<readonly string[] | undefined> {
  const expected = `${what} as PEM, the content of the file: a string, a Uint8Array or an array of them`;
  const blocksOf = (value: unknown, name: string): string[] => {
    if (typeof value !== "string" && !(value instanceof Uint8Array)) {
      throw new BadTypeError(`Option ${name} was given ${kindOf(value)}; it takes ${expected}.`);
    }
    // Copied here: what the caller does to its bytes later has no effect.
    const text = typeof value === "string" ? value : latin1(value);
    const blocks = text.split(/(?=-----BEGIN )/).filter((block) => begin.test(block));
    if (blocks.length === 0) {
      throw new InvalidOperationError(`Option ${name} was given no PEM of ${what}; it takes ${expected}.`);
    }
    if (begin === CERTIFICATE) for (const block of blocks) checkCertificate(runtime, block, name);
    return kind === "set" ? blocks : [blocks.join("")];
  };
  return {
    endpoint,
    default: undefined,
    parse(value, name) {
      if (!Array.isArray(value)) return Object.freeze(blocksOf(value, name));
      if (value.length === 0 && kind === "chain") {
        throw new InvalidOperationError(`Option ${name} was given an empty array; it takes ${expected}.`);
      }
      return Object.freeze(value.flatMap((each, at) => blocksOf(each, `${name}[${at}]`)));
    },
  };
}

/** OpenSSL passes over one that it cannot read without a word. */
function checkCertificate(runtime: TlsRuntime, block: string, name: string): void {
  try {
    runtime.readCertificate(block);
  } catch {
    throw new CryptoError(`Option ${name} was given a certificate that cannot be read. Is the file whole?`);
  }
}

function latin1(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

function kindOf(value: unknown): string {
  return value === null ? "null" : Array.isArray(value) ? "an array" : `a ${typeof value}`;
}
