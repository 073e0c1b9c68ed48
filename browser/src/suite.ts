/**
 * `browserTest("title", async ({ open, socket }) => …)`: a test with real tabs. Each test file has a Chromium of its own, with
 * a profile that was empty; each test has tabs of its own, and closes what it made.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium as engine, type Page } from "playwright-core";
import type { ListenOptions, Socket } from "sprocket";
import { test as plain } from "vitest";
import { freePort } from "../../scripts/free-port.js";
import { bundle } from "./bundle.js";
import { PageServer, pageWith } from "./page-server.js";
import { chromium, installLine, nngcat, required } from "./requirements.js";

declare global {
  /** In our pages: all that the package `sprocket` exports. */
  var sprocket: typeof import("sprocket");
}

/** Longer than anything takes on a busy machine. */
export const patience = 20_000;

const flags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** What Playwright adds by default, and what our tests are about. */
const unwanted = ["--disable-back-forward-cache"];

interface Browser {
  readonly context: BrowserContext;
  close(): Promise<void>;
}

async function launch(executablePath: string): Promise<Browser> {
  const profile = await mkdtemp(join(tmpdir(), "sprocket-chromium-"));
  const context = await engine.launchPersistentContext(profile, {
    executablePath,
    args: flags,
    ignoreDefaultArgs: unwanted,
    timeout: patience,
  });
  context.setDefaultTimeout(patience);
  return {
    context,
    async close() {
      await context.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

export interface Scene {
  /** The browser. */
  readonly context: BrowserContext;
  /** Where our pages come from. */
  readonly origin: string;
  /** A new tab with a page in which `sprocket` is a global. An error that nobody catches there fails the test. */
  open(url?: string): Promise<Page>;
  /** A socket on this side; closed after the test. */
  socket<Kept extends Socket>(socket: Kept): Kept;
  /** Has it listen to our pages. @returns the URL */
  listen(socket: Socket, options?: ListenOptions & { readonly url?: string }): Promise<string>;
}

const site = async (): Promise<Record<string, string>> => ({
  "/index.html": pageWith("/sprocket.js"),
  "/away.html": pageWith("/away.js"),
  "/sprocket.js": await bundle('import * as all from "sprocket"; globalThis.sprocket = all;'),
  "/away.js": "",
});

const withBrowser = plain.extend<{ scene: Scene; browser: { context: BrowserContext; origin: string } }>({
  browser: [
    // biome-ignore lint/correctness/noEmptyPattern: vitest reads the fixture's needs from this pattern.
    async ({}, use) => {
      const server = await new PageServer(await site()).listen();
      const { context, close } = await launch(chromium ?? "");
      await use({ context, origin: server.origin });
      await close();
      await server.close();
    },
    { scope: "file" },
  ],
  scene: async ({ browser }, use) => {
    const pages: Page[] = [];
    const sockets: Socket[] = [];
    const errors: Error[] = [];
    await use({
      ...browser,
      async open(url = browser.origin) {
        const page = await browser.context.newPage();
        pages.push(page);
        page.on("pageerror", (error) => errors.push(error));
        await page.goto(url);
        return page;
      },
      socket(socket) {
        sockets.push(socket);
        return socket;
      },
      async listen(socket, { url, ...options } = {}) {
        const transport = { allowedOrigins: [browser.origin], ...options.transport };
        // Tests go and listen there again.
        const place = url ?? `ws://127.0.0.1:${await freePort()}/x`;
        return (await socket.listen(place, { ...options, transport })).url;
      },
    });
    for (const page of pages) await page.close();
    for (const socket of sockets) socket.destroy();
    if (errors.length > 0) throw new AggregateError(errors, `A page threw: ${errors.join("; ")}`);
  },
});

type Body = (scene: Scene) => Promise<void>;

function needing(what: string, found: boolean, title: string, body: Body): void {
  if (found) withBrowser(title, { timeout: 2 * patience }, ({ scene }) => body(scene));
  else if (required) plain(title, () => Promise.reject(new Error(`There is no ${what}: ${installLine}`)));
  else plain.skip(`SKIPPED without ${what} (${installLine}): ${title}`, () => undefined);
}

/** A test that needs a browser. */
export function browserTest(title: string, body: Body): void {
  needing("Chromium", chromium !== undefined, title, body);
}

/** A test that needs a browser and the real nng. */
export function nngTest(title: string, body: Body): void {
  needing("Chromium and nngcat", chromium !== undefined && nngcat !== undefined, title, body);
}
