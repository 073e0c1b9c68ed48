/**
 * What `ws()` and `{ transport: … }` of an endpoint take in a browser.
 *
 * The rule it guards: an option of the build for Node that a browser cannot honour is an error that says why.
 */
import { NotSupportedError } from "@sprocket/core";
import { bytes, type OptionPlace, type OptionSchema, readOptions } from "@sprocket/core/plugin";
import { commonWsOptions, type WsCommonOptions, type WsCommonSettings } from "./options.js";

/** Options of `ws()` in browsers. */
export interface WsOptions extends WsCommonOptions {
  /**
   * Bytes of messages that may wait until the application receives them. A browser cannot make a peer wait: when there are
   * more, the connection ends with a NoMemoryError, what has arrived is delivered first, and then the dialer dials again.
   * 1 or more, or `Infinity`. Default 16,777,216.
   */
  readonly receiveBufferBytes?: number | undefined;
}

/** The same once checked. */
export interface WsSettings extends WsCommonSettings {
  readonly receiveBufferBytes: number;
}

const MIB = 1024 * 1024;

const wsOptions = {
  ...commonWsOptions,
  receiveBufferBytes: bytes({ default: 16 * MIB, min: 1, endpoint: true }),
} satisfies OptionSchema;

const certificates = "a browser checks certificates by its own rules and lets no page change them";
const sockets = "a page has no say in the sockets of the system";
const serving = "a page cannot listen";

/** Options of Node, and why they are none here. */
const reasons: Readonly<Record<string, string>> = {
  headers:
    "a browser lets no page set headers of a WebSocket request; it sends cookies of its own accord, and the URL may have a query",
  responseHeaders: serving,
  authorize: serving,
  server: serving,
  allowedHosts: serving,
  allowedOrigins: serving,
  requireOrigin: serving,
  tls: certificates,
  pingInterval:
    "a browser lets no page send pings; it answers those of its peer by itself, so give pingInterval to the listener",
  noDelay: sockets,
  keepAlive: sockets,
  keepAliveInitialDelay: sockets,
  localAddress: sockets,
  backlog: serving,
  ipv6Only: serving,
};

/** What `ws()` was given. */
export function readWsOptions(given: unknown): WsSettings {
  return read(given, "socket") as unknown as WsSettings;
}

/** What an endpoint was given, and nothing else. */
export function readOverrides(given: object): Partial<WsSettings> {
  return read(given, "endpoint") as Partial<WsSettings>;
}

function read(given: unknown, place: OptionPlace): Record<string, unknown> {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    return readOptions(wsOptions, given, "ws()", place);
  }
  const ours: Record<string, unknown> = { ...given };
  for (const name of Object.keys(ours)) {
    if (!Object.hasOwn(reasons, name)) continue;
    if (ours[name] !== undefined) {
      throw new NotSupportedError(`Option ${name} of ws() has no effect in a browser: ${reasons[name]}.`);
    }
    delete ours[name];
  }
  return readOptions(wsOptions, ours, "ws()", place);
}
