// What the workspace's own scripts share: starting programs, building, the list of packages.

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

/** Arguments as the user meant them: pnpm hands on the `--` of `pnpm demo -- folder`. */
export function userArguments() {
  const given = process.argv.slice(2);
  return given[0] === "--" ? given.slice(1) : given;
}

/** Starts a program and resolves to its exit code; with `quiet`, its output appears only when it fails. */
export function run(file, args, { quiet = false, cwd = root, env = {} } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: quiet ? ["ignore", "pipe", "pipe"] : "inherit",
    });
    const chunks = [];
    child.stdout?.on("data", (chunk) => chunks.push(chunk));
    child.stderr?.on("data", (chunk) => chunks.push(chunk));
    // Ctrl-C reaches the whole process group: the child decides how to end, we only report it.
    const ignore = () => {};
    process.on("SIGINT", ignore);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      process.off("SIGINT", ignore);
      const result = code ?? (signal === "SIGINT" ? 130 : 1);
      if (quiet && result !== 0) process.stderr.write(Buffer.concat(chunks));
      resolve(result);
    });
  });
}

/** The script behind a command of a dev dependency, to be run by this very Node on every system. */
export function binary(packageName, command = packageName) {
  const folder = join(root, "node_modules", packageName);
  const { bin } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return join(folder, typeof bin === "string" ? bin : bin[command]);
}

/** Runs turbo tasks: `turbo(["build", "--filter=@sprocket/core"])`. */
export async function turbo(args, options = {}) {
  await dropStaleBuilds();
  const calm = ["--output-logs=errors-only", "--log-prefix=none", "--ui=stream"];
  const code = await run(process.execPath, [binary("turbo"), "run", ...calm, ...args], {
    ...options,
    env: { TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1", TURBO_PRINT_VERSION_DISABLED: "1" },
  });
  if (code !== 0) await removeFromBuilds("tsconfig.tsbuildinfo");
  return code;
}

/** Every workspace folder with a manifest, as `{ folder, manifest }`, folder relative to the root. */
export async function workspaces() {
  const packages = (await readdir(join(root, "packages"), { withFileTypes: true }))
    .filter((entry) => entry.isDirectory())
    .map((entry) => `packages/${entry.name}`)
    .sort();
  const found = [];
  for (const folder of [
    ...packages,
    "conformance",
    "interop",
    "browser",
    "bench",
    "examples",
    "demo-web",
    "docs",
  ]) {
    const text = await readFile(join(root, folder, "package.json"), "utf8").catch(() => undefined);
    if (text !== undefined) found.push({ folder, manifest: JSON.parse(text) });
  }
  return found;
}

export async function publishedPackages() {
  return (await workspaces()).filter(({ manifest }) => !manifest.private);
}

/** Removes what builds leave behind. */
export function removeBuilds() {
  return removeFromBuilds(".");
}

async function removeFromBuilds(path) {
  for (const { folder } of await workspaces()) {
    await rm(join(root, folder, "dist", path), { recursive: true, force: true });
  }
}

/**
 * `tsc -b` trusts its build info when the compiler, the shared settings or the globals have changed since, and repeats
 * errors that are long gone. So a change there starts all builds afresh, and a failed build is never remembered.
 */
async function dropStaleBuilds() {
  const hash = createHash("sha256");
  for (const name of [
    "tsconfig.base.json",
    "tsconfig.portable.json",
    "packages/core/src/globals.d.ts",
    "node_modules/typescript/package.json",
  ]) {
    hash.update(await readFile(join(root, name)));
  }
  const digest = hash.digest("hex");
  const stamp = join(root, "node_modules/.cache/sprocket/compiler");
  if ((await readFile(stamp, "utf8").catch(() => "")) === digest) return;
  await removeBuilds();
  await mkdir(dirname(stamp), { recursive: true });
  await writeFile(stamp, digest);
}
