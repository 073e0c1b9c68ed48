// What the TLS options do, with nobody but ourselves: which files are looked at, when, and what is said about them.

import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { removeFolders } from "./support/addresses.js";
import { killAll, start } from "./support/child.js";
import { describeWithOpenssl } from "./support/pki.js";
import { sprocketSays } from "./support/same-words.js";
import { mustBeBuilt, sprocket } from "./support/tools.js";

beforeAll(mustBeBuilt);
afterEach(killAll);
afterAll(removeFolders);

const nobody = "tls+tcp://localhost:1";
const unusable = "Unable to configure TLS: Cryptographic error";
const refused = `Unable to dial on ${nobody}: Connection refused`;

describeWithOpenssl("sprocket cat and TLS (needs openssl)", (pki) => {
  it.each([
    ["--cacert is no certificate", ["--cacert", pki.garbage], unusable],
    ["--cacert is empty", ["--cacert", pki.empty], unusable],
    ["--cacert is a key", ["--cacert", pki.key], unusable],
    ["--cert is no certificate", ["--cert", pki.garbage], unusable],
    ["--cert has no key beside it and none in it", ["--cert", pki.cert], unusable],
    ["--key is no key", ["--cert", pki.cert, "--key", pki.garbage], unusable],
    ["--key is encrypted", ["--cert", pki.cert, "--key", pki.encryptedKey], unusable],
    ["--key belongs to another certificate", ["--cert", pki.cert, "--key", pki.otherKey], unusable],
    ["--key is no key, and there is no certificate", ["--key", pki.garbage], refused],
    ["certificate and key are in one file", ["--cert", pki.both], refused],
    ["all is well", ["--cacert", pki.ca, "--cert", pki.cert, "--key", pki.key, "-k"], refused],
  ])("when %s", async (_, args, complaint) => {
    expect(await sprocketSays(["--rep", "--dial", nobody, ...args])).toEqual({
      code: 1,
      stdout: "",
      stderr: `${complaint}\n`,
    });
  });

  it("says with --verbose what is wrong with a file", async () => {
    const { stderr } = await sprocketSays(["--rep", "-v", "--dial", nobody, "--cacert", pki.garbage]);
    expect(stderr.split("\n").slice(0, 2)).toEqual([unusable, expect.stringMatching(/Option ca .* no PEM/)]);
  });

  it("looks at what is for TLS only where an address needs it, and after those before it", async () => {
    const args = ["--rep", "-v", "--cert", pki.garbage, "--listen", "inproc://first"];
    expect(await sprocketSays([...args, "--recv-timeout", "1"])).toMatchObject({ code: 0, stderr: "" });
    const { code, stdout, stderr } = await sprocketSays([...args, "--dial", nobody]);
    expect([code, stdout, stderr.split("\n")[0]]).toEqual([1, "Listening at: inproc://first\n", unusable]);
  });

  it("does not listen without a certificate, and says what to give", async () => {
    const { code, stderr } = await sprocketSays(["--rep", "--listen", "tls+tcp://127.0.0.1:0"]);
    const [first, second] = stderr.split("\n");
    expect([code, first]).toEqual([1, "Unable to listen on tls+tcp://127.0.0.1:0: Invalid argument"]);
    expect(second).toContain("give --cert");
  });

  it("trusts no authority of the system", { timeout: 60_000 }, async () => {
    const rep = start(sprocket, ["--rep", "-v", "--listen", "tls+tcp://127.0.0.1:0", "--cert", pki.both]);
    await rep.heard("\n");
    const port = /:(\d+)\n/.exec(rep.stdout.toString())?.[1];
    const url = `tls+tcp://localhost:${port}`;
    // The runtime adds what is in this file to the authorities it knows.
    const command = ["env", `NODE_EXTRA_CA_CERTS=${pki.ca}`, ...sprocket.command];
    const req = start({ name: "sprocket cat", command }, ["--req", "--dial", url, "-D", "x"]);
    expect(await req.ended()).toMatchObject({
      code: 1,
      stderr: `Unable to dial on ${url}: Peer could not be authenticated\n`,
    });
  });

  it("takes a certificate for an address, which nngcat does not", { timeout: 60_000 }, async () => {
    const rep = start(sprocket, [
      ...["--rep", "-v", "--listen", "tls+tcp://127.0.0.1:0", "-D", "42", "--count", "1"],
      ...["--cert", pki.cert, "--key", pki.key],
    ]);
    await rep.heard("\n");
    const [, url] = /^Listening at: (tls\+tcp:\/\/127\.0\.0\.1:\d+)\n$/.exec(rep.stdout.toString()) ?? [];
    const req = start(sprocket, ["--req", "--dial", url ?? "", "--cacert", pki.ca, "-D", "?", "-A"]);
    const ended = await req.ended();
    expect([ended.code, ended.stdout.toString(), ended.stderr]).toEqual([0, "42", ""]);
    expect((await rep.ended()).code).toBe(0);
  });
});
