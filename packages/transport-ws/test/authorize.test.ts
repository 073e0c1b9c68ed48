/** `authorize`: who comes in is the application's decision, and everything it can do wrong keeps people out. */
import type { IncomingMessage } from "node:http";
import { BadTypeError, PermissionDeniedError, TimeoutError } from "@sprocket/core";
import { until } from "@sprocket/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { World } from "./support/world.js";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.close());

test("true lets a request in, and it is asked with the request itself", async () => {
  const seen: IncomingMessage[] = [];
  const listening = await world.listen({
    authorize: (request) => {
      seen.push(request);
      return request.headers.cookie === "session=7";
    },
  });
  await world.dial(listening.url, { headers: { Cookie: "session=7" } });
  await listening.pipe();
  expect(seen).toHaveLength(1);
  expect(seen[0]?.url).toBe("/x");
});

test("an identity is a property of the pipe, also one that took a while to find", async () => {
  const listening = await world.listen({
    authorize: async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return { identity: { user: 7 } };
    },
  });
  await world.dial(listening.url, {});
  expect((await listening.pipe()).properties.get("ws.identity")).toEqual({ user: 7 });
});

for (const [decision, status] of [
  [false, 403],
  [401, 401],
  [429, 429],
  [599, 599],
] as const) {
  test(`${decision} refuses with ${status}, and says so to the listener`, async () => {
    const listening = await world.listen({ authorize: () => decision });
    const raw = await world.raw(listening.url);
    expect((await raw.ask()).status).toBe(status);
    await raw.peer.expectClosed();
    const error = await listening.reject();
    expect(error).toBeInstanceOf(PermissionDeniedError);
    expect(error.message).toContain(String(status));
    expect(listening.pipes).toHaveLength(0);
  });
}

for (const nonsense of [undefined, null, "yes", 200, 600, 401.5, {}, []]) {
  test(`what cannot be understood refuses with 500: ${JSON.stringify(nonsense)}`, async () => {
    const listening = await world.listen({ authorize: () => nonsense as never });
    const raw = await world.raw(listening.url);
    expect((await raw.ask()).status).toBe(500);
    expect(await listening.reject()).toBeInstanceOf(BadTypeError);
  });
}

for (const how of ["throws", "rejects"]) {
  test(`one that ${how} refuses with 500, and the listener learns the cause`, async () => {
    const cause = new Error("the session store is gone");
    const listening = await world.listen({
      authorize: () => {
        if (how === "throws") throw cause;
        return Promise.reject(cause);
      },
    });
    const raw = await world.raw(listening.url);
    const answer = await raw.ask();
    expect(answer.status).toBe(500);
    expect(answer.body).not.toContain("session store");
    expect((await listening.reject()).cause).toBe(cause);
    // The listener goes on.
    expect((await (await world.raw(listening.url)).ask()).status).toBe(500);
  });
}

test("it is not asked about what is refused anyway", async () => {
  let asked = 0;
  const listening = await world.listen({
    authorize: () => {
      asked++;
      return true;
    },
  });
  for (const changes of [
    { Origin: "https://evil.test" },
    { "Sec-WebSocket-Protocol": "req.sp.nanomsg.org" },
  ]) {
    expect((await (await world.raw(listening.url)).ask(changes)).status).toBeGreaterThan(399);
  }
  expect(asked).toBe(0);
});

test("its time is part of the handshake's", async () => {
  const listening = await world.listen(
    { authorize: () => new Promise<boolean>(() => undefined) },
    { handshakeTimeout: 50 },
  );
  const raw = await world.raw(listening.url);
  await raw.request();
  await raw.peer.expectClosed();
  expect(raw.peer.received).toBe(0);
  expect(await listening.reject()).toBeInstanceOf(TimeoutError);
});

test("an answer for a peer that has gone, or after the listener has closed, is for nobody", async () => {
  const decide: ((yes: boolean) => void)[] = [];
  const listening = await world.listen({
    authorize: () => new Promise<boolean>((resolve) => decide.push(resolve)),
  });
  const [first, second] = [await world.raw(listening.url), await world.raw(listening.url)];
  for (const raw of [first, second]) await raw.request();
  await until(() => decide.length === 2, "both questions");
  await first.peer.close();
  await listening.reject();
  await listening.listener.close();
  for (const yes of decide) yes(true);
  await second.peer.expectClosed();
  expect(listening.pipes).toHaveLength(0);
});
