/** What happens with the page happens with its connections. With a real page: the workspace `browser`. */
import { afterEach, expect, test, vi } from "vitest";

const page = globalThis as unknown as { document?: object; addEventListener?: unknown };

/** A page of its own for each test, with what it was asked to tell. */
async function freshPage() {
  vi.resetModules();
  const listeners = new Map<string, () => void>();
  page.document = {};
  page.addEventListener = (type: string, listener: () => void) => listeners.set(type, listener);
  const module = await import("../src/browser-page.js");
  return { ...module, listeners, tell: (type: string) => listeners.get(type)?.() };
}

afterEach(() => {
  delete page.document;
  delete page.addEventListener;
});

test("every guest hears that the page is left, except those who have left before", async () => {
  const { join, leave, tell } = await freshPage();
  const heard: string[] = [];
  const guests = ["a", "b", "c"].map((name) => ({ pageHidden: () => void heard.push(name) }));
  for (const guest of guests) join(guest);
  leave(guests[1] as (typeof guests)[0]);
  tell("pagehide");
  expect(heard).toEqual(["a", "c"]);
});

test("what waits for the page goes on when it is shown, unless it was taken back", async () => {
  const { join, whenShown, tell } = await freshPage();
  join({ pageHidden: () => undefined });
  const heard: string[] = [];
  whenShown(() => void heard.push("at once"));
  expect(heard).toEqual(["at once"]);
  tell("pagehide");
  whenShown(() => void heard.push("later"));
  const takeBack = whenShown(() => void heard.push("never"));
  takeBack();
  expect(heard).toEqual(["at once"]);
  tell("pageshow");
  expect(heard).toEqual(["at once", "later"]);
  tell("pageshow");
  expect(heard).toEqual(["at once", "later"]);
});

test("an import alone listens to nothing, and the first connection does, once", async () => {
  const { join, listeners } = await freshPage();
  expect([...listeners.keys()]).toEqual([]);
  join({ pageHidden: () => undefined });
  expect([...listeners.keys()]).toEqual(["pagehide", "pageshow"]);
  listeners.clear();
  join({ pageHidden: () => undefined });
  expect([...listeners.keys()]).toEqual([]);
});

test("a worker has no page", async () => {
  const { join, listeners } = await freshPage();
  delete page.document;
  join({ pageHidden: () => undefined });
  expect([...listeners.keys()]).toEqual([]);
});
