/** The example in the README of the test kit runs as it stands there. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

test("the example prints what it says", async () => {
  const readme = readFileSync(new URL("../../packages/testing/README.md", import.meta.url), "utf8");
  const [, example = ""] = /```js\n(.*?)```/s.exec(readme) ?? [];
  const [, printed = ""] = /console\.log\(.*\/\/ (.*)/.exec(example) ?? [];
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ["--input-type=module", "-e", example],
    {
      cwd: fileURLToPath(new URL("..", import.meta.url)),
      timeout: 20_000,
    },
  );
  expect(stdout.trim()).toBe(printed);
  expect(printed).not.toBe("");
  expect(stderr).toBe("");
});
