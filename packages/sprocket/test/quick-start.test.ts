/** What the README begins with works over every transport of the runtime, without a list of transports. */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { capabilities, Rep0, Req0, tls } from "../src/index.js";
import { keep } from "./support.js";

async function ask(address: string, options: object = {}): Promise<string> {
  const rep = keep(new Rep0(options));
  const req = keep(new Req0(options));
  const { url } = await rep.listen(address);
  rep.serve((request) => `hello, ${request.text()}`);
  await req.dial(url);
  const reply = new TextDecoder().decode(await req.request("world", { timeout: 10_000 }));
  await Promise.all([req.close(), rep.close()]);
  return reply;
}

test.each([
  "inproc://sprocket-quick-start",
  "tcp://127.0.0.1:0",
  "tcp4://localhost:0",
  "ws://127.0.0.1:0/calc",
])("a request over %s is answered", async (address) => {
  expect(await ask(address)).toBe("hello, world");
});

test("a request over ipc is answered", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sprocket-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  expect(await ask(`ipc://${join(folder, "calc.ipc")}`)).toBe("hello, world");
});

test("a request over TLS is answered, with a transport of the application's own", async () => {
  const psk = randomBytes(32);
  const pskCallback = (): { identity: string; psk: Uint8Array } => ({ identity: "calc", psk });
  expect(await ask("tls+tcp://127.0.0.1:0", { transports: [tls({ pskCallback })] })).toBe("hello, world");
});

test("options of a transport may also be those of one endpoint", async () => {
  const psk = randomBytes(32);
  const transport = { pskCallback: () => ({ identity: "calc", psk }) };
  const rep = keep(new Rep0());
  const req = keep(new Req0());
  const { url } = await rep.listen("tls+tcp://127.0.0.1:0", { transport });
  rep.serve((request) => request);
  await req.dial(url, { transport });
  expect(await req.request("secret", { timeout: 10_000 })).toEqual(new TextEncoder().encode("secret"));
});

test("capabilities tells what there is", () => {
  const both = { dial: true, listen: true };
  expect(capabilities()).toMatchObject({
    inproc: { transport: "inproc", ...both },
    tcp: { transport: "tcp", ...both },
    ipc: { transport: "ipc", ...both },
    "tls+tcp": { transport: "tls", ...both },
    ws: { transport: "ws", ...both },
  });
});
