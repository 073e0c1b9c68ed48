// A few round trips with the built packages, in plain JavaScript, for runtimes other than the one that builds them:
// `bun scripts/smoke.js`, `deno run --allow-all scripts/smoke.js`.

import { strictEqual } from "node:assert";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Pair1 } from "../packages/pair/dist/index.js";
import { Rep0, Req0 } from "../packages/reqrep/dist/index.js";
import { ipc } from "../packages/transport-ipc/dist/index.js";
import { tcp } from "../packages/transport-tcp/dist/index.js";
import { ws } from "../packages/transport-ws/dist/index.js";

const text = (bytes) => new TextDecoder().decode(bytes);
const transports = [tcp(), ipc(), ws()];
const folder = await mkdtemp(join(tmpdir(), "sprocket-smoke-"));

const addresses = [
  "inproc://smoke",
  "tcp://127.0.0.1:0",
  `ipc://${join(folder, "smoke.ipc")}`,
  "ws://127.0.0.1:0/smoke",
];
for (const address of addresses) {
  const rep = new Rep0({ transports });
  const req = new Req0({ transports });
  const left = new Pair1({ transports, receiveTimeout: 5_000 });
  const right = new Pair1({ transports, receiveTimeout: 5_000 });
  try {
    const { url } = await rep.listen(address);
    rep.serve((request) => `${request.text()}!`);
    await req.dial(url);
    strictEqual(text(await req.request("hello", { timeout: 5_000 })), "hello!");
    await req.close();
    await rep.close();

    const listener = await left.listen(address);
    await right.dial(listener.url);
    const large = new Uint8Array(500_000).fill(7);
    await right.send(large);
    strictEqual((await left.receive()).length, large.length);
    await left.send("done");
    strictEqual(text(await right.receive()), "done");
    console.log(`ok  ${address}`);
  } finally {
    for (const socket of [req, rep, left, right]) socket.destroy();
  }
}
await rm(folder, { recursive: true, force: true });
