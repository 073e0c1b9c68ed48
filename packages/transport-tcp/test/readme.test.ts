/** The example of the README runs as it stands there. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const folder = fileURLToPath(new URL("..", import.meta.url));

test("the example prints what it says", async () => {
  const [, example = ""] = /```js\n(.*?)```/s.exec(readFileSync(`${folder}/README.md`, "utf8")) ?? [];
  const [, printed = ""] = /console\.log\(.*\/\/ (.*)/.exec(example) ?? [];
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ["--input-type=module", "-e", example],
    {
      cwd: folder,
      timeout: 10_000,
    },
  );
  expect(stdout.trim()).toBe(printed);
  expect(printed).not.toBe("");
  expect(stderr).toBe("");
});
