/** The system's openssl makes the certificates of these tests. Where it is missing they are skipped, and say so. */
import { execFileSync } from "node:child_process";

function version(): string | undefined {
  try {
    return execFileSync("openssl", ["version"], { encoding: "utf8" }).trim();
  } catch {
    return undefined;
  }
}

const found = version();

/** Skip with it: `describe.skipIf(noOpenssl)`. */
export const noOpenssl = found === undefined;

if (noOpenssl) {
  const text = "TLS is not tested: there is no openssl (apt-get install openssl).";
  if (process.env.SPROCKET_REQUIRE_PEERS === "1") throw new Error(text);
  console.warn(text);
}
