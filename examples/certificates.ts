/**
 * An authority of one's own, and certificates that it signs, as files of a folder. This is what the commands look like in
 * a shell; they need OpenSSL 3 or later:
 *
 *     key="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
 *     openssl req -x509 $key -days 365 -subj /CN=ours -keyout ca.key -out ca.crt
 *     openssl req -x509 $key -days 365 -subj /CN=service -keyout service.key -out service.crt \
 *       -CA ca.crt -CAkey ca.key -addext subjectAltName=DNS:localhost -addext basicConstraints=critical,CA:FALSE
 *
 * `ca.crt` goes to everybody. `ca.key` signs whatever it is given: it stays where it was made. A service needs a name that
 * dialers use (`subjectAltName`); a dialer's name is what the service will know it by.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "365"];

export function makeAuthority(folder: string, name: string): void {
  request(folder, ["-subj", `/CN=${name}`, "-keyout", `${name}.key`, "-out", `${name}.crt`]);
}

/** A certificate of `authority`, for whoever is `name`. */
export function makeCertificate(folder: string, authority: string, name: string): void {
  request(folder, [
    ...["-subj", `/CN=${name}`, "-keyout", `${name}.key`, "-out", `${name}.crt`],
    ...["-CA", `${authority}.crt`, "-CAkey", `${authority}.key`],
    ...["-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE"],
  ]);
}

/** What `tls()` takes for whoever is `name` and trusts `authority`. */
export function credentials(folder: string, authority: string, name: string) {
  const read = (file: string): string => readFileSync(join(folder, file), "utf8");
  return { ca: read(`${authority}.crt`), cert: read(`${name}.crt`), key: read(`${name}.key`) };
}

function request(folder: string, parameters: readonly string[]): void {
  execFileSync("openssl", ["req", "-x509", ...key, ...parameters], { cwd: folder, stdio: "pipe" });
}
