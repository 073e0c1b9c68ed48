// The two programs that are compared, and what is needed to run them.
//
// nngcat comes from the system. Where it is missing its tests are skipped by name, unless SPROCKET_REQUIRE_PEERS=1 says
// that it must be there.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, it } from "vitest";

export interface Tool {
  readonly name: string;
  readonly command: readonly string[];
}

const script = fileURLToPath(new URL("../../bin/sprocket.js", import.meta.url));

export const sprocket: Tool = { name: "sprocket cat", command: [process.execPath, script, "cat"] };

/** Line by line, because nngcat keeps its "Listening at" to itself for long when nobody sits at a terminal. */
export const nngcat: Tool = { name: "nngcat", command: ["stdbuf", "-oL", "nngcat"] };

const install = "apt-get install nng-utils";
const required = process.env.SPROCKET_REQUIRE_PEERS === "1";
const found = spawnSync("nngcat", ["--version"], { encoding: "utf8" }).stdout?.trim() || undefined;

/** Child processes run what was built, not the sources. */
export function mustBeBuilt(): void {
  if (!existsSync(fileURLToPath(new URL("../../dist/main.js", import.meta.url)))) {
    throw new Error("These tests run packages/cli/dist: build the workspace first (pnpm build).");
  }
}

/**
 * A group of tests that compare with nngcat. With `series` given, only with that one: texts and rules for arguments
 * differ between versions, what goes over the wire does not.
 */
export function describeWithNngcat(title: string, tests: () => void, series?: string): void {
  if (found === undefined && required) {
    it(title, () => {
      throw new Error(`nngcat is missing and SPROCKET_REQUIRE_PEERS=1 asks for it: ${install}`);
    });
  } else if (found === undefined) {
    describe.skip(`${title} (skipped, nngcat is missing: ${install})`, tests);
  } else if (series !== undefined && !found.startsWith(`${series}.`)) {
    describe.skip(`${title} (skipped, it needs nngcat ${series} and this is ${found})`, tests);
  } else {
    describe(title, tests);
  }
}
