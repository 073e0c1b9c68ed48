/** The real nng beside us: nngcat of Debian (nng 1.5.2), over ws and in both roles. */
import { Pair0 } from "@sprocket/pair";
import { Rep0, Req0 } from "@sprocket/reqrep";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { freePort } from "../../../scripts/free-port.js";
import { isThere, Program } from "../../transport-tls/test/support/program.js";
import { ws } from "../src/index.js";
import { World } from "./support/world.js";

const missing = !isThere("nngcat", "--version");
if (missing) {
  const text = "ws is not tested with nng: there is no nngcat (apt-get install nng-utils).";
  if (process.env.SPROCKET_REQUIRE_PEERS === "1") throw new Error(text);
  console.warn(text);
}

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.close());

function keep<Kind extends { destroy(): void }>(socket: Kind): Kind {
  world.defer(() => socket.destroy());
  return socket;
}

describe.skipIf(missing)("nng 1.5.2 (needs nngcat)", () => {
  test("dials us, asks, and gets its reply", async () => {
    const rep = keep(new Rep0({ transports: [ws()] }));
    const { url } = await rep.listen("ws://127.0.0.1:0/calc");
    rep.serve((request) => request.text().toUpperCase());
    const program = new Program(world as never, "nngcat", [
      ...["--req0", "--dial", url, "--data", "hello", "--quoted", "--recv-timeout", "8"],
    ]);
    expect(await program.exit()).toBe(0);
    expect(program.output.toString()).toBe('"HELLO"\n');
  });

  test("listens, and answers us", async () => {
    const req = keep(new Req0({ transports: [ws()], reconnectTimeMin: 10 }));
    const url = await listening("--rep0", "--data", "from nng", "--quoted");
    await req.dial(url, { mode: "wait", timeout: 8_000 });
    expect(Buffer.from(await req.request("hello", { timeout: 8_000 })).toString()).toBe("from nng");
  });

  test("takes 3 MiB from us, as a dialer and as a listener, which it would not in one frame", async () => {
    const body = new Uint8Array(3_000_000).fill(97);
    const ours = keep(new Pair0({ transports: [ws()] }));
    const { url } = await ours.listen("ws://127.0.0.1:0/x");
    const dialing = new Program(world as never, "nngcat", ["--pair0", "--dial", url, "--raw"]);
    await ours.waitForPipes(1, { timeout: 8_000 });
    await ours.send(body);
    await whole(dialing, body.length);
    const theirs = keep(new Pair0({ transports: [ws()], reconnectTimeMin: 10 }));
    const program: { of?: Program } = {};
    const place = await listening("--pair0", "--raw", (started) => {
      program.of = started;
    });
    await theirs.dial(place, { mode: "wait", timeout: 8_000 });
    await theirs.send(body);
    await whole(program.of as Program, body.length);
  });
});

async function whole(program: Program, length: number): Promise<void> {
  const end = performance.now() + 10_000;
  while (program.output.length < length && performance.now() < end) await new Promise(setImmediate);
  expect(program.output.length).toBe(length);
  expect(program.output.every((byte) => byte === 97)).toBe(true);
}

/** nngcat as a listener. It cannot say which port it got, so it gets one that was free. */
async function listening(...parameters: (string | ((program: Program) => void))[]): Promise<string> {
  const url = `ws://127.0.0.1:${await freePort()}/x`;
  const words = parameters.filter((each) => typeof each === "string");
  const program = new Program(world as never, "nngcat", [...words, "--listen", url]);
  for (const each of parameters) if (typeof each === "function") each(program);
  return url;
}
