/** In a browser an option that cannot be honoured is an error that says why; so is what a browser cannot dial. */
import { Pair0 } from "@sprocket/pair";
import { Rep0, Req0 } from "@sprocket/reqrep";
import { expect, onTestFinished, test } from "vitest";
import { ws } from "../src/browser.js";
import { ws as nodeWs } from "../src/index.js";

/** The names that an error text lists. */
function optionsOf(make: (options: never) => unknown): string[] {
  try {
    make({ "no option is called so": true } as never);
  } catch (error) {
    const [, list = ""] = /Its options are: (.*)\.$/.exec((error as Error).message) ?? [];
    return list.split(", ");
  }
  return [];
}

test("every option of Node is one here too, or there is a reason why it is none", () => {
  const names = optionsOf(nodeWs);
  expect(names).toContain("headers");
  const here = optionsOf(ws);
  expect(here).toEqual(["receiveBufferBytes", "text"]);
  for (const name of names.filter((each) => !here.includes(each))) {
    expect(() => ws({ [name]: "x" })).toThrow(`Option ${name} of ws() has no effect in a browser: `);
    expect(() => ws({ [name]: "x" })).toThrow(expect.objectContaining({ code: "SP_ENOTSUP" }));
    expect(() => ws({ [name]: undefined })).not.toThrow();
  }
});

test("the same counts for an endpoint", async () => {
  const socket = new Pair0({ transports: [ws()] });
  onTestFinished(() => socket.destroy());
  const dialing = socket.dial("ws://127.0.0.1:1/x", { transport: { headers: { Cookie: "a" } } });
  await expect(dialing).rejects.toMatchObject({ code: "SP_ENOTSUP", message: /no effect in a browser/ });
});

test.each([
  [{ text: 1 }, "SP_EBADTYPE"],
  [{ receiveBufferBytes: "1" }, "SP_EBADTYPE"],
  [{ receiveBufferBytes: 0 }, "SP_EINVAL"],
  [{ recieveBufferBytes: 5 }, "SP_ENOTSUP"],
  [null, "SP_EBADTYPE"],
  ["text", "SP_EBADTYPE"],
])("bad options are refused: %j", (given, code) => {
  expect(() => ws(given as never)).toThrow(expect.objectContaining({ code }));
});

test("a page cannot listen", async () => {
  const socket = new Pair0({ transports: [ws()] });
  onTestFinished(() => socket.destroy());
  await expect(socket.listen("ws://127.0.0.1:0/x")).rejects.toMatchObject({
    code: "SP_ENOTSUP",
    message: "The ws transport cannot listen in this runtime; dial from here instead.",
  });
});

test.each([
  ["ws4://example.org/x", "SP_ENOTSUP", "use ws:// for example.org"],
  ["wss6://example.org/x", "SP_ENOTSUP", "use wss:// for example.org"],
  ["ws://:80/x", "SP_EADDRINVAL", "no host"],
  ["ws://example.org:0/x", "SP_EADDRINVAL", "port 0"],
  ["ws://example.org/#x", "SP_EADDRINVAL", "fragment"],
  ["ws://user:secret@example.org/", "SP_EADDRINVAL", "no user name"],
])("%s is refused at once, in the background too", async (url, code, text) => {
  const socket = new Pair0({ transports: [ws()] });
  onTestFinished(() => socket.destroy());
  const dialing = socket.dial(url, { mode: "background" });
  await expect(dialing).rejects.toMatchObject({ code, message: expect.stringContaining(text) });
});

test.each([
  ["Req0", () => new Req0({ transports: [ws({ text: true })] })],
  ["Rep0", () => new Rep0({ transports: [ws({ text: true })] })],
])("%s has no text mode, because its messages begin with what is no text", async (name, make) => {
  const socket = make();
  onTestFinished(() => socket.destroy());
  await expect(socket.dial("ws://127.0.0.1:1/x")).rejects.toMatchObject({
    code: "SP_ENOTSUP",
    message: expect.stringContaining(`${name} cannot use ws({ text: true })`),
  });
});
