/** What applications do with the packages: real bundlers, their output in a real browser, and no bundler at all. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { Rep0 } from "sprocket";
import { expect, onTestFinished, test } from "vitest";
import { esbuildBuild, viteBuild } from "../src/applications.js";
import { bundle } from "../src/bundle.js";
import { PageServer, pageWith, type Site } from "../src/page-server.js";
import { browserTest, type Scene } from "../src/suite.js";

const repository = fileURLToPath(new URL("../../", import.meta.url));
const guide = readFileSync(`${repository}docs/guide/browser.md`, "utf8");

/** Opens a site's page, which asks our server. @returns what it shows in the end */
async function shownBy(site: Site, { open, socket }: Scene): Promise<string | null> {
  const server = await new PageServer(site).listen();
  onTestFinished(() => server.close());
  const rep = socket(new Rep0());
  rep.serve((request) => `hello, ${request.text()}`);
  const { url } = await rep.listen("ws://127.0.0.1:0/calc", {
    transport: { allowedOrigins: [server.origin] },
  });
  const page = await open(`${server.origin}/?server=${encodeURIComponent(url)}`);
  await page.waitForFunction(() => document.querySelector("output")?.textContent);
  return page.locator("output").textContent();
}

for (const [name, build] of [
  ["vite", viteBuild],
  ["esbuild", esbuildBuild],
] as const) {
  browserTest(`an application that ${name} has bundled runs in a browser`, async (scene) => {
    expect(await shownBy(await build(), scene)).toBe("hello, world");
  });
}

browserTest("a page without a bundler runs with the import map of the guide", async (scene) => {
  const [, map = ""] = /```json\n(.*?)\n```/s.exec(guide.replaceAll("\r", "")) ?? [];
  const page = readFileSync(`${repository}browser/app/index.html`, "utf8")
    .replace("main.ts", "main.js")
    .replace('<script type="module"', `<script type="importmap">${map}</script><script type="module"`);
  const script = readFileSync(`${repository}browser/app/main.ts`, "utf8");
  const shown = await shownBy((path) => {
    if (path === "/index.html") return page;
    if (path === "/main.js") return script;
    // As they would be installed.
    const [, name = "", rest = ""] =
      /^\/node_modules\/(?:@sprocket\/)?([\w-]+)\/(dist\/[\w/-]+\.js)$/.exec(path) ?? [];
    const file = `${repository}packages/${name}/${rest}`;
    return name !== "" && existsSync(file) ? readFileSync(file) : undefined;
  }, scene);
  expect(shown).toBe("hello, world");
});

browserTest("a worker asks as a page does", async (scene) => {
  const page = `
    const worker = new Worker("/worker.js", { type: "module" });
    worker.onmessage = ({ data }) => {
      document.body.append(document.createElement("output"));
      document.querySelector("output").textContent = data;
    };
    worker.postMessage(new URLSearchParams(location.search).get("server"));
  `;
  const worker = await bundle(`
    import { Req0 } from "sprocket";
    onmessage = async ({ data }) => {
      const req = new Req0();
      await req.dial(data);
      const reply = await req.request("worker", { timeout: 20_000 });
      await req.close();
      postMessage(new TextDecoder().decode(reply));
    };
  `);
  const site = { "/index.html": pageWith("/page.js"), "/page.js": page, "/worker.js": worker };
  expect(await shownBy(site, scene)).toBe("hello, worker");
});

/** Rows of the guide: what is imported, and kB after gzip and brotli. */
const rows = [...guide.matchAll(/^\| `(import .*)` \| (\d+) kB \| (\d+) kB \|$/gm)];

test("the guide tells how large bundles are", () => {
  expect(rows.length).toBeGreaterThanOrEqual(3);
});

test.each(rows.map(([, code = "", gzip, brotli]) => [code, Number(gzip), Number(brotli)] as const))(
  "a bundle of %s is no larger than the guide says, and not much smaller",
  async (code, gzip, brotli) => {
    const names = /\{ (.*) \}/.exec(code)?.[1] ?? "all";
    const bytes = Buffer.from(await bundle(`${code}; globalThis.used = [${names}];`, { minify: true }));
    for (const [size, told] of [
      [gzipSync(bytes, { level: 9 }).length, gzip],
      [brotliCompressSync(bytes).length, brotli],
    ] as const) {
      expect(size).toBeLessThanOrEqual(told * 1000);
      expect(size).toBeGreaterThan(told * 850);
    }
  },
);
