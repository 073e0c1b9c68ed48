/** Pages in browsers: cross-site hijacking and DNS rebinding do not get in (goal W1). */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { WsOptions } from "../src/index.js";
import { type OriginPolicy, originProblem } from "../src/origin.js";
import { World } from "./support/world.js";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.close());

const nobody: OriginPolicy = { allowedOrigins: [], allowedHosts: [], requireOrigin: false };

/** What the page says it is, what it asked for, what is allowed; true: let in. */
const table: [string | undefined, string, Partial<OriginPolicy>, boolean][] = [
  // Programs say nothing.
  [undefined, "127.0.0.1:5555", {}, true],
  [undefined, "anything.test", {}, true],
  [undefined, "", {}, true],
  [undefined, "127.0.0.1:5555", { requireOrigin: true }, false],
  // A page of the very host that was asked for.
  ["http://127.0.0.1:5555", "127.0.0.1:5555", {}, true],
  ["http://localhost:5555", "localhost:5555", {}, true],
  ["http://LOCALHOST:5555", "localhost:5555", {}, true],
  ["http://app.localhost:5555", "app.localhost:5555", {}, true],
  ["http://[::1]:5555", "[::1]:5555", {}, true],
  ["http://127.0.0.1", "127.0.0.1:80", {}, true],
  ["https://127.0.0.1", "127.0.0.1:443", {}, true],
  ["http://127.0.0.1:5555", "127.0.0.1:5555", { requireOrigin: true }, true],
  // The host in the listener's URL is "own.test".
  ["http://own.test:5555", "own.test:5555", {}, true],
  ["http://own.test.:5555", "own.test.:5555", {}, true],
  // Cross-site: a page of elsewhere.
  ["https://evil.test", "127.0.0.1:5555", {}, false],
  ["https://evil.test", "localhost:5555", {}, false],
  ["http://localhost:3000", "localhost:5555", {}, false],
  ["http://127.0.0.1:5555", "localhost:5555", {}, false],
  ["https://127.0.0.1:443.evil.test", "127.0.0.1:443", {}, false],
  ["http://127.0.0.1:5555@evil.test", "127.0.0.1:5555", {}, false],
  ["null", "127.0.0.1:5555", {}, false],
  ["", "127.0.0.1:5555", {}, false],
  ["127.0.0.1:5555", "127.0.0.1:5555", {}, false],
  ["http://127.0.0.1:5555/", "127.0.0.1:5555", {}, false],
  ["http://127.0.0.1:5555, http://evil.test", "127.0.0.1:5555", {}, false],
  ["file://", "", {}, false],
  // Rebinding: a name of theirs that leads here.
  ["http://evil.test:5555", "evil.test:5555", {}, false],
  ["http://localhost.evil.test:5555", "localhost.evil.test:5555", {}, false],
  ["http://127.0.0.1.evil.test:5555", "127.0.0.1.evil.test:5555", {}, false],
  ["http://notlocalhost:5555", "notlocalhost:5555", {}, false],
  ["http://evil.test:5555", "evil.test:5555", { allowedHosts: ["app.test"] }, false],
  // What is listed.
  ["https://app.test", "127.0.0.1:5555", { allowedOrigins: ["https://app.test"] }, true],
  ["https://app.test:443", "127.0.0.1:5555", { allowedOrigins: ["https://app.test"] }, true],
  ["https://APP.test", "api.test", { allowedOrigins: ["https://app.test"] }, true],
  ["http://app.test", "127.0.0.1:5555", { allowedOrigins: ["https://app.test"] }, false],
  ["https://app.test:8443", "127.0.0.1:5555", { allowedOrigins: ["https://app.test"] }, false],
  ["https://evil.app.test", "127.0.0.1:5555", { allowedOrigins: ["https://app.test"] }, false],
  ["null", "127.0.0.1:5555", { allowedOrigins: ["null"] }, true],
  ["https://any.test", "any.test", { allowedOrigins: ["*"] }, true],
  ["https://app.test", "app.test", { allowedHosts: ["app.test"] }, true],
  ["https://app.test:8443", "app.test:8443", { allowedHosts: ["app.test"] }, true],
  ["https://evil.test", "app.test", { allowedHosts: ["app.test"] }, false],
  ["https://any.test", "any.test", { allowedHosts: ["*"] }, true],
];

test.each(table)("a page of %s that asks for %s, with %j: %s", (origin, host, policy, letIn) => {
  const problem = originProblem({ origin, host }, { ...nobody, ...policy }, "own.test");
  expect(problem === undefined).toBe(letIn);
});

describe("at a listener", () => {
  async function status(options: WsOptions, headers: Record<string, string>): Promise<number> {
    const listening = await world.listen(options);
    return (await (await world.raw(listening.url)).ask(headers)).status;
  }

  test("a page of elsewhere is refused with 403, and the answer says where to allow it", async () => {
    const listening = await world.listen({});
    const answer = await (await world.raw(listening.url)).ask({ Origin: "https://evil.test" });
    expect(answer.status).toBe(403);
    expect(answer.body).toContain("allowedOrigins");
    expect((await listening.reject()).message).not.toContain("evil");
  });

  test("a foreign name that was made to lead here is refused with 403", async () => {
    expect(await status({}, { Origin: "http://evil.test:80", Host: "evil.test:80" })).toBe(403);
  });

  test("what is allowed comes in, written as people write it", async () => {
    const options = { allowedOrigins: ["HTTPS://App.test:443/"], allowedHosts: ["Other.test"] };
    expect(await status(options, { Origin: "https://app.test" })).toBe(101);
    expect(await status(options, { Origin: "http://other.test", Host: "other.test" })).toBe(101);
  });

  test("programs can be kept out", async () => {
    expect(await status({ requireOrigin: true }, {})).toBe(403);
  });

  test("pages and hosts are told in the pipe's properties", async () => {
    const listening = await world.listen({ allowedOrigins: ["*"] });
    await (await world.raw(listening.url)).ask({ Origin: "https://app.test", Host: "api.test" });
    const { properties } = await listening.pipe();
    expect(properties.get("ws.origin")).toBe("https://app.test");
    expect(properties.get("ws.host")).toBe("api.test");
  });
});
