/**
 * Options that fit together, and what the runtime's TLS makes of them.
 *
 * The rules it guards: what contradicts itself or cannot work is refused when it is given, with a text that says what to
 * change; every connection begins anew (no resumption, no renegotiation), so that who is checked is checked against the
 * credentials of now; no text has anything of a key, a passphrase or a certificate in it.
 */
import { CryptoError, InvalidOperationError } from "../errors.js";
import { type OptionSchema, readOptions } from "../options.js";
import { credentialOptions, type TlsAuthMode, type TlsSettings, tlsOptions } from "./options.js";
import type { SecureContextSettings, TlsRuntime } from "./runtime.js";

export type Role = "dial" | "listen";

/** Reads and combines options for one runtime. `owner`: what they are options of, such as `"tls()"`. */
export class SecureOptions<SecureContext = unknown> {
  readonly runtime: TlsRuntime<SecureContext>;
  readonly #owner: string;
  readonly #all: OptionSchema;
  readonly #credentials: OptionSchema;

  constructor(runtime: TlsRuntime<SecureContext>, owner: string) {
    this.runtime = runtime;
    this.#owner = owner;
    this.#all = tlsOptions(runtime);
    this.#credentials = credentialOptions(runtime);
  }

  /** What the transport was given. */
  read(given: unknown): TlsSettings {
    const settings = readOptions(this.#all, given, this.#owner, "socket") as unknown as TlsSettings;
    this.#check(settings);
    return settings;
  }

  /** What an endpoint was given, and nothing else. */
  readOverrides(given: unknown): Partial<TlsSettings> {
    return readOptions(this.#all, given, this.#owner, "endpoint") as Partial<TlsSettings>;
  }

  /** What `reload` was given, and nothing else. */
  readCredentials(given: unknown): Partial<TlsSettings> {
    return readOptions(this.#credentials, given, "reload()", "endpoint") as Partial<TlsSettings>;
  }

  /** `base` with some of it replaced. @throws InvalidOperationError, CryptoError when it does not fit together */
  combine(base: TlsSettings, changes: Partial<TlsSettings> | undefined, role?: Role): TlsSettings {
    const settings = changes === undefined ? base : { ...base, ...changes };
    this.#check(settings, role);
    return settings;
  }

  /** What `createSecureContext` takes; no option of the system's default reaches through. */
  contextOptions(settings: TlsSettings, role: Role): SecureContextSettings {
    const { ca, crl, cert, key, passphrase, minVersion, ciphers, pskCallback } = settings;
    // The world's authorities vouch for servers. They must not decide who may be our client.
    const authorities = ca ?? (role === "listen" ? [] : undefined);
    return {
      minVersion,
      honorCipherOrder: true,
      secureOptions: this.runtime.secureOptions,
      ...(authorities === undefined ? {} : { ca: [...authorities] }),
      ...(crl === undefined ? {} : { crl: [...crl] }),
      // Several certificates for one key are its chain.
      ...(cert === undefined ? {} : { cert: key?.length === 1 ? [cert.join("\n")] : [...cert] }),
      ...(key === undefined ? {} : { key: [...key] }),
      ...(passphrase === undefined ? {} : { passphrase }),
      ...(ciphers !== undefined ? { ciphers } : pskCallback !== undefined ? { ciphers: PSK_CIPHERS } : {}),
    };
  }

  #check(settings: TlsSettings, role?: Role): void {
    const { ca, crl, cert, key, passphrase, authMode, pskCallback } = settings;
    if ((cert === undefined) !== (key === undefined)) {
      throw this.#conflict(
        `cert and key belong together, and ${cert === undefined ? "cert" : "key"} is missing`,
      );
    }
    if (passphrase !== undefined && key === undefined)
      throw this.#conflict("passphrase opens key, and key is missing");
    if (crl !== undefined && crl.length > 0 && ca === undefined) {
      throw this.#conflict("crl is of the authorities in ca, and ca is missing");
    }
    if (settings.pskIdentityHint !== undefined && pskCallback === undefined) {
      throw this.#conflict("pskIdentityHint is for pskCallback, and pskCallback is missing");
    }
    if (settings.checkServerIdentity !== undefined && authMode === "none") {
      throw this.#conflict('checkServerIdentity is never asked with authMode "none"; leave one of them out');
    }
    if (role === "listen") {
      if (cert === undefined && pskCallback === undefined) {
        throw this.#conflict("a listener needs cert and key, or pskCallback");
      }
      const mode = authModeOf(settings, role);
      if (mode !== "none" && ca === undefined && pskCallback === undefined) {
        throw this.#conflict(`a listener with authMode "${mode}" needs ca: who may vouch for its clients`);
      }
    }
    this.#probe(settings);
  }

  #conflict(what: string): InvalidOperationError {
    return new InvalidOperationError(`These options of ${this.#owner} do not fit together: ${what}.`);
  }

  /** Has the runtime read the credentials, to know of a bad file now and not at the first connection. */
  #probe(settings: TlsSettings): void {
    const { ca, crl, cert, key, ciphers } = settings;
    if ([ca, crl, cert, key, ciphers].every((each) => each === undefined)) return;
    const options = this.contextOptions(settings, "listen");
    if (!this.#fails(options)) return;
    // Which of them it was: the runtime's own words may not say.
    const { minVersion, cert: ours, key: secret, passphrase, crl: lists, ciphers: suites } = options;
    if (this.#fails({ minVersion, ciphers: suites })) {
      throw new CryptoError("Option ciphers was given no cipher that this runtime has.");
    }
    if (this.#fails({ crl: lists }))
      throw new CryptoError("Option crl was given a list that cannot be read.");
    if (this.#fails({ cert: ours }))
      throw new CryptoError("Option cert was given a certificate that cannot be used.");
    if (this.#fails({ key: secret, passphrase })) {
      throw new CryptoError(
        passphrase === undefined
          ? "Option key was given a private key that cannot be read. Is it encrypted? Then give passphrase."
          : "Option key was given a private key that cannot be read with this passphrase.",
      );
    }
    if (ours === undefined)
      throw new CryptoError(`This runtime does not take these options of ${this.#owner}.`);
    throw new CryptoError(
      "Options cert and key were given a certificate and a private key that are not of one pair.",
    );
  }

  #fails(
    options: { [Name in keyof SecureContextSettings]: SecureContextSettings[Name] | undefined },
  ): boolean {
    const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
    try {
      this.runtime.createSecureContext({ ca: [], ...given });
      return false;
    } catch {
      return true;
    }
  }
}

export function authModeOf({ authMode }: TlsSettings, role: Role): TlsAuthMode {
  return authMode ?? (role === "dial" ? "required" : "none");
}

/**
 * The runtime's default excludes pre-shared keys for good. Forward secrecy first; certificates stay possible. TLS 1.3 with
 * SHA-256 alone: with any other hash it would pass over the key.
 */
const PSK_CIPHERS = [
  "TLS_CHACHA20_POLY1305_SHA256",
  "TLS_AES_128_GCM_SHA256",
  "ECDHE-PSK-CHACHA20-POLY1305",
  "ECDHE-PSK-AES256-CBC-SHA384",
  "ECDHE-PSK-AES128-CBC-SHA256",
  "ECDHE+AESGCM",
  "ECDHE+CHACHA20",
  "PSK-AES256-GCM-SHA384",
  "PSK-AES128-GCM-SHA256",
].join(":");
