/** The demo loses a worker and no file, and says clearly when it cannot begin. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Program } from "./support/program.js";

/** So many that at half time some are still to be sent, whatever is under way. */
const FILES = 200;
const LARGE = 3 * 1024 * 1024 + 1;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sprocket-demo-test-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("every file of a folder is answered, though a worker dies", async () => {
  await mkdir(join(folder, "inner"));
  await Promise.all(
    Array.from({ length: FILES - 2 }, (_, at) =>
      writeFile(join(folder, at % 2 === 0 ? "inner" : "", `${at}.txt`), `file ${at}\n`.repeat(at)),
    ),
  );
  await writeFile(join(folder, "empty"), "");
  // Larger than what a socket takes by default.
  await writeFile(join(folder, "large"), new Uint8Array(LARGE).fill(10));

  await using demo = new Program("demo/main", folder);
  const { ended, lines, stderr } = await demo.end();
  expect({ ended, stderr }).toEqual({ ended: 0, stderr: "" });
  const output = lines.join("\n");
  expect(output).toMatch(new RegExp(`^Sending ${FILES} files \\(3\\.\\d MiB\\)`));
  expect(row(lines, "requests")).toBe(String(FILES));
  expect(row(lines, "wrong or lost")).toBe("0");
  expect(Number(row(lines, "resent after the kill"))).toBeGreaterThanOrEqual(1);
  const byWorker = ["ipc worker", "tcp worker (killed half way)", "inproc worker"].map((worker) =>
    Number.parseInt(row(lines, worker), 10),
  );
  expect(byWorker.reduce((sum, requests) => sum + requests, 0)).toBe(FILES);
  expect(Math.min(...byWorker)).toBeGreaterThan(0);
  expect(lines.at(-1)).toBe("Every file was answered, and every answer was right.");
});

test("one file is enough", async () => {
  await writeFile(join(folder, "only"), "one line\n");
  await using demo = new Program("demo/main", folder);
  const { ended, lines, stderr } = await demo.end();
  expect({ ended, stderr }).toEqual({ ended: 0, stderr: "" });
  expect(row(lines, "requests")).toBe("1");
});

test("a folder that cannot be read is an error and exit code 1", async () => {
  const nowhere = join(folder, "nowhere");
  await using demo = new Program("demo/main", nowhere);
  const { ended, lines, stderr } = await demo.end();
  expect({ ended, lines }).toEqual({ ended: 1, lines: [] });
  expect(stderr).toMatch(/^Cannot read .*nowhere.*ENOENT/);
});

test("a folder without a file is an error and exit code 1", async () => {
  await using demo = new Program("demo/main", folder);
  const { ended, lines, stderr } = await demo.end();
  expect({ ended, lines }).toEqual({ ended: 1, lines: [] });
  expect(stderr).toMatch(/^There is no file below /);
});

/** The value behind a name in the table. */
function row(lines: readonly string[], name: string): string {
  for (const line of lines) {
    const [left, right] = line
      .split("│")
      .map((cell) => cell.trim())
      .filter((cell) => cell !== "");
    if (left === name && right !== undefined) return right;
  }
  throw new Error(`no row "${name}" in\n${lines.join("\n")}`);
}
