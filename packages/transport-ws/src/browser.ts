/**
 * WebSocket for Sprocket in browsers, on the browser's own `WebSocket`: dials `ws://` and `wss://`. Bundlers take this
 * build by the condition `browser`.
 */
import type { EndpointContext, SpUrl, Transport } from "@sprocket/core/plugin";
import { checkDial, dial } from "./browser-dial.js";
import { readOverrides, readWsOptions, type WsOptions, type WsSettings } from "./browser-options.js";

export type { WsOptions };

/**
 * Makes the WebSocket transport. A plain value: share it among any number of sockets. It dials; a page cannot listen.
 *
 * @throws NotSupportedError (also for an option that only Node can honour), BadTypeError, InvalidOperationError
 * @example
 * const socket = new Sub0({ transports: [ws()], topics: ["news"] });
 */
export function ws(options?: WsOptions): Transport {
  const settings = readWsOptions(options);
  return {
    name: "ws",
    schemes: ["ws", "ws4", "ws6", "wss", "wss4", "wss6"],
    check: (url: SpUrl) => checkDial(url),
    readOptions: readOverrides,
    dial: (url: SpUrl, context: EndpointContext) =>
      dial(url, context, { ...settings, ...(context.transportOptions as Partial<WsSettings> | undefined) }),
  };
}
