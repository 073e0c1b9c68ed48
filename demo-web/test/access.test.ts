/** Everybody can use the page: with a keyboard, with a reader of the screen, on a phone, with less motion. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { missing, openBrowser, Tab } from "./support/browser.js";
import { Server } from "./support/server.js";

/** An entry of the browser that its types do not know yet. */
interface LayoutShift extends PerformanceEntry {
  /** The part of the screen that moved, times how far. */
  readonly value: number;
  readonly sources: readonly {
    readonly node: Node | null;
    readonly previousRect: DOMRectReadOnly;
    readonly currentRect: DOMRectReadOnly;
  }[];
}

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

describe.skipIf(missing !== undefined)(`in a browser${missing === undefined ? "" : ` (${missing})`}`, () => {
  let browser: Browser;
  let server: Server;
  let url: string;

  beforeAll(async () => {
    [browser, { server, url }] = await Promise.all([openBrowser(), Server.start()]);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
  });

  test("axe finds nothing to complain about on a wide screen, in light and dark, connected and not", async () => {
    const own = await Server.start();
    await using _server = own.server;
    await using tab = await Tab.open(browser, own.url);
    await fill(tab, own.server);
    expect(await complaints(tab.page, "light", "dark")).toEqual([]);

    own.server.kill("SIGKILL");
    await own.server.end();
    await tab.shows("#status", "Retrying");
    expect(await complaints(tab.page, "light", "dark")).toEqual([]);
  });

  test("axe finds nothing to complain about on a phone", async () => {
    await using tab = await Tab.open(browser, url, PHONE);
    await fill(tab, server);
    expect(await complaints(tab.page, "light")).toEqual([]);
  });

  test("everything can be done with the keyboard alone", async () => {
    await using tab = await Tab.open(browser, url, { name: "Kim" });
    const { page } = tab;
    const focused = (): Promise<string> => page.evaluate(() => document.activeElement?.id ?? "");
    /** Tab by tab to an element; each stop must be visible to the eye. */
    const tabTo = async (id: string): Promise<void> => {
      for (let stops = 0; stops < 80; stops++) {
        if ((await focused()) === id) return;
        await page.keyboard.press("Tab");
        const ring = await page.evaluate(() => {
          const element = document.activeElement;
          if (element === null || element === document.body) return "2px";
          const own = getComputedStyle(element);
          // The choice of a task shows it at its label.
          const beside = element.nextElementSibling;
          return own.opacity === "0" && beside !== null
            ? getComputedStyle(beside).outlineWidth
            : own.outlineWidth;
        });
        expect(ring).not.toBe("0px");
      }
      throw new Error(`The keyboard never came to #${id}.`);
    };

    await page.reload();
    await tab.shows("#status", "Connected");
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Skip to the panels");
    await page.keyboard.press("Enter");
    expect(await focused()).toBe("main");

    await tabTo("chat-words");
    await page.keyboard.type("with ten fingers");
    await page.keyboard.press("Enter");
    await server.printed(/^Kim: with ten fingers$/m);

    await tabTo("topic-memory");
    await page.keyboard.press("Space");
    await tab.shows("[data-topic=memory] .lane-count", "unsubscribed");

    await tabTo("draw");
    await page.keyboard.press("Enter");
    await tab.shows("#picture-state", "Seahorse Valley");

    await tabTo("ask-text");
    await page.keyboard.press("Tab");
    await page.keyboard.press("ArrowRight");
    expect(await page.isChecked("input[value=words]")).toBe(true);
    await tabTo("ask-timeout");
    await page.keyboard.press("End");
    expect(await page.inputValue("#ask-timeout")).toBe("10000");
    await tabTo("ask-many");
    await page.keyboard.press("Enter");
    await tab.shows("#ask-summary", "9 of 9 answered");

    await tabTo("line-switch");
    await page.keyboard.press("Enter");
    await tab.shows("#line-state", "Hung up");
  });

  test("nothing sticks out, from a small phone to a large screen", async () => {
    await using tab = await Tab.open(browser, url);
    await tab.shows("#picture-state", "done");
    await tab.page.click("summary");
    for (const width of [320, 390, 768, 1024, 1280, 1920]) {
      await tab.page.setViewportSize({ width, height: 800 });
      const outside = await tab.page.evaluate(() => {
        // What scrolls in a box of its own may be wider than the page.
        const scrolls = (element: Element): boolean =>
          element.closest(".scroll, .people-list, .visually-hidden, .chart, .skip") !== null;
        const edge = document.documentElement.clientWidth + 0.5;
        return [...document.querySelectorAll("body *")]
          .filter((element) => element.getBoundingClientRect().right > edge && !scrolls(element))
          .map((element) => `${element.tagName} ${element.className}`);
      });
      expect({ width, outside }).toEqual({ width, outside: [] });
      expect(await tab.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    }
  });

  test.each([
    ["wide", {}],
    ["phone", PHONE],
  ])("nothing jumps while the page comes to life: %s", async (_name, size) => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...size });
    await using _closing = { [Symbol.asyncDispose]: () => context.close() };
    const page = await context.newPage();
    await page.addInitScript(() => {
      const shifts: { by: number; moved: boolean; what: string[] }[] = [];
      Object.assign(globalThis, { shifts });
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries() as LayoutShift[]) {
          shifts.push({
            by: entry.value,
            // A word that becomes another one at its place changes its width, which nobody calls a jump.
            moved: entry.sources.some(
              ({ previousRect, currentRect }) =>
                previousRect.width === currentRect.width && previousRect.height === currentRect.height,
            ),
            what: entry.sources.map(({ node, previousRect, currentRect }) => {
              const element = node instanceof Element ? node : node?.parentElement;
              const rect = ({ x, y, width, height }: DOMRectReadOnly) => `${x} ${y} ${width}x${height}`;
              return `${element?.tagName}#${element?.id}.${element?.getAttribute("class")}: ${rect(previousRect)} to ${rect(currentRect)}`;
            }),
          });
        }
      }).observe({ type: "layout-shift", buffered: true });
    });
    await page.goto(url);
    await page.locator("#status", { hasText: "Connected" }).waitFor();
    await page.locator(".person", { hasText: "(you)" }).waitFor();
    await page.locator("#picture-state", { hasText: "done" }).waitFor();
    await page.locator("[data-topic=loop] .lane-count", { hasText: /^(?:[3-9]|\d{2,}) / }).waitFor();
    const shifts = await page.evaluate(
      () => (globalThis as unknown as { shifts: { by: number; moved: boolean }[] }).shifts,
    );
    // Some ten thousandths are what stands beside a number that has become a digit longer.
    expect(shifts.filter(({ by, moved }) => moved && by > 0.0005)).toEqual([]);
  });

  test("who wants less motion gets none", async () => {
    await using tab = await Tab.open(browser, url);
    await tab.page.evaluate(() => {
      const begun: string[] = [];
      const animate = Element.prototype.animate;
      Element.prototype.animate = function (...given) {
        begun.push(this.tagName);
        return animate.apply(this, given);
      };
      Object.assign(globalThis, { begun });
    });
    await tab.page.click("#draw");
    await tab.shows("#picture-state", "done");
    await tab.page.waitForFunction(
      () =>
        Number.parseInt(document.querySelector("[data-topic=loop] .lane-count")?.textContent ?? "", 10) >= 4,
    );
    expect(await tab.page.evaluate(() => (globalThis as unknown as { begun: string[] }).begun)).toEqual([]);
    expect(await tab.page.evaluate(() => document.getAnimations().length)).toBe(0);
  });
});

