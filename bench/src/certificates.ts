/** A certificate for 127.0.0.1, which is its own authority, made by the system's openssl. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The folder that holds it, or undefined where there is no openssl. It goes with the process. */
export function makeCertificates(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), "sprocket-bench-tls-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const file = (name: string): string => join(folder, name);
  try {
    execFileSync(
      "openssl",
      [
        ...["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"],
        ...["-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"],
        ...["-keyout", file("server.key"), "-out", file("server.crt")],
      ],
      { stdio: "ignore" },
    );
  } catch {
    return undefined;
  }
  // nng wants both in one file.
  writeFileSync(file("server.pem"), readFileSync(file("server.crt")));
  writeFileSync(file("server.pem"), readFileSync(file("server.key")), { flag: "a" });
  return folder;
}
