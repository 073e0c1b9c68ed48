/** The real nng beside us: nngcat of Debian (nng 1.5.2 with mbedTLS), in both roles. */
import { ConnectionRefusedError } from "@sprocket/core";
import { Rep0, Req0 } from "@sprocket/reqrep";
import { until } from "@sprocket/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { freePort } from "../../../scripts/free-port.js";
import { type TlsOptions, tls } from "../src/index.js";
import { noOpenssl } from "./support/openssl.js";
import { pki } from "./support/pki.js";
import { isThere, Program } from "./support/program.js";
import { World } from "./support/world.js";

const missing = noOpenssl || !isThere("nngcat", "--version");
if (missing) {
  const text = "TLS is not tested with nng: there is no nngcat (apt-get install nng-utils).";
  if (process.env.SPROCKET_REQUIRE_PEERS === "1") throw new Error(text);
  console.warn(text);
}

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.close());

const file = (text: string) => pki.ours.file(text);

/** Our REP, which answers in capitals. */
async function replier(options: TlsOptions) {
  const rep = new Rep0({ transports: [tls(options)] });
  world.defer(() => rep.destroy());
  const errors: Error[] = [];
  rep.addEventListener("handshakeerror", ({ error }) => errors.push(error));
  const { url } = await rep.listen("tls+tcp://127.0.0.1:0");
  rep.serve((request) => request.text().toUpperCase());
  // mbedTLS compares names only, no addresses.
  return { url: url.replace("127.0.0.1", "localhost"), errors };
}

function nngAsks(url: string, ...parameters: string[]): Program {
  return new Program(world, "nngcat", [
    ...["--req0", "--dial", url, "--data", "hello", "--quoted", "--recv-timeout", "8"],
    ...parameters,
  ]);
}

/** nngcat as REP. It cannot say which port it got, so it gets one that was free; nobody else may have taken it. */
async function nngAnswers(...parameters: string[]): Promise<string> {
  for (let tries = 0; tries < 10; tries++) {
    const port = await freePort();
    const url = `tls+tcp://localhost:${port}`;
    const program = new Program(world, "nngcat", [
      ...["--rep0", "--listen", `tls+tcp://127.0.0.1:${port}`, "--data", "from nng", "--quoted"],
      ...["--cert", file(pki.server.cert), "--key", file(pki.server.key), ...parameters],
    ]);
    // It listens once a connection succeeds; it has failed once it ends.
    const failed = await Promise.race([program.ended.then(() => true), answers(port).then(() => false)]);
    if (!failed) return url;
  }
  throw new Error("nngcat cannot listen");
}

/** Resolves once somebody takes connections there. */
async function answers(port: number): Promise<void> {
  const dialer = new Req0({ transports: [tls({ ca: [] })], reconnectTimeMin: 10 });
  world.defer(() => dialer.destroy());
  const taken = new Promise<void>((resolve) => {
    dialer.addEventListener("connecterror", ({ error }) => {
      if (!(error instanceof ConnectionRefusedError)) resolve();
    });
  });
  await dialer.dial(`tls+tcp://127.0.0.1:${port}`, { mode: "background" });
  await taken;
  await dialer.close();
}

describe.skipIf(missing)("nng 1.5.2 dials (needs openssl and nngcat)", () => {
  test("and gets a reply, having verified our certificate", async () => {
    const { url, errors } = await replier(pki.server);
    const program = nngAsks(url, "--cacert", file(pki.ca));
    expect(await program.exit()).toBe(0);
    expect(program.output.toString()).toBe('"HELLO"\n');
    expect(errors).toEqual([]);
  });

  test("and proves who it is", async () => {
    const { url } = await replier({ ...pki.server, ca: pki.ca, authMode: "required" });
    const program = nngAsks(
      url,
      ...["--cacert", file(pki.ca)],
      ...["--cert", file(pki.client.cert), "--key", file(pki.client.key)],
    );
    expect(await program.exit()).toBe(0);
    expect(program.output.toString()).toBe('"HELLO"\n');
  });

  test.each([
    [
      "trusts another authority",
      () => pki.server,
      () => pki.theirs.cert,
      undefined,
      /not accept our certificate/,
    ],
    ["has no certificate", () => required(), () => pki.ca, undefined, /gave no certificate/],
    ["has one of another authority", () => required(), () => pki.ca, () => pki.strangers.client, /not in ca/],
    [
      "speaks TLS 1.2 only, and we do not",
      () => ({ ...pki.server, minVersion: "TLSv1.3" }) as const,
      () => pki.ca,
      undefined,
      /no version of TLS in common/,
    ],
  ])("and is refused, or refuses, when it %s", async (_, options, ca, own, text) => {
    const { url, errors } = await replier(options());
    const issued = own?.();
    const program = nngAsks(
      url,
      ...["--cacert", file(ca())],
      ...(issued === undefined ? [] : ["--cert", file(issued.cert), "--key", file(issued.key)]),
    );
    expect(await program.exit()).not.toBe(0);
    expect(program.output.toString()).toBe("");
    await until(() => errors.length > 0, "the event", 10_000);
    expect(errors[0]?.message).toMatch(text);
  });

  function required(): TlsOptions {
    return { ...pki.server, ca: pki.ca, authMode: "required" };
  }
});

describe.skipIf(missing)("nng 1.5.2 listens (needs openssl and nngcat)", () => {
  async function ask(url: string, options: TlsOptions) {
    const req = new Req0({ transports: [tls(options)], reconnectTimeMin: 20 });
    world.defer(() => req.destroy());
    await req.dial(url, { mode: "connect" });
    const [pipe] = req.pipes;
    const reply = await req.request("hello", { timeout: 10_000 });
    return { reply: Buffer.from(reply).toString(), pipe };
  }

  test("and answers us, who have verified its certificate", async () => {
    const url = await nngAnswers();
    const { reply, pipe } = await ask(url, { ca: pki.ca });
    expect(reply).toBe("from nng");
    expect(pipe?.properties.get("tls.authorized")).toBe(true);
    expect(pipe?.properties.get("tls.protocol")).toBe("TLSv1.2");
  });

  test("and answers us, who have proven who we are", async () => {
    const url = await nngAnswers("--cacert", file(pki.ca));
    expect(await ask(url, { ca: pki.ca, ...pki.client })).toMatchObject({ reply: "from nng" });
  });

  test("and is refused by us, who trust another authority", async () => {
    const url = await nngAnswers();
    await expect(ask(url, { ca: pki.theirs.cert })).rejects.toMatchObject({ code: "SP_EPEERAUTH" });
  });
});
