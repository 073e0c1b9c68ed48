/**
 * Options that fit together, and what the runtime's TLS makes of them.
 *
 * The rules it guards: what contradicts itself or cannot work is refused when it is given, with a text that says what to
 * change; every connection begins anew (no resumption, no renegotiation), so that who is checked is checked against the
 * credentials of now; no text has anything of a key, a passphrase or a certificate in it.
 */
import { constants } from "node:crypto";
import { createSecureContext, type SecureContextOptions } from "node:tls";
import { CryptoError, InvalidOperationError } from "@sprocket/core";
import { readOptions } from "@sprocket/core/plugin";
import { credentialOptions, type TlsAuthMode, type TlsSettings, tlsOptions } from "./options.js";

export type Role = "dial" | "listen";

/** What `tls()` was given. */
export function readTlsOptions(given: unknown): TlsSettings {
  const settings = readOptions(tlsOptions, given, "tls()", "socket") as unknown as TlsSettings;
  check(settings);
  return settings;
}

/** What an endpoint was given, and nothing else. */
export function readOverrides(given: object): Partial<TlsSettings> {
  return readOptions(tlsOptions, given, "tls()", "endpoint") as Partial<TlsSettings>;
}

/** What `reload` was given, and nothing else. */
export function readCredentials(given: unknown): Partial<TlsSettings> {
  return readOptions(credentialOptions, given, "reload()", "endpoint") as Partial<TlsSettings>;
}

/** `base` with some of it replaced. @throws InvalidOperationError, CryptoError when it does not fit together */
export function combine(
  base: TlsSettings,
  changes: Partial<TlsSettings> | undefined,
  role?: Role,
): TlsSettings {
  const settings = changes === undefined ? base : { ...base, ...changes };
  check(settings, role);
  return settings;
}

export function authModeOf({ authMode }: TlsSettings, role: Role): TlsAuthMode {
  return authMode ?? (role === "dial" ? "required" : "none");
}

/** What `createSecureContext` takes; no option of the system's default reaches through. */
export function contextOptions(settings: TlsSettings, role: Role): SecureContextOptions {
  const { ca, crl, cert, key, passphrase, minVersion, ciphers, pskCallback } = settings;
  // The world's authorities vouch for servers. They must not decide who may be our client.
  const authorities = ca ?? (role === "listen" ? [] : undefined);
  return {
    minVersion,
    honorCipherOrder: true,
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_TICKET,
    ...(authorities === undefined ? {} : { ca: [...authorities] }),
    ...(crl === undefined ? {} : { crl: [...crl] }),
    // Several certificates for one key are its chain.
    ...(cert === undefined ? {} : { cert: key?.length === 1 ? [cert.join("\n")] : [...cert] }),
    ...(key === undefined ? {} : { key: [...key] }),
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(ciphers !== undefined ? { ciphers } : pskCallback !== undefined ? { ciphers: PSK_CIPHERS } : {}),
  };
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

function check(settings: TlsSettings, role?: Role): void {
  const { ca, crl, cert, key, passphrase, authMode, pskCallback } = settings;
  if ((cert === undefined) !== (key === undefined)) {
    throw conflict(`cert and key belong together, and ${cert === undefined ? "cert" : "key"} is missing`);
  }
  if (passphrase !== undefined && key === undefined)
    throw conflict("passphrase opens key, and key is missing");
  if (crl !== undefined && crl.length > 0 && ca === undefined) {
    throw conflict("crl is of the authorities in ca, and ca is missing");
  }
  if (settings.pskIdentityHint !== undefined && pskCallback === undefined) {
    throw conflict("pskIdentityHint is for pskCallback, and pskCallback is missing");
  }
  if (settings.checkServerIdentity !== undefined && authMode === "none") {
    throw conflict('checkServerIdentity is never asked with authMode "none"; leave one of them out');
  }
  if (role === "listen") {
    if (cert === undefined && pskCallback === undefined) {
      throw conflict("a listener needs cert and key, or pskCallback");
    }
    const mode = authModeOf(settings, role);
    if (mode !== "none" && ca === undefined && pskCallback === undefined) {
      throw conflict(`a listener with authMode "${mode}" needs ca: who may vouch for its clients`);
    }
  }
  probe(settings);
}

function conflict(what: string): InvalidOperationError {
  return new InvalidOperationError(`These options of tls() do not fit together: ${what}.`);
}

/** Has the runtime read the credentials, to know of a bad file now and not at the first connection. */
function probe(settings: TlsSettings): void {
  const { ca, crl, cert, key, ciphers } = settings;
  if ([ca, crl, cert, key, ciphers].every((each) => each === undefined)) return;
  const options = contextOptions(settings, "listen");
  if (!fails(options)) return;
  // Which of them it was: the runtime's own words may not say.
  const { minVersion, cert: ours, key: secret, passphrase, crl: lists, ciphers: suites } = options;
  if (fails({ minVersion, ciphers: suites })) {
    throw new CryptoError("Option ciphers was given no cipher that this runtime has.");
  }
  if (fails({ crl: lists })) throw new CryptoError("Option crl was given a list that cannot be read.");
  if (fails({ cert: ours }))
    throw new CryptoError("Option cert was given a certificate that cannot be used.");
  if (fails({ key: secret, passphrase })) {
    throw new CryptoError(
      passphrase === undefined
        ? "Option key was given a private key that cannot be read. Is it encrypted? Then give passphrase."
        : "Option key was given a private key that cannot be read with this passphrase.",
    );
  }
  if (ours === undefined) throw new CryptoError("This runtime does not take these options of tls().");
  throw new CryptoError(
    "Options cert and key were given a certificate and a private key that are not of one pair.",
  );
}

function fails(
  options: { [Name in keyof SecureContextOptions]: SecureContextOptions[Name] | undefined },
): boolean {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  try {
    createSecureContext({ ca: [], ...given });
    return false;
  } catch {
    return true;
  }
}
