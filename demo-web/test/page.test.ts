/** The page in a real browser: every panel does what it says, between tabs, the server and its terminal. */
import { createHash } from "node:crypto";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../scripts/free-port.js";
import { missing, openBrowser, Tab } from "./support/browser.js";
import { Server } from "./support/server.js";

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

  test("what one tab says, the others, the terminal and those who come later hear, once", async () => {
    await using mira = await Tab.open(browser, url, { name: "Mira" });
    await using jonas = await Tab.open(browser, url, { name: "Jonas" });
    await mira.say("good morning <b>everybody</b>: and you");
    await jonas.shows(".said", "good morning <b>everybody</b>: and you");
    await jonas.shows(".who", /^Mira$/);
    await server.printed(/^Mira: good morning <b>everybody<\/b>: and you$/m);
    await mira.shows(".who", "Mira (you)");

    server.type("the terminal says hello");
    await mira.shows(".said", "the terminal says hello");
    await jonas.shows(".said", "the terminal says hello");
    // By then an echo would have been there, too.
    expect(await mira.page.locator(".said", { hasText: "good morning" }).count()).toBe(1);

    await using late = await Tab.open(browser, url);
    await late.shows(".said", "good morning");
    await late.shows(".said", "the terminal says hello");
  });

  test("the list of who is here follows those who come, change their name and go", async () => {
    await using ada = await Tab.open(browser, url, { name: "Ada" });
    const grace = await Tab.open(browser, url, { name: "Grace" });
    await ada.shows(".person", "terminal");
    await ada.shows(".person", "Ada (you)");
    await ada.shows(".person", /^Grace$/);
    await grace.page.fill("#my-name", "Rear Admiral");
    await grace.page.press("#my-name", "Enter");
    await ada.shows(".person", "Rear Admiral");
    await ada.hides(".person", /^Grace$/);
    await grace[Symbol.asyncDispose]();
    await ada.hides(".person", "Rear Admiral");
    // Whoever is slow to answer is missing until the next survey, so it is asked again until she is there.
    await expect
      .poll(
        () => {
          server.type("/who");
          return server.output;
        },
        { timeout: 40_000, interval: 500 },
      )
      .toMatch(/^Here: .*Ada/m);
  });

  test("the curves move, and a topic that is switched off is not received any more", async () => {
    await using tab = await Tab.open(browser, url);
    const { page } = tab;
    const loop = "[data-topic=loop]";
    const cpu = "[data-topic=cpu]";
    const received = async (lane: string, atLeast: number): Promise<void> => {
      await page.waitForFunction(
        ([selector, number]) =>
          Number.parseInt(document.querySelector(`${selector} .lane-count`)?.textContent ?? "", 10) >=
          Number(number),
        [lane, String(atLeast)] as const,
      );
    };
    await received(loop, 2);
    // Both in one look: between two, another measurement may have come.
    const [count, before] = await page.evaluate(
      (selector) =>
        [
          Number.parseInt(document.querySelector(`${selector} .lane-count`)?.textContent ?? "", 10),
          document.querySelector(`${selector} .chart-line`)?.getAttribute("d"),
        ] as const,
      loop,
    );
    await received(loop, count + 1);
    expect(await page.locator(`${loop} .chart-line`).getAttribute("d")).not.toBe(before);
    expect(await page.locator(`${loop} .chart`).getAttribute("aria-label")).toMatch(
      /^Event loop delay in the last minute: [\d.]+ ms now, between/,
    );

    await page.uncheck("#topic-cpu");
    await tab.shows(`${cpu} .lane-count`, "unsubscribed");
    const heard = await tab.number(`${cpu} .lane-count`);
    await received(loop, (await tab.number(`${loop} .lane-count`)) + 2);
    expect(await tab.number(`${cpu} .lane-count`)).toBe(heard);
    expect(await page.locator(`${cpu} .lane-value`).textContent()).toBe("–");

    await page.check("#topic-cpu");
    await received(cpu, heard + 1);
    await page.click("summary");
    await tab.shows("#numbers tr", /Open pipes\d+/);
  });

  test("a question is answered, nine are, and one that takes too long is given up", async () => {
    await using tab = await Tab.open(browser, url);
    const { page } = tab;
    const latest = (state: string): string => `.answer[data-state=${state}]`;
    await page.selectOption("#ask-timeout", "10000");
    await page.fill("#ask-text", "héllo wörld 👩‍🚀");
    await page.click("#ask-form button[type=submit]");
    await tab.shows(latest("answered"), createHash("sha256").update("héllo wörld 👩‍🚀").digest("hex"));
    await tab.shows(".answer-who", /^(ada|bob|cleo), [\d.]+ ms of it at work$/);
    await page.check("input[value=reverse]", { force: true });
    await page.click("#ask-form button[type=submit]");
    await tab.shows(".answer-result", "👩‍🚀 dlröw olléh");
    await page.check("input[value=words]", { force: true });
    await page.click("#ask-many");
    await tab.shows("#ask-summary", "9 of 9 answered");
    await tab.shows(".answer-result", "2 words, 13 characters, 1 line");

    await page.selectOption("#ask-delay", "4000");
    await page.selectOption("#ask-timeout", "500");
    await page.click("#ask-form button[type=submit]");
    await tab.shows(latest("late"), /gave up/);
    await tab.shows("#ask-summary", "No answer in time");
  });

  test("tabs compute the picture together, and one that is switched off does nothing", async () => {
    await using one = await Tab.open(browser, url, { name: "One" });
    await using two = await Tab.open(browser, url, { name: "Two" });
    await one.shows("#picture-state", "done");
    await one.page.click("#draw");
    for (const tab of [one, two]) {
      await tab.shows("#picture-state", "Seahorse Valley: done");
      await tab.shows(".maker", /^One/);
      await tab.shows(".maker", /^Two/);
    }
    const drawn = await Promise.all(
      [one, two].map(({ page }) =>
        page.locator("#canvas").evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL()),
      ),
    );
    expect(drawn[0]).toBe(drawn[1]);

    await two.page.uncheck("#compute");
    await two.shows("tr", /Pull0\/jobsOff/);
    await one.page.click("#draw");
    await one.shows("#picture-state", "A double spiral: done");
    await one.shows(".maker", /^One \(you\)40$/);

    // One that comes later sees the same.
    await using late = await Tab.open(browser, url);
    await late.shows("#picture-state", "A double spiral: done");
    await late.shows(".maker", /^One40$/);
  });

  test("the private line is one tab's, and the next one's after that", async () => {
    await using one = await Tab.open(browser, url);
    await one.shows("#line-state", "The line is yours");
    await using two = await Tab.open(browser, url);
    await two.shows("#line-state", "Busy: another tab has the line");

    await one.page.fill("#line-words", "just between us");
    await one.page.press("#line-words", "Enter");
    await server.printed(/^\[private line\] just between us$/m);
    server.type("/p of course");
    await one.shows("#line-log .said", "of course");
    expect(await two.page.locator(".said", { hasText: "of course" }).count()).toBe(0);

    await one.page.click("#line-switch");
    await one.shows("#line-state", "Hung up");
    await two.shows("#line-state", "The line is yours");
    expect(await two.page.locator("tr", { hasText: "/line" }).textContent()).toMatch(/Connected/);
  });

  test("when the server goes away and comes back, the page finds it by itself", async () => {
    const port = String(await freePort());
    const first = await Server.start("--port", port);
    await using tab = await Tab.open(browser, first.url, { name: "Robin" });
    await tab.say("before");
    await tab.shows(".said", "before");
    first.server.kill("SIGKILL");
    await first.server.end();
    await tab.shows("#status", /^Retrying in \d s$/);
    expect(await tab.page.textContent("#status-said")).toBe("The connection is lost; trying again");
    await tab.shows(".pattern[data-pattern=bus]", /Retry in \d s|Connecting/);
    await tab.say("lost?");
    await tab.shows(".note", "Not sent");
    expect(await tab.page.inputValue("#chat-words")).toBe("lost?");

    const second = await Server.start("--port", port);
    await using server = second.server;
    await tab.shows("#status", "Connected");
    expect(await tab.page.textContent("#status-said")).toBe("Connected to the server");
    await tab.shows(".note", "The server was started again.");
    await tab.shows(".person", "Robin (you)");
    await tab.shows("#line-state", "The line is yours");
    await tab.shows("#picture-state", "done");
    await tab.page.press("#chat-words", "Enter");
    await server.printed(/^Robin: lost\?$/m);
    await tab.shows("tr", /Bus0\/chatConnected.*2×/);
  });
});
