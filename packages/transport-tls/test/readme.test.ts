/** The examples of the README run as they stand there, in a folder that has the files they read. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { noOpenssl } from "./support/openssl.js";
import { pki } from "./support/pki.js";

const packages = fileURLToPath(new URL("../..", import.meta.url));
const readme = readFileSync(join(packages, "transport-tls/README.md"), "utf8");
const examples = [...readme.matchAll(/```js\n(.*?)```/gs)].map(([, code = ""]) => code);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sp-tls-readme-"));
  mkdirSync(join(folder, "node_modules/@sprocket"), { recursive: true });
  for (const name of ["core", "pair", "reqrep", "transport-tls"]) {
    symlinkSync(join(packages, name), join(folder, "node_modules/@sprocket", name), "junction");
  }
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function outputOf(code: string): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ["--input-type=module", "--preserve-symlinks", "-e", code],
    { cwd: folder, timeout: 14_000 },
  );
  expect(stderr).toBe("");
  return stdout.trim();
}

describe.skipIf(noOpenssl)("the example with certificates (needs openssl)", () => {
  test("prints what it says", async () => {
    for (const [name, text] of Object.entries({
      "ca.crt": pki.ca,
      "calc.crt": pki.server.cert,
      "calc.key": pki.server.key,
    })) {
      writeFileSync(join(folder, name), text);
    }
    expect(examples[0]).toContain("// HELLO");
    expect(await outputOf(examples[0] as string)).toBe("HELLO");
  });
});

test("the example with a shared key prints what it says", async () => {
  expect(examples[1]).toContain("// hello from right");
  expect(await outputOf(examples[1] as string)).toBe("hello from right");
});
