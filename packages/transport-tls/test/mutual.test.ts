/** Both sides prove who they are: what each mode lets in, and what the pipes tell about it. */
import type { TransportPipe } from "@sprocket/core/plugin";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { TlsOptions, TlsPeerCertificate } from "../src/index.js";
import { noOpenssl } from "./support/openssl.js";
import { pki } from "./support/pki.js";
import { World } from "./support/world.js";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.close());

const factsOf = ({ properties }: TransportPipe) => Object.fromEntries(properties);

async function connect(listener: TlsOptions, dialer: TlsOptions) {
  const listening = await world.listen(listener);
  const dialed = await world.dial(listening.url, dialer);
  return { dialed: factsOf(dialed), accepted: factsOf(await listening.pipe()) };
}

describe.skipIf(noOpenssl)("mutual TLS (needs openssl)", () => {
  test('with authMode "required" both pipes know and trust their peer', async () => {
    const authMode = "required";
    const { dialed, accepted } = await connect(
      { ...pki.server, ca: pki.ca, authMode },
      { ...pki.client, ca: pki.ca, authMode },
    );
    expect(dialed).toMatchObject({
      "tls.authorized": true,
      "tls.protocol": "TLSv1.3",
      "tls.cipher": expect.stringMatching(/^TLS_/),
      "tls.peerCommonName": "listener",
    });
    expect(accepted).toMatchObject({ "tls.authorized": true, "tls.peerCommonName": "dialer" });
    expect(dialed).not.toHaveProperty("tls.authorizationError");
    expect(accepted).not.toHaveProperty("tls.authorizationError");
  });

  test("the peer's certificate is a plain object", async () => {
    const { dialed } = await connect(pki.server, { ca: pki.ca });
    const certificate = dialed["tls.peerCertificate"] as TlsPeerCertificate;
    expect(certificate).toMatchObject({
      subject: { O: "Test", CN: "listener" },
      issuer: { CN: "Ours" },
      subjectAltName: "DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1",
      validFrom: expect.stringContaining("GMT"),
      validTo: expect.stringContaining("GMT"),
      serialNumber: expect.stringMatching(/^[0-9A-F]+$/),
      fingerprint256: expect.stringMatching(/^[0-9A-F]{2}(?::[0-9A-F]{2}){31}$/),
    });
    expect(Object.isFrozen(certificate)).toBe(true);
    expect(certificate.raw.constructor).toBe(Uint8Array);
    const pem = Buffer.from(certificate.raw).toString("base64");
    expect(pki.server.cert.replaceAll("\n", "")).toContain(pem);
  });

  test('a listener asks nobody by default: "none"', async () => {
    for (const authMode of [undefined, "none"] as const) {
      const { dialed, accepted } = await connect(
        { ...pki.server, ca: pki.ca, authMode },
        { ...pki.client, ca: pki.ca },
      );
      expect(dialed["tls.authorized"]).toBe(true);
      expect(accepted).toEqual({
        "tls.authorized": false,
        "tls.protocol": "TLSv1.3",
        "tls.cipher": expect.any(String),
      });
    }
  });

  test.each([
    ["a good one", () => pki.client, true, undefined, "dialer"],
    [
      "one of another authority",
      () => pki.strangers.client,
      false,
      "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
      "dialer",
    ],
    ["one that has expired", () => pki.expired, false, "CERT_HAS_EXPIRED", undefined],
    ["none at all", () => ({}), false, "NO_CERTIFICATE", undefined],
  ])(
    'a listener with "optional" takes a dialer with %s, and tells',
    async (_, own, authorized, problem, name) => {
      const { accepted } = await connect(
        { ...pki.server, ca: pki.ca, authMode: "optional" },
        { ca: pki.ca, ...own() },
      );
      expect(accepted["tls.authorized"]).toBe(authorized);
      expect(accepted["tls.authorizationError"]).toBe(problem);
      expect(accepted["tls.peerCommonName"]).toBe(name);
    },
  );

  test.each([
    ["a good one", () => pki.server, true, undefined],
    ["one of another authority", () => pki.strangers.server, false, "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
    ["one of another name", () => pki.otherName, false, "ERR_TLS_CERT_ALTNAME_INVALID"],
  ])('a dialer with "optional" takes a listener with %s, and tells', async (_, own, authorized, problem) => {
    const { dialed } = await connect(own(), { ca: pki.ca, authMode: "optional" });
    expect(dialed["tls.authorized"]).toBe(authorized);
    expect(dialed["tls.authorizationError"]).toBe(problem);
    expect(dialed).toHaveProperty(["tls.peerCertificate"]);
  });

  test('a dialer with "none" takes anybody, and calls nobody authorized', async () => {
    for (const own of [pki.server, pki.strangers.server, pki.expired]) {
      const { dialed } = await connect(own, { ca: pki.ca, authMode: "none" });
      expect(dialed["tls.authorized"]).toBe(false);
      expect(dialed).not.toHaveProperty("tls.authorizationError");
    }
  });

  test("the authorities of the world have no say in who may be a client", async () => {
    // The dialer's certificate is fine to the authority that the runtime would trust: none is, with ca: [].
    const listening = await world.listen({ ...pki.server, ca: [], authMode: "required" });
    await expect(world.dial(listening.url, { ca: pki.ca, ...pki.client })).rejects.toThrow();
    expect(await listening.reject()).toMatchObject({ code: "SP_EPEERAUTH" });
  });

  test("a chain goes with the certificate, as one text or as an array", async () => {
    const between = await pki.ours.subordinate("Between");
    const leaf = await between.issue({ altNames: ["IP:127.0.0.1"] });
    for (const cert of [leaf.cert + between.cert, [leaf.cert, between.cert]]) {
      const { dialed } = await connect({ ...leaf, cert }, { ca: pki.ca });
      expect(dialed["tls.authorized"]).toBe(true);
    }
    await expect(connect(leaf, { ca: pki.ca })).rejects.toThrow("not in ca");
    between.remove();
  });
});
