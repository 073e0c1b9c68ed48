/**
 * The TypeScript examples of the documents compile as they stand there, and so do the examples in doc comments, which may
 * use what their readers have at hand: every export of the packages, and the few names of `surroundings`.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, expect, test } from "vitest";
import { documents, type Example, repository } from "./support/documents.js";
import { Sandbox } from "./support/sandbox.js";

let sandbox: Sandbox | undefined;
afterEach(() => sandbox?.remove());

const compilerOptions = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  target: "es2022",
  lib: ["es2023", "esnext.disposable"],
  module: "nodenext",
  moduleDetection: "force",
  types: ["node"],
  skipLibCheck: true,
  noEmit: true,
};

/** What examples in doc comments use without making it. */
const surroundings: Readonly<Record<string, string>> = {
  a: 'import("@sprocket/pair").Pair0',
  b: 'import("@sprocket/pair").Pair0',
  socket: 'import("@sprocket/pair").Pair0',
  req: 'import("@sprocket/reqrep").Req0',
  rep: 'import("@sprocket/reqrep").Rep0',
  transports: 'import("@sprocket/core").Transport[]',
  url: "string",
  others: "string[]",
  bytes: "Uint8Array",
  ca: "string",
  cert: "string",
  key: "string",
  readFile: 'typeof import("node:fs/promises").readFile',
  job: "Uint8Array",
  jobs: "Uint8Array[]",
  signal: "AbortSignal",
  handle: "(bytes: Uint8Array) => void",
  work: "(bytes: Uint8Array) => Promise<void>",
};

/** Compiles each example as a module; errors are told at the place where the example stands. */
async function compile(examples: readonly Example[], globals: string): Promise<string> {
  sandbox = new Sandbox();
  const { folder } = sandbox;
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["**/*.ts"] }));
  writeFileSync(join(folder, "globals.d.ts"), globals);
  mkdirSync(join(folder, "examples"));
  examples.forEach(({ code }, at) => {
    writeFileSync(join(folder, `examples/${at}.ts`), code);
  });
  const { ended, stdout, stderr } = await sandbox.typecheck();
  const output = (stdout + stderr).replace(/examples\/(\d+)\.ts/g, (_, at) => examples[at]?.where ?? "");
  return ended === 0 ? "" : output || `tsc ended with ${ended}`;
}

/** Every export of every package, and the surroundings, as globals. */
async function exportsAsGlobals(): Promise<string> {
  const types = new Map<string, string>();
  for (const [specifier, file] of entryPoints()) {
    for (const name of Object.keys((await import(pathToFileURL(file).href)) as object)) {
      types.set(name, `typeof import("${specifier}").${name}`);
    }
  }
  for (const [name, type] of Object.entries(surroundings)) types.set(name, type);
  const lines = [...types].map(([name, type]) => `  var ${name}: ${type};`);
  return ["export {};", "declare global {", ...lines, "}"].join("\n");
}

/** What can be imported from the packages, and the files behind it. */
function entryPoints(): [specifier: string, file: string][] {
  const found: [string, string][] = [];
  for (const name of readdirSync(join(repository, "packages"))) {
    const home = join(repository, "packages", name);
    const manifest = JSON.parse(readFileSync(join(home, "package.json"), "utf8")) as {
      name: string;
      exports: Record<string, string | { default: string }>;
    };
    for (const [subpath, target] of Object.entries(manifest.exports)) {
      if (typeof target === "object")
        found.push([manifest.name + subpath.slice(1), join(home, target.default)]);
    }
  }
  return found;
}

/** What follows `@example` in the doc comments below `packages`. */
function commentExamples(): Example[] {
  const found: Example[] = [];
  for (const name of readdirSync(join(repository, "packages"))) {
    const folder = join(repository, "packages", name, "src");
    for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
      if (!file.endsWith(".ts")) continue;
      const path = join(folder, file);
      const lines = readFileSync(path, "utf8").split(/\r?\n/);
      lines.forEach((line, at) => {
        if (!/^\s*\* @example$/.test(line)) return;
        const code: string[] = [];
        for (let next = at + 1; /^\s*\*(?!\/)(?! @)/.test(lines[next] ?? ""); next++) {
          code.push((lines[next] ?? "").replace(/^\s*\* ?/, ""));
        }
        found.push({ where: `${relative(repository, path)}:${at + 1}`, code: code.join("\n") });
      });
    }
  }
  return found;
}

test("the TypeScript examples of the documents compile", { timeout: 90_000 }, async () => {
  const examples = documents().flatMap((document) => document.examples("ts"));
  expect(examples).not.toEqual([]);
  expect(await compile(examples, "")).toBe("");
});

test("the examples in doc comments compile", { timeout: 90_000 }, async () => {
  const examples = commentExamples();
  expect(examples).not.toEqual([]);
  expect(await compile(examples, await exportsAsGlobals())).toBe("");
});
