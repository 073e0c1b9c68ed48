/** Bundlers need nothing from Node for what runs in browsers: no module, no global, no polyfill. */
import { expect, test } from "vitest";
import { bundle } from "../src/bundle.js";

const forBrowsers = [
  "sprocket",
  "@sprocket/core",
  "@sprocket/core/plugin",
  "@sprocket/core/stream",
  "@sprocket/transport-ws",
  "@sprocket/bus",
  "@sprocket/pair",
  "@sprocket/pipeline",
  "@sprocket/pubsub",
  "@sprocket/reqrep",
  "@sprocket/survey",
];

/** A name that stands by itself, and neither in a string nor behind a dot. */
const nodeGlobals = /(?<![.\w"'`$])(?:Buffer|process|__dirname|global|require)(?:\.\w|\(|\[)/g;

test.each(forBrowsers)("%s is bundled for browsers with nothing left outside", async (name) => {
  const code = await bundle(`import * as all from "${name}"; globalThis.all = all;`, { minify: true });
  expect(code.match(nodeGlobals) ?? []).toEqual([]);
});

test("an import from Node would be found", async () => {
  await expect(bundle('import "node:net";')).rejects.toThrow("node:net");
  await expect(bundle('import "ws";')).rejects.toThrow("ws");
});
