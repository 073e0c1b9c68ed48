/** An authority, another one that nobody should trust, and certificates of both; made once for each test file. */
import { afterAll } from "vitest";
import { Authority, type Issued } from "./certificates.js";
import { noOpenssl } from "./openssl.js";

const here = ["DNS:localhost", "IP:127.0.0.1", "IP:::1"];

async function make() {
  const [ours, theirs] = await Promise.all([Authority.create("Ours"), Authority.create("Theirs")]);
  // One after the other: an authority numbers what it issues.
  const server = await ours.issue({ commonName: "listener", altNames: here });
  const client = await ours.issue({ commonName: "dialer" });
  return {
    ours,
    theirs,
    ca: ours.cert,
    /** A listener at this machine. */
    server,
    /** A dialer. */
    client,
    /** The same, from the authority that nobody trusts. */
    strangers: {
      server: await theirs.issue({ commonName: "listener", altNames: here }),
      client: await theirs.issue({ commonName: "dialer" }),
    },
    expired: await ours.issue({ altNames: here, from: -3, until: -2 }),
    notYetValid: await ours.issue({ altNames: here, from: 2, until: 3 }),
    otherName: await ours.issue({ commonName: "other.test", altNames: ["DNS:other.test"] }),
    /** Its name is the address, but only in the old place. */
    withoutAltName: await ours.issue({ commonName: "127.0.0.1" }),
    selfSigned: await ours.selfSigned({ altNames: here }),
    forServersOnly: await ours.issue({ altNames: here, usage: "serverAuth" }),
    forClientsOnly: await ours.issue({ altNames: here, usage: "clientAuth" }),
  } satisfies Record<string, Authority | Issued | object | string>;
}

/** Only inside tests that are skipped without openssl. */
export const pki = (noOpenssl ? undefined : await make()) as Awaited<ReturnType<typeof make>>;

afterAll(() => {
  if (noOpenssl) return;
  pki.ours.remove();
  pki.theirs.remove();
});
