// Conversations of two: requests and replies, and pairs. Those of many are in `same-patterns.test.ts`.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, it } from "vitest";
import { freshFolder, removeFolders } from "./support/addresses.js";
import { killAll } from "./support/child.js";
import { expectSameOutcome, type Scene } from "./support/scene.js";
import { describeWithNngcat, mustBeBuilt } from "./support/tools.js";

beforeAll(mustBeBuilt);
afterEach(killAll);
afterAll(removeFolders);

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
    // A reply counts only within its interval.
    dialers: [["--req", "-D", "ping", "-Q", "--interval=3", "--count=2"]],
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
    // More patient than the listener: the request has to reach it.
    dialers: [["--rep", "-Q", "--recv-timeout", "4"]],
  },
  ...["--pair0", "--pair1"].flatMap((pair): Scene[] => [
    {
      title: `${pair}: both sides speak`,
      listener: [pair, "-D", "from the listener", "-Q", "--recv-timeout", "4"],
      dialers: [[pair, "-D", "from the dialer", "-Q", "--recv-timeout", "4"]],
    },
    {
      title: `${pair}: dialers speak, at an interval`,
      listener: [pair, "-Q", "--count", "2"],
      dialers: [
        [pair, "-D", "tick", "-Q", "--interval", "1", "--count", "1"],
        [pair, "-D", "tock", "-Q", "--interval", "1", "--count", "1"],
      ],
    },
  ]),
  {
    title: "only the listener speaks and the dialer counts",
    listener: ["--pair1", "-D", "tick", "--recv-timeout", "1"],
    dialers: [["--pair1", "-Q", "--count", "1"]],
  },
  {
    title: "a message that is larger than allowed, then one that is not",
    listener: ["--pair1", "-Q", "-Z", "8", "--count", "1"],
    dialers: [
      ["--pair1", "-D", "far too long", "--recv-timeout", "1", "--verbose"],
      ["--pair1", "-D", "fits", "--recv-timeout", "1"],
    ],
  },
  {
    title: "more than a mebibyte, which is not limited by default",
    // A request waits for its reply, so all of it has come when the dialer goes.
    listener: ["--rep", "-D", "got it", "--msgpack", "--count", "1"],
    dialers: [["--req", "--file", fileWith("large", new Uint8Array(1_100_000))]],
  },
  ...["no", "raw", "ascii", "quoted", "hex", "msgpack"].map((format) => ({
    title: `--format ${format}: every byte, an empty message and 64 KiB`,
    listener: ["--rep", "-D", "ok", "--format", format, "--count", "3"],
    dialers: files.map((path) => ["--req", "--file", path, `--format=${format}`]),
  })),
];

describeWithNngcat("sprocket cat and nngcat go the same way", () => {
  for (const scene of scenes) {
    it(scene.title, { timeout: 90_000 }, () => expectSameOutcome(scene));
  }
});
