/** NODE_TLS_REJECT_UNAUTHORIZED=0 turns off what other programs verify. It turns off nothing here. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { noOpenssl } from "./support/openssl.js";
import { pki } from "./support/pki.js";

const folder = fileURLToPath(new URL("..", import.meta.url));

/** In a process of its own, with the built package: prints the outcome of each attempt. */
const script = `
  import { Pair0 } from "@sprocket/pair";
  import { tls } from "@sprocket/transport-tls";
  const { ca, server, client, strangers } = JSON.parse(process.env.TEST_PKI);
  async function attempt(listener, dialer) {
    const one = new Pair0({ transports: [tls(listener)] });
    const two = new Pair0({ transports: [tls(dialer)] });
    const refused = new Promise((resolve) => {
      one.addEventListener("handshakeerror", ({ error }) => resolve("refused: " + error.code));
      one.addEventListener("pipeopen", () => resolve("accepted"));
    });
    const { url } = await one.listen("tls+tcp://127.0.0.1:0");
    const dialed = two.dial(url, { mode: "connect" }).then(() => "connected", (error) => error.code);
    console.log(await dialed + ", " + await refused);
    one.destroy();
    two.destroy();
  }
  await attempt(server, { ca });
  await attempt(strangers.server, { ca });
  await attempt({ ...server, ca, authMode: "required" }, { ca, ...client });
  await attempt({ ...server, ca, authMode: "required" }, { ca, ...strangers.client });
  await attempt(strangers.server, { ca, authMode: "none" });
`;

describe.skipIf(noOpenssl)("NODE_TLS_REJECT_UNAUTHORIZED=0 (needs openssl)", () => {
  test("does not make a dialer trust anybody, nor a listener: only authMode does", async () => {
    const { ca, server, client, strangers } = pki;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], {
      cwd: folder,
      timeout: 14_000,
      env: {
        ...process.env,
        NODE_TLS_REJECT_UNAUTHORIZED: "0",
        TEST_PKI: JSON.stringify({ ca, server, client, strangers }),
      },
    });
    expect(stdout.trim().split("\n")).toEqual([
      "connected, accepted",
      expect.stringMatching(/^SP_EPEERAUTH, refused: /),
      "connected, accepted",
      "SP_ECONNSHUT, refused: SP_EPEERAUTH",
      "connected, accepted",
    ]);
  });
});
