// The README must not promise what is not there, nor forget what is.

import { readFileSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { helpText } from "../src/cat/help.js";
import { options } from "../src/cat/options.js";
import { protocols } from "../src/cat/protocols.js";
import { freshFolder, removeFolders } from "./support/addresses.js";
import { Child, killAll } from "./support/child.js";
import { mustBeBuilt } from "./support/tools.js";

beforeAll(mustBeBuilt);
afterEach(killAll);
afterAll(removeFolders);

const fileOf = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const readme = readFileSync(fileOf("../README.md"), "utf8");

it("names every option, with its short name and its value", () => {
  for (const { long, short, value, help } of options.filter((option) => option.help !== undefined)) {
    expect(readme).toContain(value === undefined ? `\`--${long}\`` : `\`--${long} <${value}>\``);
    expect(helpText()).toContain(value === undefined ? `--${long}` : `--${long} <${value}>  `);
    expect(helpText()).toContain(help);
    if (short !== undefined) {
      expect(readme).toContain(`\`-${short}\``);
    }
  }
});

it("says of every protocol what it does", () => {
  const [, table] = readme.split("## What it does");
  for (const { name } of protocols) {
    expect(table).toMatch(new RegExp(`^\\|[^|]*\`--${name}\``, "m"));
  }
});

it("shows an example that runs", { timeout: 60_000 }, async () => {
  const example = /## Example\n+```sh\n(.*?)```/s.exec(readme)?.[1] ?? "";
  expect(example.trim().split("\n").length).toBeLessThanOrEqual(10);
  const folder = freshFolder();
  symlinkSync(fileOf("../bin/sprocket.js"), join(folder, "sprocket"));
  const path = [folder, process.env.PATH].join(delimiter);
  const ended = await new Child(["env", `PATH=${path}`, `TMPDIR=${folder}`, "sh", "-euc", example]).ended();
  expect(ended).toMatchObject({ code: 0, stderr: "" });
  expect(ended.stdout.toString().split("\n").sort()).toEqual(["", '"42"', '"what is the answer?"']);
});
