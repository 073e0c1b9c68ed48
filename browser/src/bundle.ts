/** Bundles as applications make them: nothing external, nothing polyfilled, the conditions of a browser. */
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** @throws when anything of it is not for browsers, such as an import from Node */
export async function bundle(code: string, options: { readonly minify?: boolean } = {}): Promise<string> {
  const { outputFiles, warnings, metafile } = await build({
    stdin: {
      contents: code,
      resolveDir: fileURLToPath(new URL(".", import.meta.url)),
      sourcefile: "page.js",
    },
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    minify: options.minify ?? false,
    write: false,
    metafile: true,
    logLevel: "silent",
  });
  if (warnings.length > 0) throw new Error(`esbuild warns: ${warnings.map(({ text }) => text).join("; ")}`);
  const outside = Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path));
  if (outside.length > 0) throw new Error(`These are left outside the bundle: ${outside.join(", ")}`);
  return outputFiles[0]?.text ?? "";
}
