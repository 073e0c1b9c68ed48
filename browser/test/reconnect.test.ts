/** A dialer in a page goes on when its server dies and comes back. */
import { Pub0, Rep0 } from "sprocket";
import { expect } from "vitest";
import { NngCat } from "../src/nngcat.js";
import { browserTest, nngTest, patience } from "../src/suite.js";

browserTest("requests are answered again after the server came back", async ({ open, socket, listen }) => {
  const first = socket(new Rep0());
  const url = await listen(first);
  first.serve(() => "from the first");
  const page = await open();
  const ask = (): Promise<string> =>
    page.evaluate(async (timeout) => {
      const { req } = globalThis as unknown as { req: InstanceType<typeof sprocket.Req0> };
      return new TextDecoder().decode(await req.request("?", { timeout }));
    }, patience);
  await page.evaluate(async (address) => {
    const req = new sprocket.Req0({ reconnectTimeMin: 20 });
    const seen: string[] = [];
    for (const type of ["pipeopen", "pipeclose", "connecterror", "reconnecting"] as const) {
      req.addEventListener(type, () => {
        if (seen.at(-1) !== type) seen.push(type);
      });
    }
    Object.assign(globalThis, { req, seen });
    await req.dial(address, { mode: "connect" });
  }, url);
  expect(await ask()).toBe("from the first");

  await first.close();
  const waiting = ask();
  // It has tried in vain: nobody listens there.
  await page.waitForFunction(() =>
    (globalThis as unknown as { seen: string[] }).seen.includes("connecterror"),
  );
  const second = socket(new Rep0());
  second.serve(() => "from the second");
  await listen(second, { url });
  expect(await waiting).toBe("from the second");
  const seen = await page.evaluate(() => (globalThis as unknown as { seen: string[] }).seen);
  expect(seen.slice(0, 4)).toEqual(["pipeopen", "pipeclose", "reconnecting", "connecterror"]);
  expect(seen.at(-1)).toBe("pipeopen");
});

browserTest("a request that was under way is asked again", async ({ open, socket, listen }) => {
  const first = socket(new Rep0());
  const url = await listen(first);
  const page = await open();
  const answer = page.evaluate(
    async ({ address, timeout }) => {
      const req = new sprocket.Req0({ reconnectTimeMin: 20 });
      await req.dial(address, { mode: "connect" });
      return new TextDecoder().decode(await req.request("who?", { timeout }));
    },
    { address: url, timeout: patience },
  );
  expect(new TextDecoder().decode(await first.receive({ timeout: patience }))).toBe("who?");
  first.destroy();
  await first.close();
  const second = socket(new Rep0());
  second.serve((request) => `re: ${request.text()}`);
  await listen(second, { url });
  expect(await answer).toBe("re: who?");
});

browserTest("a dialer may come before its server", async ({ open, socket, listen }) => {
  const probe = socket(new Pub0());
  const url = await listen(probe);
  await probe.close();
  const page = await open();
  const heard = page.evaluate(
    async ({ address, timeout }) => {
      const sub = new sprocket.Sub0({ topics: "", reconnectTimeMin: 20, receiveTimeout: timeout });
      await sub.dial(address, { mode: "wait" });
      return (await sub.receiveMessage()).text();
    },
    { address: url, timeout: patience },
  );
  const pub = socket(new Pub0());
  await listen(pub, { url });
  await pub.waitForPipes(1, { timeout: patience });
  await pub.send("at last");
  expect(await heard).toBe("at last");
});

nngTest("a server that is killed is an end, and its successor is found", async ({ open, listen, socket }) => {
  const cat = await NngCat.listen("--rep", "--raw", "--data", "from nng");
  const page = await open();
  const before = await page.evaluate(
    async ({ address, timeout }) => {
      const req = new sprocket.Req0({ reconnectTimeMin: 20 });
      await req.dial(address, { mode: "connect" });
      const lost = new Promise<void>((resolve) => req.addEventListener("pipeclose", () => resolve()));
      Object.assign(globalThis, { req, lost });
      return new TextDecoder().decode(await req.request("?", { timeout }));
    },
    { address: cat.url, timeout: patience },
  );
  expect(before).toBe("from nng");

  // Only now: nngcat prints a request before it replies, so what it has printed would not do.
  await cat.kill();
  const answer = page.evaluate(async (timeout) => {
    const { req, lost } = globalThis as unknown as {
      req: InstanceType<typeof sprocket.Req0>;
      lost: Promise<void>;
    };
    await lost;
    return new TextDecoder().decode(await req.request("?", { timeout }));
  }, patience);
  const rep = socket(new Rep0());
  rep.serve(() => "from us");
  await listen(rep, { url: cat.url });
  expect(await answer).toBe("from us");
});
