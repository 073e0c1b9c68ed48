/** The transport under whole sockets: request and reply, a restart of the listener, and a process that may end. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Pair0 } from "@sprocket/pair";
import { Rep0, Req0 } from "@sprocket/reqrep";
import { HandleWatch } from "@sprocket/testing";
import { afterAll, expect, test } from "vitest";
import { ipc } from "../src/index.js";

const transports = [ipc()];
const folder = mkdtempSync(join(tmpdir(), "sp-ipc-"));
let count = 0;
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const freshUrl = () => `ipc://${folder}/${++count}`;

test("requests are answered, also large ones and many at once", async () => {
  const watch = new HandleWatch();
  const rep = new Rep0({ transports });
  const req = new Req0({ transports });
  try {
    const { url } = await rep.listen(freshUrl());
    rep.serve((request) => request.body);
    await req.dial(url);
    const large = new Uint8Array(900_000).map((_, at) => at * 7);
    const replies = await Promise.all(
      [large, ...Array.from({ length: 50 }, (_, at) => new Uint8Array([at]))].map((each) =>
        req.request(each),
      ),
    );
    expect(Buffer.compare(replies[0] as Uint8Array, large)).toBe(0);
    expect(replies.slice(1).map(([first]) => first)).toEqual(Array.from({ length: 50 }, (_, at) => at));
  } finally {
    await req.close();
    await rep.close();
  }
  await watch.settled(5_000);
  watch.stop();
});

test("a dialer finds its listener again after a restart", async () => {
  const dialing = new Pair0({ transports, reconnectTimeMin: 1 });
  let listening = new Pair0({ transports });
  try {
    const { url } = await listening.listen(freshUrl());
    await dialing.dial(url);
    await listening.waitForPipes(1, { timeout: 5_000 });
    await listening.close();
    listening = new Pair0({ transports });
    await listening.listen(url);
    await listening.waitForPipes(1, { timeout: 5_000 });
    await listening.send("again");
    expect(new TextDecoder().decode(await dialing.receive({ timeout: 5_000 }))).toBe("again");
  } finally {
    await dialing.close();
    await listening.close();
  }
});

test("an unreferenced socket does not keep its process alive", async () => {
  const script = `
    import { Pair0 } from "@sprocket/pair";
    import { ipc } from "@sprocket/transport-ipc";
    const [one, two] = [new Pair0({ transports: [ipc()] }), new Pair0({ transports: [ipc()] })];
    const { url } = await one.listen("${freshUrl()}");
    await two.dial(url);
    one.unref();
    two.unref();
    console.log("done");
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], {
    cwd: fileURLToPath(new URL("..", import.meta.url)),
    timeout: 10_000,
  });
  expect(stdout).toBe("done\n");
});
