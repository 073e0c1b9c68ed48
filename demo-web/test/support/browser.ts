/** A browser of the system, driven over its debugging protocol. Where there is none, tests say so and are skipped. */
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { expect } from "vitest";
import { findProgram, required } from "./system.js";

/** Another one than the system's: `SPROCKET_CHROMIUM=/path/to/chrome`. */
const executable =
  process.env.SPROCKET_CHROMIUM || findProgram("chromium", "chromium-browser", "google-chrome");

/** Why there is no test with a browser; undefined when there is one, or when there must be one. */
export const missing =
  executable !== undefined || required
    ? undefined
    : "apt-get install chromium, or say in SPROCKET_CHROMIUM where it is";

/** ms that a page may take for anything, on a busy machine. */
const PATIENCE = 40_000;

export async function openBrowser(): Promise<Browser> {
  if (executable === undefined) throw new Error("There is no Chromium: apt-get install chromium.");
  return await chromium.launch({
    executablePath: executable,
    args: [
      // Chromium cannot set up its sandbox as root, as which CI runs. It sees our own page only.
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** A tab of its own storage, which remembers what went wrong in it. */
export class Tab {
  readonly page: Page;
  readonly #faults: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.setDefaultTimeout(PATIENCE);
    page.on("pageerror", (error) => this.#faults.push(String(error.stack ?? error)));
    page.on("console", (message) => {
      // What Chromium itself says about a server that is not there is no fault of the page.
      if (message.type() === "error" && !/ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET/.test(message.text()))
        this.#faults.push(message.text());
    });
  }

  static async open(browser: Browser, url: string, options: BrowserContextOptions & { name?: string } = {}) {
    const { name, ...rest } = options;
    const context = await browser.newContext({
      viewport: { width: 1280, height: 900 },
      // Gliding curves are drawn by the processor here, and that is busy.
      reducedMotion: "reduce",
      ...rest,
    });
    const tab = new Tab(await context.newPage());
    await tab.page.goto(url);
    await tab.shows("#status", "Connected");
    // What was said before it came is there: the page begins its log anew with that.
    await tab.shows("#version", "on Node");
    if (name !== undefined) {
      await tab.page.fill("#my-name", name);
      await tab.page.press("#my-name", "Enter");
    }
    return tab;
  }

  /** Waits until an element with this text, or a text that fits, is there. */
  async shows(selector: string, text: string | RegExp): Promise<void> {
    await this.page.locator(selector).filter({ hasText: text }).first().waitFor();
  }

  /** Waits until there is none. */
  async hides(selector: string, text: string | RegExp): Promise<void> {
    await this.page.locator(selector).filter({ hasText: text }).first().waitFor({ state: "detached" });
  }

  /** The number in a text. */
  async number(selector: string): Promise<number> {
    return Number(/\d+/.exec((await this.page.locator(selector).first().textContent()) ?? "")?.[0]);
  }

  async say(words: string): Promise<void> {
    await this.page.fill("#chat-words", words);
    await this.page.press("#chat-words", "Enter");
  }

  /** Closes it. Nothing may have gone wrong in it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.context().close();
    expect(this.#faults).toEqual([]);
  }
}
