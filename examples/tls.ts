/**
 * Only those who can prove who they are: the service and whoever asks it have certificates of one authority. A stranger
 * stays out, and nobody talks to a stranger.
 *
 *     Req0 "ada" ══TLS══► Rep0 "service"     both know each other by name
 *     Req0 "eve" ══✗
 *
 * Alone, with certificates that openssl makes:    node examples/dist/tls.js
 * In two terminals, with certificates in a folder that you keep:
 *     mkdir -p /tmp/pki && node examples/dist/tls.js certificates /tmp/pki
 *     node examples/dist/tls.js listen tls+tcp://localhost:5556 /tmp/pki
 *     node examples/dist/tls.js dial tls+tcp://localhost:5556 /tmp/pki
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Rep0, Req0 } from "@sprocket/reqrep";
import { type TlsOptions, tls } from "@sprocket/transport-tls";
import { credentials, makeAuthority, makeCertificate } from "./certificates.js";

function makeCertificates(folder: string): void {
  makeAuthority(folder, "ours");
  for (const name of ["service", "ada"]) makeCertificate(folder, "ours", name);
}

/** `authMode`: without it a listener asks nobody who they are. */
function service(options: TlsOptions): Rep0 {
  const rep = new Rep0({ transports: [tls({ ...options, authMode: "required" })] });
  rep.addEventListener("handshakeerror", ({ error }) => {
    console.log(`the service turned somebody away: ${(error as { code?: string }).code}`);
  });
  // The certificate has been verified: its name can be relied on.
  rep.serve((request) => `hello, ${request.pipe?.properties.get("tls.peerCommonName")}`);
  return rep;
}

async function ask(url: string, options: TlsOptions): Promise<void> {
  await using req = new Req0({ transports: [tls(options)] });
  // Rejects unless the listener has a certificate for the host of the URL, from an authority in `ca`.
  await req.dial(url, { mode: "connect" });
  const reply = await req.request("who am I?", { timeout: 10_000 });
  console.log(`the reply is: ${new TextDecoder().decode(reply)}`);
}

async function alone(folder: string): Promise<void> {
  makeCertificates(folder);
  makeAuthority(folder, "theirs");
  makeCertificate(folder, "theirs", "eve");

  await using rep = service(credentials(folder, "ours", "service"));
  const { url } = await rep.listen("tls+tcp://localhost:0");
  console.log(`listening at ${url}`);
  await ask(url, credentials(folder, "ours", "ada"));

  const turnedAway = (): Promise<unknown> =>
    new Promise((resolve) => rep.addEventListener("handshakeerror", resolve, { once: true }));

  // Eve trusts our authority, but it did not sign her certificate.
  const { ca } = credentials(folder, "ours", "ada");
  const eve = credentials(folder, "theirs", "eve");
  const noted = turnedAway();
  await ask(url, { ...eve, ca }).catch(() => console.log("eve got no answer"));
  await noted;

  // And who trusts another authority does not talk to us.
  const notedAgain = turnedAway();
  await ask(url, eve).catch(({ code }) => console.log(`eve left: ${code}`));
  await notedAgain;
}

const [role, url = "", folder = "."] = process.argv.slice(2);
if (role === "certificates") {
  makeCertificates(url);
  console.log(`certificates are in ${url}`);
} else if (role === "listen") {
  const rep = service(credentials(folder, "ours", "service"));
  const listener = await rep.listen(url);
  console.log(`listening at ${listener.url}`);
  process.once("SIGINT", () => void rep.close());
} else if (role === "dial") {
  await ask(url, credentials(folder, "ours", "ada"));
} else {
  const own = mkdtempSync(join(tmpdir(), "sprocket-example-"));
  try {
    await alone(own);
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}
