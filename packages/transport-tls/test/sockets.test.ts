/** The transport under whole sockets: events, modes of dialing, a restart, and a process that may end. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { AuthenticationError, type Pipe } from "@sprocket/core";
import { Pair0 } from "@sprocket/pair";
import { Rep0, Req0 } from "@sprocket/reqrep";
import { until } from "@sprocket/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { freePort } from "../../../scripts/free-port.js";
import { tls } from "../src/index.js";
import { noOpenssl } from "./support/openssl.js";
import { pki } from "./support/pki.js";
import { World } from "./support/world.js";

const ANY = "tls+tcp://127.0.0.1:0";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.close());

function keep<Kind extends { destroy(): void }>(socket: Kind): Kind {
  world.defer(() => socket.destroy());
  return socket;
}

describe.skipIf(noOpenssl)("sockets over tls (need openssl)", () => {
  test("requests are answered, also large ones and many at once", async () => {
    const rep = keep(new Rep0({ transports: [tls({ ...pki.server, ca: pki.ca, authMode: "required" })] }));
    const req = keep(new Req0({ transports: [tls({ ...pki.client, ca: pki.ca })] }));
    const { url } = await rep.listen(ANY);
    rep.serve((request) => request.body);
    await req.dial(url);
    const large = new Uint8Array(900_000).map((_, at) => at * 7);
    const replies = await Promise.all(
      [large, ...Array.from({ length: 50 }, (_, at) => new Uint8Array([at]))].map((each) =>
        req.request(each, { timeout: 10_000 }),
      ),
    );
    expect(Buffer.compare(replies[0] as Uint8Array, large)).toBe(0);
    expect(replies.slice(1).map(([first]) => first)).toEqual(Array.from({ length: 50 }, (_, at) => at));
    expect(await req.close()).toEqual({ undelivered: 0 });
  });

  test("a listener that cannot be trusted ends a dial at once, in the modes that wait for the first attempt", async () => {
    const listener = keep(new Pair0({ transports: [tls(pki.strangers.server)] }));
    const dialer = keep(new Pair0({ transports: [tls({ ca: pki.ca })] }));
    const { url } = await listener.listen(ANY);
    for (const mode of ["auto", "connect"] as const) {
      await expect(dialer.dial(url, { mode })).rejects.toThrow(AuthenticationError);
    }
    const background = await dialer.dial(url, { mode: "background", reconnectTimeMin: 1 });
    await until(() => background.attempts > 2, "further attempts");
    expect(background.lastError).toBeInstanceOf(AuthenticationError);
  });

  test("a dialer in the background comes in once the certificate is renewed", async () => {
    const transport = tls(pki.expired);
    const listener = keep(new Pair0({ transports: [transport] }));
    const dialer = keep(new Pair0({ transports: [tls({ ca: pki.ca })] }));
    const { url } = await listener.listen(ANY);
    const dialing = await dialer.dial(url, { mode: "background", reconnectTimeMin: 1 });
    await until(() => dialing.lastError !== undefined, "the first failure");
    transport.reload(pki.server);
    await dialing.connected({ timeout: 5_000 });
  });

  test("a refused client is an event of the listener, and the others go on", async () => {
    const rep = keep(new Rep0({ transports: [tls({ ...pki.server, ca: pki.ca, authMode: "required" })] }));
    rep.serve((request) => request.body);
    const errors: Error[] = [];
    rep.addEventListener("handshakeerror", ({ error }) => errors.push(error));
    const { url } = await rep.listen(ANY);
    const good = keep(new Req0({ transports: [tls({ ...pki.client, ca: pki.ca })] }));
    await good.dial(url);
    const bad = keep(new Req0({ transports: [tls({ ...pki.strangers.client, ca: pki.ca })] }));
    await expect(bad.dial(url, { mode: "connect" })).rejects.toThrow();
    await until(() => errors.length === 1, "the event");
    expect(errors[0]).toBeInstanceOf(AuthenticationError);
    expect(await good.request("still there", { timeout: 5_000 })).toHaveLength(11);
  });

  test("acceptPipe may decide by what the certificate says", async () => {
    const acceptPipe = (pipe: Pipe) => pipe.properties.get("tls.peerCommonName") === "dialer";
    const transports = [tls({ ...pki.server, ca: pki.ca, authMode: "optional" })];
    const listener = keep(new Pair0({ transports, acceptPipe }));
    const refused: Error[] = [];
    listener.addEventListener("pipereject", ({ error }) => refused.push(error));
    const { url } = await listener.listen(ANY);
    const nobody = keep(new Pair0({ transports: [tls({ ca: pki.ca })] }));
    await nobody.dial(url, { mode: "background", reconnectTimeMin: 60_000 });
    await until(() => refused.length === 1, "the refusal");
    const somebody = keep(new Pair0({ transports: [tls({ ca: pki.ca, ...pki.client })] }));
    await somebody.dial(url);
    await listener.waitForPipes(1, { timeout: 5_000 });
  });

  test("a dialer finds its listener again after a restart", async () => {
    const dialer = keep(new Pair0({ transports: [tls({ ca: pki.ca })], reconnectTimeMin: 1 }));
    const first = keep(new Pair0({ transports: [tls(pki.server)] }));
    const { url } = await first.listen(`tls+tcp://127.0.0.1:${await freePort()}`);
    await dialer.dial(url);
    await first.waitForPipes(1, { timeout: 5_000 });
    await first.close();
    const second = keep(new Pair0({ transports: [tls(pki.server)] }));
    await second.listen(url);
    await second.waitForPipes(1, { timeout: 5_000 });
    await second.send("again");
    expect(new TextDecoder().decode(await dialer.receive({ timeout: 5_000 }))).toBe("again");
  });

  test("a process with nothing else to do ends", async () => {
    const script = `
      import { Pair0 } from "@sprocket/pair";
      import { tls } from "@sprocket/transport-tls";
      const { ca, server } = JSON.parse(process.env.TEST_PKI);
      const transports = [tls({ ca, ...server })];
      const [one, two] = [new Pair0({ transports }), new Pair0({ transports })];
      const { url } = await one.listen("${ANY}");
      await two.dial(url);
      if (process.argv[1] === "close") await Promise.all([one.close(), two.close()]);
      one.unref();
      two.unref();
      console.log("done");
    `;
    for (const how of ["close", "unref"]) {
      const { stdout } = await promisify(execFile)(
        process.execPath,
        ["--input-type=module", "-e", script, "--", how],
        {
          cwd: fileURLToPath(new URL("..", import.meta.url)),
          timeout: 10_000,
          env: { ...process.env, TEST_PKI: JSON.stringify({ ca: pki.ca, server: pki.server }) },
        },
      );
      expect(stdout).toBe("done\n");
    }
  });
});
