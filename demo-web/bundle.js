// Bundles what the browser gets: the page, the web worker, the style sheet. Everything comes from here, nothing from elsewhere.

import { cp, mkdir, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const target = path("dist/public");

await rm(target, { recursive: true, force: true });
await mkdir(target, { recursive: true });
await build({
  entryPoints: [path("src/page/page.ts"), path("src/page/compute.ts"), path("src/page/page.css")],
  outdir: target,
  bundle: true,
  format: "esm",
  platform: "browser",
  target: ["chrome111", "firefox113", "safari16.4"],
  minify: true,
  sourcemap: true,
  legalComments: "none",
  logLevel: "warning",
});
for (const file of ["index.html", "icon.svg"]) await cp(path(`src/page/${file}`), `${target}/${file}`);
