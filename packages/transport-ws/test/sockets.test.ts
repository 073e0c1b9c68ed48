/** The transport under whole sockets: events, modes of dialing, restarts, back-pressure, and a process that may end. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { PermissionDeniedError, type Pipe, ProtocolError } from "@sprocket/core";
import { Pair0, Pair1 } from "@sprocket/pair";
import { Rep0, Req0 } from "@sprocket/reqrep";
import { until } from "@sprocket/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { freePort } from "../../../scripts/free-port.js";
import { ws } from "../src/index.js";
import { World } from "./support/world.js";

const ANY = "ws://127.0.0.1:0/x";
const transports = [ws()];

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.close());

function keep<Kind extends { destroy(): void }>(socket: Kind): Kind {
  world.defer(() => socket.destroy());
  return socket;
}

test("requests are answered, also large ones and many at once", async () => {
  const rep = keep(new Rep0({ transports }));
  const req = keep(new Req0({ transports }));
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

test("listener.url has the real port and the path, and address says where it is bound", async () => {
  const pair = keep(new Pair0({ transports }));
  const listener = await pair.listen("ws://*:0/a/b");
  expect(listener.url).toMatch(/^ws:\/\/\*:[1-9]\d*\/a\/b$/);
  expect(listener.address).toMatch(/^ws:\/\/(?:\[::\]|0\.0\.0\.0):[1-9]\d*\/a\/b$/);
});

test("a listener of another protocol ends a dial at once, in the modes that wait for the first attempt", async () => {
  const rep = keep(new Rep0({ transports }));
  const { url } = await rep.listen(ANY);
  const pair = keep(new Pair0({ transports }));
  for (const mode of ["auto", "connect"] as const) {
    await expect(pair.dial(url, { mode })).rejects.toThrow(ProtocolError);
  }
  const pair1 = keep(new Pair1({ transports }));
  const background = await pair1.dial(url, { mode: "background", reconnectTimeMin: 1 });
  await until(() => background.attempts > 2, "further attempts");
});

test("one that is not let in gives up at once, one whose path is not there yet goes on", async () => {
  const pair = keep(new Pair0({ transports: [ws({ authorize: () => 401 })] }));
  const { url } = await pair.listen(ANY);
  const other = keep(new Pair0({ transports, reconnectTimeMin: 1 }));
  await expect(other.dial(url)).rejects.toThrow(PermissionDeniedError);
  const later = url.replace("/x", "/later");
  const dialer = await other.dial(later);
  expect(dialer.lastError).toMatchObject({ code: "SP_ECONNREFUSED" });
  const open = keep(new Pair0({ transports }));
  await open.listen(later);
  await dialer.connected({ timeout: 5_000 });
});

test("a refused request is an event of the listener", async () => {
  const pair = keep(new Pair0({ transports }));
  const errors: Error[] = [];
  pair.addEventListener("handshakeerror", ({ error }) => errors.push(error));
  const { url } = await pair.listen(ANY);
  await (await world.raw(url)).ask({ Origin: "https://evil.test" });
  await until(() => errors.length === 1, "the event");
  expect(errors[0]).toBeInstanceOf(PermissionDeniedError);
  expect([...pair.listeners][0]?.stats().failures).toBe(1);
});

test("acceptPipe may decide by what the request says", async () => {
  const acceptPipe = (pipe: Pipe) => pipe.properties.get("ws.query") === "token=7";
  const listener = keep(new Pair0({ transports, acceptPipe }));
  const refused: Error[] = [];
  listener.addEventListener("pipereject", ({ error }) => refused.push(error));
  const { url } = await listener.listen(ANY);
  const nobody = keep(new Pair0({ transports }));
  await nobody.dial(url, { mode: "background", reconnectTimeMin: 60_000 });
  await until(() => refused.length === 1, "the refusal");
  const somebody = keep(new Pair0({ transports }));
  await somebody.dial(`${url}?token=7`);
  await listener.waitForPipes(1, { timeout: 5_000 });
});

test("a second peer of a pair is sent away, and the first goes on", async () => {
  const pair = keep(new Pair0({ transports }));
  const { url } = await pair.listen(ANY);
  const first = keep(new Pair0({ transports }));
  await first.dial(url);
  const raw = await world.rawWs(url);
  expect(await raw.readClose()).toBe(1013);
  await raw.peer.expectClosed();
  await first.send("still here");
  expect(Buffer.from(await pair.receive({ timeout: 5_000 })).toString()).toBe("still here");
});

test("a dialer finds its listener again after a restart", async () => {
  const dialer = keep(new Pair0({ transports, reconnectTimeMin: 1 }));
  const first = keep(new Pair0({ transports }));
  const { url } = await first.listen(`ws://127.0.0.1:${await freePort()}/x`);
  await dialer.dial(url);
  await first.waitForPipes(1, { timeout: 5_000 });
  await first.close();
  const second = keep(new Pair0({ transports }));
  await second.listen(url);
  await second.waitForPipes(1, { timeout: 5_000 });
  await second.send("again");
  expect(new TextDecoder().decode(await dialer.receive({ timeout: 5_000 }))).toBe("again");
});

test("a peer that does not read slows the sender down, and gets everything in order once it does", async () => {
  const left = keep(new Pair0({ transports, sendBufferBytes: 65_536 }));
  const right = keep(new Pair0({ transports }));
  const { url } = await left.listen(ANY);
  await right.dial(url);
  let sent = 0;
  const body = new Uint8Array(100_000);
  for (let waited = false; !waited; sent++) {
    body[0] = sent;
    const promise = left.send(body, { timeout: 200 });
    waited = await promise.then(
      () => false,
      () => true,
    );
    if (waited) sent--;
  }
  expect(sent).toBeLessThan(200);
  for (let at = 0; at < sent; at++) {
    expect((await right.receive({ timeout: 5_000 }))[0]).toBe(at & 0xff);
  }
  await left.waitForPipes(1);
  await left.send("on", { timeout: 5_000 });
  expect(await right.receive({ timeout: 5_000 })).toHaveLength(2);
});

test("a destroyed socket leaves nothing on the port", async () => {
  const pair = new Pair0({ transports });
  const { url } = await pair.listen(`ws://127.0.0.1:${await freePort()}/x`);
  const raw = await world.rawWs(url);
  const silent = await world.raw(url);
  pair.destroy();
  await raw.peer.expectClosed();
  await silent.peer.expectClosed();
  const again = keep(new Pair0({ transports }));
  await until(() => true, "a turn");
  await again.listen(url);
});

test("a process with nothing else to do ends", async () => {
  const script = `
    import { Pair0 } from "@sprocket/pair";
    import { ws } from "@sprocket/transport-ws";
    const transports = [ws({ pingInterval: 10_000 })];
    const [one, two] = [new Pair0({ transports }), new Pair0({ transports })];
    const { url } = await one.listen("${ANY}");
    await two.dial(url);
    await two.send("x");
    await one.receive();
    if (process.argv[1] === "close") await Promise.all([one.close(), two.close()]);
    if (process.argv[1] === "destroy") [one, two].forEach((each) => each.destroy());
    one.unref();
    two.unref();
    console.log("done");
  `;
  for (const how of ["close", "destroy", "unref"]) {
    const began = performance.now();
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      ["--unhandled-rejections=strict", "--input-type=module", "-e", script, "--", how],
      { cwd: fileURLToPath(new URL("..", import.meta.url)), timeout: 10_000 },
    );
    expect(stdout).toBe("done\n");
    expect(stderr).toBe("");
    expect(performance.now() - began).toBeLessThan(9_000);
  }
});
