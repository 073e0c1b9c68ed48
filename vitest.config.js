// All tests of the workspace: one project for each package, found by its folder, one for conformance, one for the
// documents and their examples, one for interop, one for real browsers.
//
// A package's tests run against the sources: `@sprocket/*` leads to `src`, so that a test of the public interface and a
// test of an inner module see one copy, and no build can be stale. Interop, browsers and documents run against the built
// packages, through their exports, as an application would.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const packages = readdirSync(path("packages")).filter((name) =>
  existsSync(path(`packages/${name}/package.json`)),
);

const sources = packages.flatMap((name) => {
  const manifest = JSON.parse(readFileSync(path(`packages/${name}/package.json`), "utf8"));
  const entries = Object.entries(manifest.exports ?? {}).map(([subpath, target]) => [
    manifest.name + subpath.slice(1),
    target,
  ]);
  return [...entries, ...Object.entries(manifest.imports ?? {})]
    .filter(([, target]) => typeof target === "object")
    .map(([specifier, target]) => ({
      find: new RegExp(`^${specifier}$`),
      replacement: path(
        `packages/${name}/${target.default.replace("./dist/", "src/").replace(/\.js$/, ".ts")}`,
      ),
    }));
});

const shared = {
  environment: "node",
  exclude: ["**/node_modules/**", "**/dist/**"],
  include: ["test/**/*.test.ts"],
  restoreMocks: true,
  // Generous: a busy machine with two cores must not fail a sound test, though it may take ten times as long. What waits
  // for something that may never come has a deadline of its own, which says what is missing.
  testTimeout: 60_000,
  hookTimeout: 60_000,
};

export default defineConfig({
  test: {
    projects: [
      ...packages.map((name) => ({
        root: path(`packages/${name}`),
        resolve: { alias: sources },
        test: { ...shared, name },
      })),
      {
        root: path("conformance"),
        resolve: { alias: sources },
        test: {
          ...shared,
          name: "conformance",
          setupFiles: [path("conformance/test/support/setup.ts")],
        },
      },
      {
        root: path("bench"),
        test: { ...shared, name: "bench" },
      },
      {
        root: path("docs"),
        test: { ...shared, name: "docs" },
      },
      {
        root: path("examples"),
        test: { ...shared, name: "examples" },
      },
      {
        root: path("browser"),
        test: { ...shared, name: "browser" },
      },
      {
        root: path("demo-web"),
        test: { ...shared, name: "demo-web", testTimeout: 90_000 },
      },
      {
        root: path("interop"),
        test: { ...shared, name: "interop" },
      },
    ],
  },
});
