/** A process that runs out of file descriptors (fault F21): it neither crashes nor spins, and recovers by itself. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { RawPeer, within } from "@sprocket/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const LIMIT = 64;
const PEERS = 200;

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

describe.skipIf(process.platform === "win32")("with few descriptors (needs ulimit)", () => {
  let child: ChildProcess;
  let url: string;
  const sockets: Socket[] = [];

  beforeEach(async () => {
    if (!existsSync(here("../dist/index.js")))
      throw new Error("child processes use the built package: run `pnpm build` first");
    child = spawn(
      "sh",
      ["-c", `ulimit -n ${LIMIT} && exec "$0" "$1"`, process.execPath, here("support/descriptors-child.js")],
      {
        stdio: ["ignore", "inherit", "inherit", "ipc"],
      },
    );
    url = (await answer()) as string;
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    const gone = once(child, "exit");
    if (child.kill("SIGKILL")) await gone;
  });

  async function answer(): Promise<unknown> {
    const [message] = await within(10_000, once(child, "message"), "the answer of the child process");
    return message;
  }

  async function cpuTime(): Promise<number> {
    const answered = answer();
    child.send("cpu");
    const { user, system } = (await answered) as NodeJS.CpuUsage;
    return user + system;
  }

  /** More connections than the process can take. */
  async function flood(): Promise<void> {
    const { port } = new URL(url.replace("tcp:", "http:"));
    const settled: Promise<unknown>[] = [];
    for (let count = 0; count < PEERS; count++) {
      const socket = connect(Number(port), "127.0.0.1");
      socket.on("error", () => undefined);
      sockets.push(socket);
      settled.push(Promise.race([once(socket, "connect"), once(socket, "close")]));
    }
    await within(10_000, Promise.all(settled), "the end of all attempts");
  }

  test("a listener lives through a flood, and serves the next peer when there is room again", async () => {
    await flood();
    // The loop turns: it answers, and it does not burn time. 200 ms of work in 500 ms would be a loop that spins.
    const before = await cpuTime();
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect((await cpuTime()) - before).toBeLessThan(200_000);
    for (const socket of sockets.splice(0)) socket.destroy();

    const deadline = performance.now() + 5_000;
    for (;;) {
      const peer = await RawPeer.connect(url);
      const served = await peer.handshake(0x10).then(
        (number) => number === 0x10,
        () => false,
      );
      await peer.close();
      if (served) break;
      expect(performance.now()).toBeLessThan(deadline);
    }
  });

  test("a dialer says that it has no descriptor left", async () => {
    const answered = answer();
    child.send("dial");
    expect(await answered).toBe("SP_ENOFILES");
  });
});
