// nngcat with TLS and `sprocket cat`, side by side and with each other: what either says about files and about peers, and
// that messages pass. Debian's nngcat is built with mbedTLS, which compares names only: hence localhost.

import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { removeFolders, tcpUrl } from "./support/addresses.js";
import { killAll, start } from "./support/child.js";
import { describeWithOpenssl } from "./support/pki.js";
import { nngcatSays, sprocketSays } from "./support/same-words.js";
import { expectSameOutcome } from "./support/scene.js";
import { describeWithNngcat, mustBeBuilt, nngcat, sprocket, type Tool } from "./support/tools.js";

beforeAll(mustBeBuilt);
afterEach(killAll);
afterAll(removeFolders);

const patience = { timeout: 60_000 };

const freshUrl = async (scheme = "tls+tcp") =>
  (await tcpUrl()).replace("tcp://127.0.0.1", `${scheme}://localhost`);

async function expectSameAnswer(args: readonly string[]): Promise<void> {
  const [theirs, ours] = await Promise.all([nngcatSays(args), sprocketSays(args)]);
  expect({ args, ...ours }).toEqual({ args, ...theirs });
}

describeWithNngcat(
  "sprocket cat and nngcat with TLS",
  () => {
    describeWithOpenssl("say the same (needs openssl)", (pki) => {
      const files = [pki.garbage, pki.empty, pki.ca, pki.cert, pki.key, pki.both, pki.encryptedKey];

      it("about every file in every place", patience, async () => {
        const dial = ["--rep", "--dial", "tls+tcp://localhost:1"];
        for (const file of files) {
          await expectSameAnswer([...dial, "--cacert", file]);
          await expectSameAnswer([...dial, "--key", file]);
          await expectSameAnswer([...dial, "-E", file]);
          await expectSameAnswer([...dial, "--cert", pki.cert, "--key", file]);
          await expectSameAnswer([...dial, "-k", "--cert", file, "--cacert", pki.garbage]);
        }
      });

      it("about what is wrong for a listener", patience, async () => {
        const listen = ["--rep", "--listen", "tls+tcp://127.0.0.1:0", "--recv-timeout", "1"];
        await expectSameAnswer([...listen, "--cert", pki.garbage]);
        await expectSameAnswer([...listen, "--cert", pki.both, "--cacert", pki.garbage]);
        await expectSameAnswer([...listen, "--cert", pki.both]);
        await expectSameAnswer([...listen, "--cert", pki.cert, "--key", pki.key, "--insecure"]);
      });

      it.each([
        "tls+tcp://127.0.0.1",
        "tls+tcp://127.0.0.1:",
        "tls+tcp://127.0.0.1:1/x",
        "tls+tcp://a@127.0.0.1:1",
        "tls+tcp://::1:1",
        "tls+tcp://:1",
        "tls+tcp://localhost:1",
        "tls+tcp4://localhost:1",
        "tls+tcp://nowhere.invalid:1",
        "tls:127.0.0.1:1",
        "tls://127.0.0.1:1",
      ])("when it is told to dial %j", patience, async (url) => {
        await expectSameAnswer(["--rep", "--dial", url]);
        await expectSameAnswer(["--rep", "--dial", url, "--cert", pki.garbage]);
      });

      it("about listeners that cannot be verified, do not speak TLS, or do", patience, async () => {
        for (const tool of [nngcat, sprocket]) {
          const [secure, plain] = [await freshUrl(), await freshUrl("tcp")];
          const listeners = [
            start(tool, ["--rep", "-v", "--listen", secure, "--cert", pki.both, "-D", "42"]),
            start(tool, ["--rep", "-v", "--listen", plain, "-D", "42"]),
          ];
          for (const listener of listeners) {
            await listener.heard("Listening");
          }
          const ask = ["--req", "-D", "?", "-Q", "--recv-timeout", "5"];
          await expectSameAnswer([...ask, "--dial", secure]);
          await expectSameAnswer([...ask, "--dial", secure, "--insecure"]);
          await expectSameAnswer([...ask, "--dial", secure, "--cacert", pki.ca]);
          await expectSameAnswer([...ask, "--dial", secure, "--cacert", pki.ca, "--cert", pki.both]);
          await expectSameAnswer([...ask, "--dial", secure, "--cacert", pki.otherCa]);
          await expectSameAnswer([...ask, "--dial", secure, "--cacert", pki.otherCa, "-k"]);
          await expectSameAnswer([...ask, "--dial", plain.replace("tcp://", "tls+tcp://"), "--insecure"]);
          await expectSameAnswer([...ask, "--dial", secure.replace("tls+tcp://", "tcp://")]);
          for (const listener of listeners) {
            listener.signal("SIGTERM");
            await listener.ended();
          }
        }
      });

      it("about a listener of nngcat that has no certificate", patience, async () => {
        const url = await freshUrl();
        const rep = start(nngcat, ["--rep", "-v", "--listen", url]);
        await rep.heard("Listening");
        await expectSameAnswer(["--req", "-D", "?", "--dial", url, "--cacert", pki.ca]);
        await expectSameAnswer(["--req", "-D", "?", "--dial", url, "--insecure"]);
      });

      it(
        "to a dialer that nobody vouches for: a listener asks no one, also with --cacert",
        patience,
        async () => {
          for (const tool of [nngcat, sprocket]) {
            const url = await freshUrl();
            const listen = ["--rep", "-v", "--listen", url, "--cert", pki.both, "--cacert", pki.otherCa];
            await start(tool, [...listen, "-D", "42"]).heard("Listening");
            const ask = ["--req", "-D", "?", "-Q", "--dial", url, "--cacert", pki.ca];
            await expectSameAnswer(ask);
            await expectSameAnswer([...ask, "--cert", pki.both]);
          }
        },
      );
    });
  },
  "1.5",
);