/** Every state of every panel at once: lines, answers, one that came too late, a topic that is off. */
async function fill(tab: Tab, server: Server): Promise<void> {
  const { page } = tab;
  await tab.say("hello");
  server.type("hello back");
  await tab.shows(".said", "hello back");
  await page.selectOption("#ask-timeout", "10000");
  await page.click("#ask-form button[type=submit]");
  await tab.shows(".answer[data-state=answered]", "ms");
  await page.selectOption("#ask-timeout", "500");
  await page.selectOption("#ask-delay", "4000");
  await page.click("#ask-form button[type=submit]");
  await tab.shows(".answer[data-state=late]", "gave up");
  await page.uncheck("#topic-cpu");
  await page.click("summary");
  await tab.shows("#picture-state", "done");
  await page.check("#show-owners");
}

/** What axe has against the page, in a few words each. */
async function complaints(page: Page, ...schemes: readonly ("light" | "dark")[]): Promise<string[]> {
  // The page lets no scripts in but its own; the debugging protocol does.
  if ((await page.evaluate("typeof axe")) === "undefined") await page.evaluate(AXE);
  const found: string[] = [];
  for (const colorScheme of schemes) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const { violations } = (await page.evaluate(
      "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'], resultTypes: ['violations'] })",
    )) as AxeResults;
    for (const { id, nodes } of violations)
      for (const { target, failureSummary } of nodes)
        found.push(`${colorScheme}: ${id}: ${target.join(" ")}: ${failureSummary}`);
  }
  return found;
}
