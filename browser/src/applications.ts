/** The application in `app`, bundled by the bundlers that applications use: files by path, as a server would have them. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build as esbuild } from "esbuild";
import { createLogger, build as vite } from "vite";

const app = fileURLToPath(new URL("../app/", import.meta.url));

export type Files = Record<string, string | Uint8Array>;

/** `vite build`, as it is without any setting. @throws on a warning */
export async function viteBuild(): Promise<Files> {
  const warnings: string[] = [];
  const customLogger = createLogger("silent");
  customLogger.warn = customLogger.warnOnce = (text) => void warnings.push(text);
  const result = await vite({
    root: app,
    configFile: false,
    logLevel: "silent",
    customLogger,
    build: { write: false },
  });
  const files: Files = {};
  for (const { output } of [result].flat() as {
    output: { fileName: string; code?: string; source?: string | Uint8Array }[];
  }[]) {
    for (const { fileName, code, source } of output) files[`/${fileName}`] = code ?? source ?? "";
  }
  if (warnings.length > 0) throw new Error(`vite warns: ${warnings.join("; ")}`);
  return files;
}

/** `esbuild main.ts --bundle --minify --format=esm`. @throws on a warning */
export async function esbuildBuild(): Promise<Files> {
  const { outputFiles, warnings } = await esbuild({
    entryPoints: [`${app}main.ts`],
    bundle: true,
    minify: true,
    format: "esm",
    write: false,
    logLevel: "silent",
  });
  if (warnings.length > 0) throw new Error(`esbuild warns: ${warnings.map(({ text }) => text).join("; ")}`);
  const page = await readFile(`${app}index.html`, "utf8");
  return { "/index.html": page.replace("main.ts", "main.js"), "/main.js": outputFiles[0]?.text ?? "" };
}
