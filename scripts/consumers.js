// Compiles and imports the published packages the way applications do: packed, unpacked into a folder of their own, with
// node types, with the DOM, with neither, under a bundler's module resolution and under its condition `browser`. Needs a
// build.

import { cp, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { binary, publishedPackages, root, run } from "./lib.js";

/** Packages that run in browsers as well; the others may mention node types. */
const portable = new Set(["core", "pair", "reqrep", "pubsub", "pipeline", "survey", "bus"]);
/** Those that are other ones in browsers, under the condition `browser`; elsewhere they may mention node types. */
const twofold = new Set(["transport-ws", "sprocket"]);

const everywhere = { strict: true, target: "es2022", noEmit: true, types: [], skipLibCheck: false };
const nodenext = { module: "nodenext", moduleResolution: "nodenext" };
const bundler = { module: "esnext", moduleResolution: "bundler" };
const consumers = {
  "node types": { ...everywhere, ...nodenext, lib: ["es2022", "esnext.disposable"], types: ["node"] },
  "node types, exact": {
    ...everywhere,
    ...nodenext,
    lib: ["esnext"],
    types: ["node"],
    exactOptionalPropertyTypes: true,
  },
  "the DOM": { ...everywhere, ...bundler, lib: ["esnext", "dom", "dom.iterable"] },
  "the DOM and node types": {
    ...everywhere,
    ...bundler,
    lib: ["esnext", "dom", "dom.iterable"],
    types: ["node"],
  },
  "the DOM, condition browser": {
    ...everywhere,
    ...bundler,
    lib: ["esnext", "dom", "dom.iterable"],
    customConditions: ["browser"],
    entries: "browser",
  },
  "the DOM, skipLibCheck": {
    ...everywhere,
    ...bundler,
    lib: ["esnext", "dom", "dom.iterable"],
    skipLibCheck: true,
    entries: "browser",
  },
  "neither, skipLibCheck": {
    ...everywhere,
    ...nodenext,
    lib: ["es2022", "esnext.disposable"],
    skipLibCheck: true,
  },
};

const folder = await mkdtemp(join(tmpdir(), "sprocket-consumers-"));
try {
  const everyEntry = [];
  const portableEntries = [];
  const browserEntries = [];
  const linked = new Set();
  for (const { folder: source, manifest } of await publishedPackages()) {
    const target = join(folder, "node_modules", manifest.name);
    await mkdir(target, { recursive: true });
    for (const file of ["package.json", ...manifest.files.filter((name) => !name.startsWith("!"))]) {
      await cp(join(root, source, file), join(target, file), { recursive: true }).catch((error) => {
        if (error.code !== "ENOENT") throw error;
      });
    }
    const entries = Object.keys(manifest.exports ?? {})
      .filter((subpath) => subpath !== "./package.json")
      .map((subpath) => manifest.name + subpath.slice(1));
    everyEntry.push(...entries);
    const name = source.replace("packages/", "");
    if (portable.has(name)) portableEntries.push(...entries);
    if (portable.has(name) || twofold.has(name)) browserEntries.push(...entries);
    for (const [dependency, range] of Object.entries(manifest.dependencies ?? {})) {
      if (range.startsWith("workspace:") || linked.has(dependency)) continue;
      linked.add(dependency);
      await link(dependency, join(root, source, "node_modules"));
    }
  }
  await mkdir(join(folder, "node_modules/@types"), { recursive: true });
  await link("undici-types", join(await link("@types/node"), "../.."));

  let failed = false;
  const code = await run(process.execPath, ["--input-type=module", "--eval", importing(everyEntry)], {
    quiet: true,
    cwd: folder,
  });
  if (code !== 0) failed = true;
  console.log(`${code === 0 ? "ok    " : "FAILED"}  import`);

  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  for (const [name, { entries: wanted, ...compilerOptions }] of Object.entries(consumers)) {
    const entries =
      wanted === "browser"
        ? browserEntries
        : compilerOptions.types.includes("node")
          ? everyEntry
          : portableEntries;
    await writeFile(join(folder, "index.ts"), importing(entries));
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["index.ts"] }));
    const code = await run(process.execPath, [binary("typescript", "tsc"), "-p", folder], {
      quiet: true,
      cwd: folder,
    });
    if (code !== 0) failed = true;
    console.log(`${code === 0 ? "ok    " : "FAILED"}  types with ${name}`);
  }
  if (failed) process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}

function importing(entries) {
  return entries
    .map((entry, index) => `import * as entry${index} from ${JSON.stringify(entry)};\nvoid entry${index};\n`)
    .join("");
}

/** A dev dependency of ours, or a dependency of one, as the application would have installed it. */
async function link(name, dependentOf = join(root, "node_modules")) {
  const target = await realpath(join(dependentOf, name));
  await symlink(target, join(folder, "node_modules", name), "junction");
  return target;
}
