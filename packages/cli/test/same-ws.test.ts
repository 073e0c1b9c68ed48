// nngcat and `sprocket cat` over ws and wss, side by side and with each other. Debian's nngcat is built with mbedTLS, which
// compares names only: hence localhost for wss.

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

const wsUrl = async (path = "/calc", scheme = "ws") => `${(await tcpUrl()).replace("tcp", scheme)}${path}`;
const wssUrl = async () => (await wsUrl("/calc", "wss")).replace("127.0.0.1", "localhost");

async function expectSameAnswer(args: readonly string[]): Promise<void> {
  const [theirs, ours] = await Promise.all([nngcatSays(args), sprocketSays(args)]);
  expect({ args, ...ours }).toEqual({ args, ...theirs });
}

describeWithNngcat(
  "sprocket cat and nngcat over ws say the same",
  () => {
    it.each([
      "ws://127.0.0.1:1/x",
      "ws://127.0.0.1:",
      "ws://::1:1",
      "ws://[::1:1",
      "ws:127.0.0.1:1",
      "ws://:1",
      "ws4://127.0.0.1:1",
      "wss://localhost:1",
      "ws://nowhere.invalid:1",
      "ws://127.0.0.1:1/%zz",
    ])("when told to dial %j", patience, async (url) => {
      await expectSameAnswer(["--rep", "--dial", url]);
      // Of no use without TLS.
      if (!url.startsWith("wss")) await expectSameAnswer(["--rep", "--dial", url, "--cacert", "/dev/null"]);
    });

    it.each(["ws://192.0.2.1:7777/", "ws://127.0.0.1:99999/x", "ws://127.0.0.1:"])(
      "when told to listen at %j",
      patience,
      async (url) => {
        await expectSameAnswer(["--rep", "--listen", url]);
      },
    );

    it(
      "about listeners of this and of other protocols and paths, and at addresses that are taken",
      patience,
      async () => {
        for (const tool of [nngcat, sprocket]) {
          const [url, plain] = [await wsUrl(), await tcpUrl()];
          await start(tool, ["--rep", "-v", "--listen", url, "-D", "42"]).heard("Listening");
          await start(tool, ["--rep", "-v", "--listen", plain, "-D", "42"]).heard("Listening");
          for (const dial of [
            url,
            `${url}/`,
            `${url}?q=1`,
            url.replace("/calc", "/"),
            url.replace("/calc", "/calc/x"),
          ]) {
            await expectSameAnswer(["--req", "-D", "?", "-Q", "--dial", dial]);
          }
          await expectSameAnswer(["--sub", "--recv-timeout", "1", "--dial", url]);
          await expectSameAnswer(["--req", "-D", "?", "--dial", plain.replace("tcp", "ws")]);
          await expectSameAnswer(["--rep", "--listen", url]);
          await expectSameAnswer(["--rep", "--listen", plain.replace("tcp", "ws")]);
        }
      },
    );
  },
  "1.5",
);

describeWithNngcat("sprocket cat and nngcat over ws", () => {
  const plain = { urls: [() => wsUrl(), () => wsUrl("/", "ws4")], listen: [], dial: [] };

  it("go the same way with requests and replies", patience, () =>
    expectSameOutcome({
      title: "requests",
      listener: ["--rep", "-D", "42", "-Q", "-C", "2"],
      dialers: [
        ["--req", "-D", "one", "-Q"],
        ["--req", "-D", "two", "-Q"],
      ],
      routes: plain,
    }),
  );

  it("go the same way with more than a mebibyte", patience, () =>
    expectSameOutcome({
      title: "more than a mebibyte",
      // A request waits for its reply, so all of it has come when the dialer goes.
      listener: ["--rep", "-D", "got it", "--msgpack", "--count", "1"],
      dialers: [["--req", "--file", "-"]],
      input: new Uint8Array(1_000_000).fill(0x61),
      routes: plain,
    }),
  );

  const casts: [string, Tool, Tool][] = [
    ["nngcat listening", nngcat, sprocket],
    ["nngcat dialing", sprocket, nngcat],
  ];

  it.each(casts)("find each other late, with --async and %s", patience, async (_, listening, dialing) => {
    const url = await wsUrl();
    const req = start(dialing, ["--req", "--async", "-v", "--dial", url, "-D", "early", "-Q"]);
    await req.heard("Connected to: ");
    const rep = start(listening, ["--rep", "--listen", url, "-D", "late", "-Q", "-C", "1"]);
    expect((await req.ended()).stdout.toString()).toBe(`Connected to: ${url}\n"late"\n`);
    expect((await rep.ended()).stdout.toString()).toBe('"early"\n');
  });

  it("tells the real port with --verbose, which nngcat does not", patience, async () => {
    const rep = start(sprocket, ["--rep", "-v", "--listen", "ws://127.0.0.1:0/x", "-D", "here", "-C", "1"]);
    await rep.heard("\n");
    const [, url] = /^Listening at: (ws:\/\/127\.0\.0\.1:[1-9]\d*\/x)\n$/.exec(rep.stdout.toString()) ?? [];
    const req = await start(nngcat, ["--req", "--dial", url ?? "missing", "-D", "where?", "-A"]).ended();
    expect(req.stdout.toString()).toBe("here");
  });
});

describeWithNngcat("sprocket cat and nngcat over wss", () => {
  describeWithOpenssl("(needs openssl)", (pki) => {
    it("go the same way with requests and replies", patience, () =>
      expectSameOutcome({
        title: "requests",
        listener: ["--rep", "-D", "42", "-Q", "-C", "1"],
        dialers: [["--req", "-D", "one", "-Q"]],
        routes: {
          urls: [wssUrl],
          listen: ["--cert", pki.cert, "--key", pki.key],
          dial: ["--cacert", pki.ca],
        },
      }),
    );
  });
});

describeWithNngcat(
  "sprocket cat and nngcat over wss",
  () => {
    describeWithOpenssl("say the same (needs openssl)", (pki) => {
      it(
        "about files, and about listeners that cannot be verified, do not speak TLS, or do",
        patience,
        async () => {
          for (const tool of [nngcat, sprocket]) {
            const [secure, plain] = [await wssUrl(), await wsUrl()];
            await start(tool, ["--rep", "-v", "--listen", secure, "--cert", pki.both, "-D", "42"]).heard(
              "Listening",
            );
            await start(tool, ["--rep", "-v", "--listen", plain, "-D", "42"]).heard("Listening");
            const ask = ["--req", "-D", "?", "-Q", "--recv-timeout", "5"];
            for (const tls of [
              [],
              ["--insecure"],
              ["--cacert", pki.ca],
              ["--cacert", pki.ca, "--cert", pki.both],
              ["--cacert", pki.otherCa],
              ["--cacert", pki.garbage],
              ["-k", "--cert", pki.cert],
            ]) {
              await expectSameAnswer([...ask, "--dial", secure, ...tls]);
            }
            await expectSameAnswer([...ask, "--dial", secure.replace("wss", "ws")]);
          }
        },
      );
    });
  },
  "1.5",
);
