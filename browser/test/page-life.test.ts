/** Pages are left, kept, shown again, frozen and closed: peers know, and what is shown again goes on. */
import { Pair0, Rep0, type SocketEventMap } from "sprocket";
import { expect } from "vitest";
import { browserTest, patience } from "../src/suite.js";

type Closed = SocketEventMap["pipeclose"];

function nextClose(socket: Pair0 | Rep0): Promise<Closed> {
  return new Promise((resolve) => socket.addEventListener("pipeclose", resolve, { once: true }));
}

function nextOpen(socket: Pair0 | Rep0): Promise<unknown> {
  return new Promise((resolve) => socket.addEventListener("pipeopen", resolve, { once: true }));
}

browserTest(
  "a page that is left ends its connections, and goes on when it is shown again",
  async ({ open, origin, socket, listen }) => {
    const server = socket(new Pair0({ receiveTimeout: patience }));
    const url = await listen(server);
    const page = await open();
    await page.evaluate(async (address) => {
      const pair = new sprocket.Pair0({ reconnectTimeMin: 20 });
      const seen: string[] = [];
      pair.addEventListener("pipeclose", ({ error }) => seen.push(`${error?.name}`));
      addEventListener("pageshow", ({ persisted }) => {
        if (persisted) seen.push("shown again");
      });
      Object.assign(globalThis, { pair, seen });
      await pair.dial(address, { mode: "connect" });
      await pair.send("before");
    }, url);
    expect((await server.receiveMessage()).text()).toBe("before");

    const closed = nextClose(server);
    await page.goto(`${origin}/away.html`);
    expect((await closed).error).toBeUndefined();
    expect(server.pipes.size).toBe(0);

    const opened = nextOpen(server);
    await page.goBack({ waitUntil: "commit" });
    await opened;
    // The same page, not loaded anew: what it had in memory is there.
    const seen = await page.evaluate(async () => {
      const { pair, seen } = globalThis as unknown as { pair: Pair0; seen: string[] };
      await pair.send("after");
      return seen;
    });
    expect(seen).toEqual(["ConnectionAbortedError", "shown again"]);
    expect((await server.receiveMessage()).text()).toBe("after");
  },
);

browserTest(
  "a page that is left while it connects tries again when it is shown",
  async ({ open, origin, socket, listen }) => {
    // Thinks about the first peer for ever: the dialer of the page is in its handshake until the page is left.
    const asked = deferred();
    const silent = socket(new Rep0());
    let first = true;
    const url = await listen(silent, {
      transport: {
        authorize: () => {
          if (!first) return true;
          first = false;
          asked.resolve();
          return new Promise<boolean>(() => undefined);
        },
      },
    });
    const page = await open();
    await page.evaluate(async (address) => {
      const req = new sprocket.Req0({ reconnectTimeMin: 20, handshakeTimeout: 60_000 });
      Object.assign(globalThis, { req });
      await req.dial(address, { mode: "background" });
    }, url);
    await asked.promise;
    await page.goto(`${origin}/away.html`);
    silent.serve((request) => `re: ${request.text()}`);
    await page.goBack({ waitUntil: "commit" });
    const reply = await page.evaluate(async (timeout) => {
      const { req } = globalThis as unknown as { req: InstanceType<typeof sprocket.Req0> };
      return new TextDecoder().decode(await req.request("?", { timeout }));
    }, patience);
    expect(reply).toBe("re: ?");
  },
);

browserTest("a tab that is closed is an end in good order for its peer", async ({ open, socket, listen }) => {
  const server = socket(new Pair0());
  const url = await listen(server);
  const page = await open();
  await page.evaluate(async (address) => {
    await new sprocket.Pair0().dial(address, { mode: "connect" });
  }, url);
  await server.waitForPipes(1, { timeout: patience });
  const closed = nextClose(server);
  await page.close({ runBeforeUnload: false });
  expect((await closed).error).toBeUndefined();
});

browserTest(
  "a page that was frozen while its server came back goes on when it thaws",
  async ({ open, context, socket, listen }) => {
    const first = socket(new Rep0());
    const url = await listen(first);
    const page = await open();
    await page.evaluate(async (address) => {
      const req = new sprocket.Req0({ reconnectTimeMin: 20 });
      Object.assign(globalThis, { req });
      await req.dial(address, { mode: "connect" });
    }, url);
    const session = await context.newCDPSession(page);
    await session.send("Page.setWebLifecycleState", { state: "frozen" });
    await first.close();
    const second = socket(new Rep0());
    second.serve((request) => `re: ${request.text()}`);
    await listen(second, { url });
    await session.send("Page.setWebLifecycleState", { state: "active" });
    const reply = await page.evaluate(async (timeout) => {
      const { req } = globalThis as unknown as { req: InstanceType<typeof sprocket.Req0> };
      return new TextDecoder().decode(await req.request("?", { timeout }));
    }, patience);
    expect(reply).toBe("re: ?");
  },
);

function deferred(): { readonly promise: Promise<void>; resolve(): void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve: () => resolve() };
}
