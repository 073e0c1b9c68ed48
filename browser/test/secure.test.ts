/** wss from a page: a certificate that the browser does not trust stops it, one that it trusts does not. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Rep0, ws } from "sprocket";
import { expect } from "vitest";
import { browserTest } from "../src/suite.js";

function selfSigned(): { cert: string; key: string } {
  const folder = mkdtempSync(join(tmpdir(), "sprocket-wss-"));
  try {
    const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    execFileSync(
      "openssl",
      [
        ...["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"],
        ...["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert],
      ],
      { stdio: "ignore" },
    );
    return { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

browserTest(
  "a page talks over wss once the browser trusts the certificate, and not before",
  async (scene) => {
    const rep = scene.socket(
      new Rep0({ transports: [ws({ tls: selfSigned(), allowedOrigins: [scene.origin] })] }),
    );
    const { url } = await rep.listen("wss://127.0.0.1:0/x");
    rep.serve((request) => `${request.text()}!`);
    const page = await scene.open();
    const ask = (): Promise<string> =>
      page.evaluate(async (url) => {
        const req = new sprocket.Req0();
        try {
          await req.dial(url, { mode: "connect" });
          return new TextDecoder().decode(await req.request("hello", { timeout: 10_000 }));
        } catch (error) {
          return (error as { code: string }).code;
        } finally {
          req.destroy();
        }
      }, url);
    expect(await ask()).toBe("SP_ECONNREFUSED");
    const devTools = await scene.context.newCDPSession(page);
    await devTools.send("Security.setIgnoreCertificateErrors", { ignore: true });
    expect(await ask()).toBe("hello!");
  },
);
