/** The example of the README runs as it stands there. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const folder = fileURLToPath(new URL("..", import.meta.url));

test("the example prints what it says", async () => {
  const [, example = ""] = /```js\n(.*?)```/s.exec(readFileSync(`${folder}/README.md`, "utf8")) ?? [];
  const [, printed = ""] = /console\.log\(.*\/\/ (.*)/.exec(example) ?? [];
  const elsewhere = mkdtempSync(join(tmpdir(), "sp-ipc-"));
  // Imports come first whatever stands before them: they are found from here, and the socket is made elsewhere.
  const script = `process.chdir(${JSON.stringify(elsewhere)});\n${example}`;
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ["--input-type=module", "-e", script],
    {
      cwd: folder,
      timeout: 10_000,
    },
  );
  rmSync(elsewhere, { recursive: true });
  expect(stdout.trim()).toBe(printed);
  expect(printed).not.toBe("");
  expect(stderr).toBe("");
});
