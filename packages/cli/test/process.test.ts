// What only shows when the command runs as a process of its own: streams, signals, exit codes, arguments that are no
// text, and connections that come late or go.

import { existsSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { version } from "../src/index.js";
import { ipcUrl, removeFolders, tcpUrl } from "./support/addresses.js";
import { Child, killAll, start } from "./support/child.js";
import { describeWithNngcat, mustBeBuilt, nngcat, sprocket, type Tool } from "./support/tools.js";

beforeAll(mustBeBuilt);
afterEach(killAll);
afterAll(removeFolders);

const patience = { timeout: 60_000 };

function socketFile(url: string): string {
  return url.slice("ipc://".length);
}

describe("sprocket cat as a process", () => {
  it("complains on standard error with exit code 1", patience, async () => {
    const ended = await start(sprocket, ["--req", "--dial", "ipc:///nowhere/at/all", "-D", "x"]).ended();
    expect({ ...ended, stdout: ended.stdout.toString() }).toEqual({
      code: 1,
      signal: null,
      stdout: "",
      stderr: "Unable to dial on ipc:///nowhere/at/all: Connection refused\n",
    });
  });

  it("prints its version with exit code 0, its help with 1, as nngcat does", patience, async () => {
    const [asked, helped] = await Promise.all([
      start(sprocket, ["--version"]).ended(),
      start(sprocket, ["--help"]).ended(),
    ]);
    expect([asked.code, asked.stdout.toString()]).toEqual([0, `${version}\n`]);
    expect([helped.code, helped.stderr]).toEqual([1, ""]);
    expect(helped.stdout.toString()).toContain("Usage: sprocket cat");
  });

  it.each(["tcp://127.0.0.1:0", "tcp4://127.0.0.1:0", "tcp://127.0.0.1"])(
    "tells the real port of %s with --verbose",
    patience,
    async (address) => {
      const rep = start(sprocket, ["--rep", "-v", "--listen", address, "-D", "here", "-C", "1"]);
      await rep.heard("\n");
      const [, url] = /^Listening at: (tcp4?:\/\/127\.0\.0\.1:[1-9]\d*)\n$/.exec(rep.stdout.toString()) ?? [];
      const req = await start(sprocket, ["--req", "--dial", url ?? "missing", "-D", "where?", "-A"]).ended();
      expect(req.stdout.toString()).toBe("here");
      expect((await rep.ended()).code).toBe(0);
    },
  );

  it("listens at several addresses and dials several", patience, async () => {
    const urls = [ipcUrl(), await tcpUrl()] as const;
    const both = start(sprocket, [
      "--rep",
      "-v",
      ...urls.flatMap((url) => ["--listen", url]),
      "-D",
      "a",
      "-Q",
      "-C",
      "3",
    ]);
    await both.heard(`Listening at: ${urls[1]}\n`);
    for (const url of urls) {
      await start(sprocket, ["--req", "--dial", url, "-D", url]).ended();
    }
    const req = start(sprocket, [
      "--req",
      "-v",
      ...urls.flatMap((url) => ["--dial", url]),
      "-D",
      "both",
      "-Q",
    ]);
    const asked = await req.ended();
    expect(asked.stdout.toString()).toBe(`${urls.map((url) => `Connected to: ${url}\n`).join("")}"a"\n`);
    expect((await both.ended()).stdout.toString()).toBe(
      `${urls.map((url) => `Listening at: ${url}\n`).join("")}"${urls[0]}"\n"${urls[1]}"\n"both"\n`,
    );
  });

  it("opens addresses in their order and keeps none when one fails", patience, async () => {
    const [first, second] = [ipcUrl(), ipcUrl()];
    const ended = await start(sprocket, ["--pair0", "-v", "--listen", first, "--dial", second]).ended();
    expect(ended.code).toBe(1);
    expect(ended.stderr.split("\n")[0]).toBe(`Unable to dial on ${second}: Connection refused`);
    expect(ended.stdout.toString()).toBe(`Listening at: ${first}\n`);
    expect(existsSync(socketFile(first))).toBe(false);
  });

  it("refuses an address in use", patience, async () => {
    const url = ipcUrl();
    await start(sprocket, ["--pair0", "-v", "--listen", url]).heard("Listening");
    const ended = await start(sprocket, ["--pair0", "--listen", url]).ended();
    expect(ended).toMatchObject({ code: 1, stderr: `Unable to listen on ${url}: Address in use\n` });
  });

  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "ends by %s and leaves no socket file",
    patience,
    async (signal) => {
      const url = ipcUrl();
      const child = start(sprocket, ["--rep", "-v", "--listen", url]);
      await child.heard("Listening");
      expect(existsSync(socketFile(url))).toBe(true);
      child.signal(signal);
      expect(await child.ended()).toMatchObject({ code: null, signal });
      expect(existsSync(socketFile(url))).toBe(false);
    },
  );

  it("ends with 141 and without a word when nobody reads its output any more", patience, async () => {
    const url = ipcUrl();
    const pair = start(sprocket, ["--pair0", "-v", "-Q", "--listen", url]);
    await pair.heard("Listening");
    pair.hangUp();
    start(sprocket, ["--pair0", "--dial", url, "-D", "tick", "-i", "1"]);
    expect(await pair.ended()).toMatchObject({ code: 141, stderr: "" });
  });

  it("sends the bytes of an argument that is no UTF-8", patience, async () => {
    const url = ipcUrl();
    const rep = start(sprocket, ["--rep", "-v", "--listen", url, "--hex", "-C", "1", "-D", "ok"]);
    await rep.heard("Listening");
    const shell = ["sh", "-c", 'exec "$@" --data="$(printf "\\377\\303\\250\\200")"', "sh"];
    await new Child([...shell, ...sprocket.command, "--req", "--dial", url]).ended();
    expect((await rep.ended()).stdout.toString()).toContain('"\\xff\\xc3\\xa8\\x80"\n');
  });

  it.each(["--pair0", "--pair1", "--req"])(
    "%s gives up a send without a peer",
    patience,
    async (protocol) => {
      const ended = await start(sprocket, [
        protocol,
        "--listen",
        ipcUrl(),
        "-D",
        "x",
        "--send-timeout",
        "1",
      ]).ended();
      expect(ended).toMatchObject({ code: 1, stderr: "Send error: Timed out\n" });
    },
  );

  it("takes silence for an end without data and for a failure with data", patience, async () => {
    const silent = ["--listen", ipcUrl(), "--recv-timeout", "1"];
    expect(await start(sprocket, ["--rep", ...silent]).ended()).toMatchObject({ code: 0, stderr: "" });
    expect(await start(sprocket, ["--rep", ...silent, "-D", "x"]).ended()).toMatchObject({
      code: 1,
      stderr: "Receive error: Timed out\n",
    });
  });

  it("fails when standard input is a folder", patience, async () => {
    const command = [...sprocket.command, "--req", "--dial", ipcUrl(), "--file", "-"];
    expect(await new Child(["sh", "-c", 'exec "$@" </', "sh", ...command]).ended()).toMatchObject({
      code: 1,
      stderr: "Read from - failed: Is a directory\n",
    });
  });

  it("says more than nngcat where nngcat would not fail at all", patience, async () => {
    const url = ipcUrl();
    await start(sprocket, ["--rep", "-v", "--listen", url]).heard("Listening");
    const { code, stderr } = await start(sprocket, ["--pair0", "--dial", url]).ended();
    const [first, second] = stderr.split("\n");
    expect([code, first]).toEqual([1, `Unable to dial on ${url}: Protocol error`]);
    expect(second).toContain("0x31");
  });

  it("ends in time although a name is still being looked up", patience, async () => {
    const args = ["--req", "--async", "--dial", "tcp://nowhere.invalid:1", "-D", "x", "--send-timeout", "1"];
    expect(await start(sprocket, args).ended()).toMatchObject({ code: 1, stderr: "Send error: Timed out\n" });
  });
});

