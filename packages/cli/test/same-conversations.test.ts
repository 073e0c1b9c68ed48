// The same conversation four times: nngcat with nngcat, `sprocket cat` with `sprocket cat`, and each with the other in
// both roles. Whoever takes part, both sides must print the same and end with the same code.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { freshFolder, ipcUrl, removeFolders, tcpUrl } from "./support/addresses.js";
import { type Ended, killAll, start } from "./support/child.js";
import { describeWithNngcat, mustBeBuilt, nngcat, sprocket, type Tool } from "./support/tools.js";

beforeAll(mustBeBuilt);
afterEach(killAll);
afterAll(removeFolders);

const mixed: readonly (readonly [Tool, Tool])[] = [
  [sprocket, sprocket],
  [sprocket, nngcat],
  [nngcat, sprocket],
];

interface Scene {
  readonly title: string;
  readonly listener: readonly string[];
  /** One after the other, each when the one before has ended. */
  readonly dialers: readonly (readonly string[])[];
  readonly input?: Uint8Array;
  /** Most scenes have nothing to do with the transport. */
  readonly overTcp?: boolean;
}

interface Outcome {
  readonly listener: Report;
  readonly dialers: readonly Report[];
}

interface Report {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Both sides end by themselves in every scene. The url differs from run to run and is taken out. */
async function play(scene: Scene, url: string, listening: Tool, dialing: Tool): Promise<Outcome> {
  const report = ({ code, signal, stdout, stderr }: Ended): Report => ({
    code,
    signal,
    stdout: stdout.toString("latin1").replaceAll(url, "<url>"),
    stderr: stderr.replaceAll(url, "<url>"),
  });
  const listener = start(listening, ["--verbose", "--listen", url, ...scene.listener]);
  await listener.heard("Listening at: ");
  const dialers: Report[] = [];
  for (const dialer of scene.dialers) {
    dialers.push(report(await start(dialing, ["--dial", url, ...dialer], scene.input).ended()));
  }
  return { listener: report(await listener.ended()), dialers };
}

async function expectSameOutcome(scene: Scene, freshUrl: () => string | Promise<string>): Promise<void> {
  const reference = play(scene, await freshUrl(), nngcat, nngcat);
  const others = mixed.map(async ([listening, dialing]) => {
    const outcome = await play(scene, await freshUrl(), listening, dialing);
    const title = `${listening.name} listens, ${dialing.name} dials`;
    expect({ title, ...outcome }).toEqual({ title, ...(await reference) });
  });
  await Promise.all([reference, ...others]);
}

const everyByte = Uint8Array.from({ length: 256 }, (_, byte) => byte);

const folder = freshFolder();
function fileWith(name: string, content: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const files = [
  fileWith("every-byte", everyByte),
  fileWith("empty", new Uint8Array(0)),
  fileWith("64-KiB", new Uint8Array(65_536).fill(0x61)),
];

const scenes: readonly Scene[] = [
  {
    title: "a request and its reply",
    listener: ["--rep", "--data", "42", "--quoted", "--count", "1"],
    dialers: [["--req", "--data", "what is the answer?", "--quoted"]],
  },
  {
    title: "requests from one dialer after the other",
    listener: ["--rep0", "-D", "42", "-A", "-C", "2"],
    dialers: [
      ["--req0", "-D", "one", "-A"],
      ["--req0", "-D", "two", "-A"],
    ],
  },
  {
    title: "requests at an interval",
    listener: ["--rep", "-D", "pong", "-Q", "--count=2"],
    dialers: [["--req", "-D", "ping", "-Q", "--interval=2", "--count=2"]],
    overTcp: true,
  },
  {
    title: "a request that nobody answers",
    listener: ["--rep", "-Q", "--count", "1"],
    dialers: [["--req", "-D", "anybody?", "-Q", "--recv-timeout", "1"]],
  },
  {
    title: "requests that nobody answers, at an interval",
    listener: ["--rep", "-Q", "--count", "2"],
    dialers: [["--req", "-D", "anybody?", "-Q", "-i", "1", "-C", "2"]],
  },
  {
    title: "a request behind a delay",
    listener: ["--rep", "-D", "a", "-Q", "--count", "1"],
    dialers: [["--req", "-D", "q", "-Q", "--delay", "1"]],
  },
  {
    title: "a request from standard input",
    listener: ["--rep", "-D", "got it", "--hex", "--count", "1"],
    dialers: [["--req", "--file", "-", "--raw"]],
    input: everyByte,
  },
  {
    title: "an empty request and an empty reply",
    listener: ["--rep", "--data=", "--quoted", "--count", "1"],
    dialers: [["--req", "-D", "", "--quoted"]],
  },
  {
    title: "a reply that is larger than the requester takes",
    listener: ["--rep", "-D", "far too long", "--count", "1"],
    dialers: [["--req", "-D", "q", "-Q", "--recv-maxsz", "10", "--recv-timeout", "1"]],
  },
  {
    title: "a bind-side request without patience for a reply",
    listener: ["--req", "-D", "q", "-Q", "--recv-timeout", "1"],
    dialers: [["--rep", "-Q", "--recv-timeout", "1"]],
  },
  ...["--pair0", "--pair1"].flatMap((pair): Scene[] => [
    {
      title: `${pair}: both sides speak`,
      listener: [pair, "-D", "from the listener", "-Q", "--recv-timeout", "2"],
      dialers: [[pair, "-D", "from the dialer", "-Q", "--recv-timeout", "2"]],
      overTcp: true,
    },
    {
      title: `${pair}: one side speaks, at an interval`,
      listener: [pair, "-Q", "--count", "2"],
      dialers: [[pair, "-D", "tick", "-Q", "--interval", "1", "--count", "2"]],
    },
    {
      title: `${pair}: the listener speaks, the dialer counts`,
      listener: [pair, "-D", "tick", "--recv-timeout", "1"],
      dialers: [[pair, "-Q", "--count", "1"]],
    },
    {
      title: `${pair}: a message that is larger than allowed, then one that is not`,
      listener: [pair, "-Q", "-Z", "8", "--count", "1"],
      dialers: [
        [pair, "-D", "far too long", "--recv-timeout", "1", "--verbose"],
        [pair, "-D", "fits", "--recv-timeout", "1"],
      ],
    },
    {
      title: `${pair}: more than a mebibyte, which is not limited by default`,
      listener: [pair, "--msgpack", "--count", "1"],
      dialers: [
        [pair, "--file", fileWith(`large-for${pair}`, new Uint8Array(1_100_000)), "--recv-timeout", "1"],
      ],
    },
  ]),
  ...["no", "raw", "ascii", "quoted", "hex", "msgpack"].map((format) => ({
    title: `--format ${format}: every byte, an empty message and 64 KiB`,
    listener: ["--rep", "-D", "ok", "--format", format, "--count", "3"],
    dialers: files.map((path) => ["--req", "--file", path, `--format=${format}`]),
    overTcp: format === "raw",
  })),
];

describeWithNngcat("sprocket cat and nngcat go the same way over ipc", () => {
  for (const scene of scenes) {
    it(scene.title, { timeout: 90_000 }, () => expectSameOutcome(scene, ipcUrl));
  }
});

describeWithNngcat("sprocket cat and nngcat go the same way over tcp", () => {
  for (const scene of scenes.filter(({ overTcp }) => overTcp)) {
    it(scene.title, { timeout: 90_000 }, () => expectSameOutcome(scene, tcpUrl));
  }
});
