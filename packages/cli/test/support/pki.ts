// Certificates as files, which is how both programs take them; openssl makes them.

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "vitest";
import { freshFolder } from "./addresses.js";

export interface Pki {
  /** An authority, and another one that vouches for nobody here. */
  readonly ca: string;
  readonly otherCa: string;
  /** For localhost and 127.0.0.1. */
  readonly cert: string;
  readonly key: string;
  /** `key` behind a passphrase. */
  readonly encryptedKey: string;
  /** The certificate and its key in one file. */
  readonly both: string;
  /** A key of nothing. */
  readonly otherKey: string;
  readonly garbage: string;
  readonly empty: string;
}

const missing = (() => {
  try {
    execFileSync("openssl", ["version"], { stdio: "ignore" });
    return false;
  } catch {
    return true;
  }
})();

/** A group of tests that need certificates. */
export function describeWithOpenssl(title: string, tests: (pki: Pki) => void): void {
  if (!missing) {
    describe(title, () => tests(makePki()));
  } else if (process.env.SPROCKET_REQUIRE_PEERS === "1") {
    it(title, () => {
      throw new Error("openssl is missing and SPROCKET_REQUIRE_PEERS=1 asks for it: apt-get install openssl");
    });
  } else {
    it.skip(`${title} (skipped, openssl is missing: apt-get install openssl)`, () => {});
  }
}

function makePki(): Pki {
  const folder = freshFolder();
  const path = (name: string): string => join(folder, name);
  const openssl = (...parameters: string[]): void => {
    execFileSync("openssl", parameters, { cwd: folder, stdio: "pipe", timeout: 20_000 });
  };
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  for (const name of ["ca", "other"]) {
    const files = ["-keyout", `${name}.key`, "-out", `${name}.crt`];
    openssl("req", "-x509", ...newKey, ...files, "-days", "2", "-subj", `/CN=${name}`);
  }
  openssl("req", ...newKey, "-keyout", "cat.key", "-out", "cat.csr", "-subj", "/CN=cat");
  writeFileSync(path("cat.ext"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
  const authority = ["-CA", "ca.crt", "-CAkey", "ca.key", "-set_serial", "1"];
  openssl(
    "x509",
    "-req",
    ...["-in", "cat.csr", "-out", "cat.crt"],
    ...authority,
    ...["-days", "2", "-extfile", "cat.ext"],
  );
  openssl("pkey", "-in", "cat.key", "-aes256", "-passout", "pass:secret", "-out", "encrypted.key");
  writeFileSync(
    path("both.pem"),
    readFileSync(path("cat.crt"), "utf8") + readFileSync(path("cat.key"), "utf8"),
  );
  writeFileSync(path("garbage"), "this is no certificate\n");
  writeFileSync(path("empty"), "");
  return {
    ca: path("ca.crt"),
    otherCa: path("other.crt"),
    cert: path("cat.crt"),
    key: path("cat.key"),
    encryptedKey: path("encrypted.key"),
    both: path("both.pem"),
    otherKey: path("other.key"),
    garbage: path("garbage"),
    empty: path("empty"),
  };
}