describeWithNngcat("sprocket cat and nngcat with TLS", () => {
  describeWithOpenssl("go the same way (needs openssl)", (pki) => {
    const secure = {
      urls: [() => freshUrl(), () => freshUrl("tls+tcp4")],
      listen: ["--cert", pki.cert, "--key", pki.key],
      dial: ["--cacert", pki.ca],
    };

    it("with requests and replies", patience, () =>
      expectSameOutcome({
        title: "requests",
        listener: ["--rep", "-D", "42", "-Q", "-C", "2"],
        dialers: [
          ["--req", "-D", "one", "-Q"],
          ["--req", "-D", "two", "-Q"],
        ],
        routes: secure,
      }),
    );

    it("with more than a mebibyte", patience, () =>
      expectSameOutcome({
        title: "more than a mebibyte",
        // A request waits for its reply, so all of it has come when the dialer goes.
        listener: ["--rep", "-D", "got it", "--msgpack", "--count", "1"],
        dialers: [["--req", "--file", "-"]],
        input: new Uint8Array(1_100_000).fill(0x61),
        routes: secure,
      }),
    );
  });

  describeWithOpenssl("find each other (needs openssl)", (pki) => {
    const casts: [string, Tool, Tool][] = [
      ["nngcat listening", nngcat, sprocket],
      ["nngcat dialing", sprocket, nngcat],
    ];

    it.each(casts)("late, with --async and %s", patience, async (_, listening, dialing) => {
      const url = await freshUrl();
      const req = start(dialing, [
        "--req",
        "--async",
        "-v",
        "--dial",
        url,
        "-D",
        "early",
        "-Q",
        "--cacert",
        pki.ca,
      ]);
      await req.heard("Connected to: ");
      const rep = start(listening, ["--rep", "--listen", url, "-D", "late", "-Q", "-C", "1", "-E", pki.both]);
      expect((await req.ended()).stdout.toString()).toBe(`Connected to: ${url}\n"late"\n`);
      expect((await rep.ended()).stdout.toString()).toBe('"early"\n');
    });
  });
});
