/** The examples of the README run as they stand there. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const folder = fileURLToPath(new URL("..", import.meta.url));
const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const examples = [...readme.matchAll(/(?<!fragment -->\n)```js\n(.*?)```/gs)].map(([, code = ""]) => code);

test.each(examples)("it prints what it says", async (code) => {
  const printed = [...code.matchAll(/console\.log\(.*\/\/ (.*)/g)].map(([, line]) => line);
  expect(printed.length).toBeGreaterThan(0);
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ["--input-type=module", "-e", code],
    {
      cwd: folder,
      timeout: 14_000,
    },
  );
  expect(stderr).toBe("");
  expect(stdout.trim().split("\n")).toEqual(printed);
});
