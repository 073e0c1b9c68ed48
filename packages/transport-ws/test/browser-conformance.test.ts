/**
 * What every transport promises to core, of the build for browsers: over the WebSocket of `ws`, which has a browser's
 * interface. In real browsers it is tested by the workspace `browser`.
 */
import { transportSuite } from "@sprocket/testing";
import { afterAll, test } from "vitest";
import { WebSocket } from "ws";
import { ws as browserWs } from "../src/browser.js";
import { ws } from "../src/index.js";

/** As a browser's: no compression is offered, and an error is nobody's business but the one who listens. */
class BrowserLike extends WebSocket {
  constructor(url: string, protocols: string[]) {
    super(url, protocols, { perMessageDeflate: false });
    this.on("error", () => undefined);
  }
}

const surroundings = globalThis as unknown as { WebSocket: unknown };
const { WebSocket: own } = surroundings;
surroundings.WebSocket = BrowserLike;
afterAll(() => {
  surroundings.WebSocket = own;
});

const { listen } = ws();
transportSuite({
  test,
  transport: { ...browserWs(), ...(listen === undefined ? {} : { listen }) },
  url: () => "ws://127.0.0.1:0/x",
  supports: { discards: false },
});
