// `pnpm check [name …]`: every static check, or the named ones. Calm when all is well, the whole output of what fails.
// With SPROCKET_REPORT set to a folder, what passed and failed is written there for the summary of `.ci/run`.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { binary, root, run, turbo, userArguments } from "./lib.js";

const quiet = { quiet: true };
const node = (...args) => run(process.execPath, args, quiet);
const script = (name, ...args) => node(join(root, "scripts", name), ...args);

const checks = {
  typecheck: () => turbo(["typecheck"], quiet),
  lint: () => node(binary("@biomejs/biome", "biome"), "lint", "--error-on-warnings", "."),
  format: () => node(binary("@biomejs/biome", "biome"), "check", "--linter-enabled=false", "."),
  knip: () => node(binary("knip")),
  publint: () => script("packages.js", "publint"),
  attw: () => script("packages.js", "attw"),
  consumers: () => script("consumers.js"),
  size: () => node(binary("size-limit")),
};

const names = userArguments();
const unknown = names.filter((name) => !(name in checks));
if (unknown.length > 0) {
  throw new Error(`no check called ${unknown.join(", ")}; there are ${Object.keys(checks).join(", ")}`);
}

const report = { passed: [], failed: [] };
if ((await turbo(["build"], quiet)) === 0) {
  for (const name of names.length > 0 ? names : Object.keys(checks)) {
    const started = performance.now();
    const passed = (await checks[name]()) === 0;
    report[passed ? "passed" : "failed"].push(name);
    console.log(
      `${passed ? "ok    " : "FAILED"}  ${name}  ${((performance.now() - started) / 1000).toFixed(1)} s`,
    );
  }
} else {
  report.failed.push("build");
  console.log("FAILED  build");
}

if (process.env.SPROCKET_REPORT) {
  await writeFile(join(process.env.SPROCKET_REPORT, "checks.json"), JSON.stringify(report));
}
if (report.failed.length > 0) process.exitCode = 1;
