/** An authority, another one that nobody trusts, and certificates of both for this machine, as files: openssl makes them. */
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll } from "vitest";
import { temporaryFolder } from "./addresses.js";
import { tool } from "./requirements.js";

/** Paths of PEM files. */
export interface Issued {
  readonly cert: string;
  readonly key: string;
  /** Both of them in one file, as nng wants them. */
  readonly both: string;
}

export interface Pki {
  readonly ca: string;
  readonly server: Issued;
  readonly client: Issued;
  readonly strangers: { readonly ca: string; readonly server: Issued; readonly client: Issued };
  /** From our authority, for another host. */
  readonly otherName: Issued;
}

function make(): Pki {
  const folder = temporaryFolder();
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const path = (name: string): string => join(folder, name);
  const certificate = (name: string, ...parameters: string[]): Issued => {
    const [cert, key, both] = [path(`${name}.crt`), path(`${name}.key`), path(`${name}.pem`)] as const;
    execFileSync(
      "openssl",
      [
        ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"],
        ...["-subj", `/CN=${name}`, "-days", "2", "-keyout", key, "-out", cert, ...parameters],
      ],
      { stdio: "pipe", timeout: 20_000 },
    );
    writeFileSync(both, readFileSync(cert, "utf8") + readFileSync(key, "utf8"));
    return { cert, key, both };
  };
  const authority = (name: string): Issued => certificate(name);
  const issue = (by: Issued, name: string, host = "localhost"): Issued =>
    certificate(
      name,
      ...["-CA", by.cert, "-CAkey", by.key],
      ...["-addext", `subjectAltName=DNS:${host}`, "-addext", "basicConstraints=critical,CA:FALSE"],
    );
  const ours = authority("ours");
  const theirs = authority("theirs");
  return {
    ca: ours.cert,
    server: issue(ours, "server"),
    client: issue(ours, "client"),
    strangers: {
      ca: theirs.cert,
      server: issue(theirs, "strange-server"),
      client: issue(theirs, "strange-client"),
    },
    otherName: issue(ours, "other-name", "other.test"),
  };
}

/** Undefined where there is no openssl. */
export const pki: Pki | undefined = "file" in tool("openssl") ? make() : undefined;

export function pem(path: string): string {
  return readFileSync(path, "utf8");
}