/** Whoever takes part, with our command on at least one side. */
const casts: [string, Tool, Tool][] = [
  ["with itself", sprocket, sprocket],
  ["with nngcat listening", nngcat, sprocket],
  ["with nngcat dialing", sprocket, nngcat],
];

describeWithNngcat("sprocket cat and late peers", () => {
  it.each(casts)("waits for a listener with --async, %s", patience, async (_, listening, dialing) => {
    const url = ipcUrl();
    const req = start(dialing, ["--req", "--async", "-v", "--dial", url, "-D", "early", "-Q"]);
    await req.heard("Connected to: ");
    const rep = start(listening, ["--rep", "--listen", url, "-D", "late", "-Q", "--count", "1"]);
    expect((await req.ended()).stdout.toString()).toBe(`Connected to: ${url}\n"late"\n`);
    expect((await rep.ended()).stdout.toString()).toBe('"early"\n');
  });

  it.each(casts)("repeats a request to the next listener, %s", patience, async (_, listening, dialing) => {
    const url = ipcUrl();
    const mute = start(listening, ["--rep", "-v", "--listen", url, "-Q"]);
    await mute.heard("Listening");
    const req = start(dialing, ["--req", "--dial", url, "-D", "again", "-Q"]);
    await mute.heard('"again"\n');
    mute.signal("SIGKILL");
    await mute.ended();
    const rep = start(listening, ["--rep", "--listen", url, "-D", "at last", "-Q", "--count", "1"]);
    expect((await req.ended()).stdout.toString()).toBe('"at last"\n');
    expect((await rep.ended()).stdout.toString()).toBe('"again"\n');
  });

  // Without nngcat dialing: it gives up when a send has to wait for a peer longer than its interval.
  it.each(casts.slice(0, 2))(
    "goes on with the next peer of a pair, %s",
    patience,
    async (_, listening, dialing) => {
      const url = ipcUrl();
      const first = start(listening, ["--pair1", "-v", "--listen", url, "-Q"]);
      await first.heard("Listening");
      const pair = start(dialing, ["--pair1", "--dial", url, "-D", "tick", "-i", "1"]);
      await first.heard('"tick"\n');
      first.signal("SIGKILL");
      await first.ended();
      const second = start(listening, ["--pair1", "--listen", url, "-Q", "--count", "2"]);
      expect((await second.ended()).stdout.toString()).toBe('"tick"\n"tick"\n');
      pair.signal("SIGKILL");
    },
  );
});
