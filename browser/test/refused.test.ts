/** What cannot be reached, and what a browser cannot do: errors that say what it can have been. */

import type { Page } from "playwright-core";
import { Pair0, Pub0, Rep0, ws } from "sprocket";
import { expect } from "vitest";
import { browserTest, type Scene } from "../src/suite.js";

interface Refusal {
  readonly name: string;
  readonly code: string;
  readonly message: string;
}

/** What `new Req0().dial(url)` rejects with in a page. */
function refusalOf(page: Page, url: string, options: object = { mode: "connect" }): Promise<Refusal> {
  return page.evaluate(
    async ({ url, options }) => {
      const req = new sprocket.Req0();
      try {
        await req.dial(url, options);
        return { name: "none", code: "", message: "" };
      } catch (error) {
        const { name, code, message } = error as Refusal;
        return { name, code, message };
      } finally {
        req.destroy();
      }
    },
    { url, options },
  );
}

const cases: readonly (readonly [title: string, url: (scene: Scene) => Promise<string>])[] = [
  [
    "nobody listens there",
    async ({ socket, listen }) => {
      const gone = socket(new Rep0());
      const url = await listen(gone);
      await gone.close();
      return url;
    },
  ],
  [
    "the path is another",
    async ({ socket, listen }) => (await listen(socket(new Rep0()))).replace("/x", "/y"),
  ],
  ["it speaks another protocol", async ({ socket, listen }) => listen(socket(new Pub0()))],
  [
    "it does not accept the origin",
    async ({ socket }) => (await socket(new Rep0()).listen("ws://127.0.0.1:0/x")).url,
  ],
  ["it is no WebSocket server", async ({ origin }) => origin.replace("http:", "ws:")],
];

for (const [title, prepare] of cases) {
  browserTest(`the error of a dial when ${title} lists what it can be`, async (scene) => {
    const url = await prepare(scene);
    const page = await scene.open();
    const { code, message } = await refusalOf(page, url);
    expect(code).toBe("SP_ECONNREFUSED");
    expect(message).toContain(`${url} could not be opened, and browsers do not say why`);
    expect(message).toContain("rep.sp.nanomsg.org");
    expect(message).toContain(`the origin ${scene.origin}`);
  });
}

browserTest("what a page cannot do is said at once", async ({ open }) => {
  const page = await open();
  const refused = async (call: () => unknown): Promise<string> => page.evaluate(call).then(String, String);
  expect(await refused(() => new sprocket.Pair0().listen("ws://127.0.0.1:0/x"))).toContain(
    "NotSupportedError: The ws transport cannot listen in this runtime; dial from here instead.",
  );
  expect(await refused(() => new sprocket.Pair0().dial("tcp://127.0.0.1:1"))).toMatch(
    /NotSupportedError: .* not plugged in.* In browsers there are ws:\/\/ and wss:\/\/ alone\./,
  );
  expect(await refused(() => sprocket.tcp())).toContain("NotSupportedError: tcp() needs Node");
  expect(await refused(() => sprocket.ws({ headers: { Authorization: "x" } } as object))).toContain(
    "NotSupportedError: Option headers of ws() has no effect in a browser",
  );
  expect(await page.evaluate(() => sprocket.capabilities())).toEqual({
    inproc: { transport: "inproc", dial: true, listen: true },
    ...Object.fromEntries(
      ["ws", "ws4", "ws6", "wss", "wss4", "wss6"].map((scheme) => [
        scheme,
        { transport: "ws", dial: true, listen: false },
      ]),
    ),
  });
});

browserTest("an address that the browser does not take is refused for good", async ({ open }) => {
  const page = await open();
  expect(await refusalOf(page, "ws://[fe80::1%25eth0]:5555/", {})).toMatchObject({ code: "SP_EADDRINVAL" });
});

browserTest(
  "a server that never answers is given up after handshakeTimeout",
  async ({ open, socket, listen }) => {
    const url = await listen(socket(new Rep0()), {
      transport: { authorize: () => new Promise<boolean>(() => undefined) },
    });
    const page = await open();
    const { code, message } = await refusalOf(page, url, { mode: "connect", handshakeTimeout: 100 });
    expect(code).toBe("SP_ETIMEDOUT");
    expect(message).toContain("longer than 100 ms (handshakeTimeout)");
  },
);

browserTest("a dial that is aborted is over at once", async ({ open, socket, listen }) => {
  const url = await listen(socket(new Rep0()), {
    transport: { authorize: () => new Promise<boolean>(() => undefined) },
  });
  const page = await open();
  const text = await page.evaluate(async (url) => {
    const req = new sprocket.Req0();
    const dialing = req.dial(url, { mode: "wait", timeout: 50 });
    return await dialing.then(
      () => "connected",
      (error: Error) => `${error.name}, dialers left: ${req.dialers.size}`,
    );
  }, url);
  expect(text).toBe("TimeoutError, dialers left: 0");
});

browserTest(
  "a text frame is refused where binary is spoken, and taken where text is",
  async ({ open, socket, listen }) => {
    const server = socket(new Pair0({ transports: [ws({ text: true })] }));
    const url = await listen(server);
    const page = await open();
    const talk = (text: boolean): Promise<string> =>
      page.evaluate(
        async ({ url, text }) => {
          const pair = new sprocket.Pair0({ transports: [sprocket.ws({ text })] });
          const end = new Promise<string>((resolve) =>
            pair.addEventListener("pipeclose", ({ error }) => resolve(`${error?.name}: ${error?.message}`)),
          );
          await pair.dial(url, { mode: "connect" });
          await pair.send("zwölf 😀");
          const heard = await Promise.race([
            end,
            pair.receiveMessage().then((message) => message.text(), String),
          ]);
          await pair.close();
          return heard;
        },
        { url, text },
      );
    const echo = (async () => {
      for await (const message of server.messages()) await server.send(`re: ${message.text()}`);
    })();
    const gone = new Promise((resolve) => server.addEventListener("pipeclose", resolve, { once: true }));
    expect(await talk(true)).toBe("re: zwölf 😀");
    // A pair has one peer: the page may be through with the first connection before we are.
    await gone;
    expect(await talk(false)).toMatch(/^ProtocolError: .* sent a text message/);
    await server.close();
    await echo;
  },
);

browserTest(
  "in text mode a message that is no text ends the connection, and the error says why",
  async ({ open, socket, listen }) => {
    const url = await listen(socket(new Pair0({ transports: [ws({ text: true })] })));
    const page = await open();
    const text = await page.evaluate(async (url) => {
      const pair = new sprocket.Pair0({ transports: [sprocket.ws({ text: true })] });
      const end = new Promise<string>((resolve) =>
        pair.addEventListener("pipeclose", ({ error }) => resolve(`${error?.name}: ${error?.message}`)),
      );
      await pair.dial(url, { mode: "connect" });
      await pair.send(new Uint8Array([0xff, 0xfe]));
      const reason = await end;
      await pair.close();
      return reason;
    }, url);
    expect(text).toMatch(/^InvalidOperationError: A message that is not UTF-8 cannot be sent as text/);
  },
);
