/**
 * What `ws()` and `{ transport: … }` of an endpoint take in Node, option by option.
 *
 * The rule it guards: nothing that was given is passed over.
 */
import type { IncomingMessage } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { PeerCertificate } from "node:tls";
import { BadTypeError, InvalidOperationError } from "@sprocket/core";
import {
  callback,
  count,
  flag,
  list,
  type OptionRule,
  type OptionSchema,
  readOptions,
} from "@sprocket/core/plugin";
import { type TcpOptions, type TcpSettings, tcpOptions } from "@sprocket/core/stream";
import type { TlsOptions as SharedTlsOptions, TlsOverrides } from "@sprocket/core/tls";
import { commonWsOptions, type WsCommonOptions, type WsCommonSettings } from "./options.js";
import { hostName, readOrigin } from "./origin.js";

/** What `tls()` of `@sprocket/transport-tls` takes. */
type TlsOptions = SharedTlsOptions<PeerCertificate>;

/** HTTP headers, by name. */
export type WsHeaders = Readonly<Record<string, string>>;

/** What is used of an HTTP server: those of `node:http` and `node:https` have it. */
export interface UpgradeServer {
  on(event: "upgrade", listener: (request: IncomingMessage, socket: Socket, head: Buffer) => void): unknown;
  on(event: "close", listener: () => void): unknown;
  off(event: "upgrade", listener: (request: IncomingMessage, socket: Socket, head: Buffer) => void): unknown;
  off(event: "close", listener: () => void): unknown;
  listenerCount(event: string): number;
  address?(): AddressInfo | string | null;
  /** Servers that speak TLS have it. */
  readonly setSecureContext?: unknown;
}

/**
 * - `true`, or `{ identity }`, which the pipe then has as its property `"ws.identity"`: let in.
 * - `false`: refused with 403.
 * - a number from 400 to 599: refused with this status.
 *
 * Anything else, and an error, refuses with 500; the listener's event `handshakeerror` has the error.
 */
export type WsDecision = boolean | number | { readonly identity: unknown };

/** Options of `ws()` in Node. */
export interface WsOptions extends TcpOptions, WsCommonOptions {
  /** Dialers: further headers of the request, such as `Authorization`, `Cookie` or `Origin`. */
  readonly headers?: WsHeaders | undefined;
  /** Listeners: further headers of the answer that opens a connection. */
  readonly responseHeaders?: WsHeaders | undefined;
  /**
   * Listeners: pages that may connect although they come from elsewhere, by their origin, such as
   * `"https://app.example:8443"`; `"*"`: all pages of the world. Default: only pages of the host that they connect to.
   */
  readonly allowedOrigins?: readonly string[] | undefined;
  /**
   * Listeners: the names under which pages may reach us, such as `"app.example"`; `"*"`: any. IP addresses, localhost and
   * the host in the listener's URL always may. Default: no others, so that no foreign name can be made to lead here.
   */
  readonly allowedHosts?: readonly string[] | undefined;
  /** Listeners: refuse requests without an `Origin`, which come from programs and not from pages. Default false. */
  readonly requireOrigin?: boolean | undefined;
  /**
   * Listeners: decides about each request that is right otherwise, before it is answered: by a cookie, a token, a session.
   * May be asynchronous; its time counts as part of the handshake.
   */
  readonly authorize?: ((request: IncomingMessage) => WsDecision | Promise<WsDecision>) | undefined;
  /**
   * Listeners: the HTTP server on which the paths are served, instead of one of our own. Its other routes and upgrade
   * handlers stay as they are.
   */
  readonly server?: UpgradeServer | undefined;
  /**
   * For `wss://`: certificates, keys and who may vouch, as `tls()` takes them. Dialers verify without it too, by the
   * authorities that the runtime trusts; listeners need `cert` and `key`, unless they have a `server`.
   */
  readonly tls?: TlsOptions | undefined;
  /**
   * Ask a peer from which nothing came for so many ms whether it is still there; one that does not answer before as much time
   * has passed again is given up. Default `Infinity`: never.
   */
  readonly pingInterval?: number | undefined;
}

/** The same once checked. */
export interface WsSettings extends TcpSettings, WsCommonSettings {
  readonly headers: WsHeaders;
  readonly responseHeaders: WsHeaders;
  readonly allowedOrigins: readonly string[];
  readonly allowedHosts: readonly string[];
  readonly requireOrigin: boolean;
  readonly authorize: ((request: IncomingMessage) => unknown) | undefined;
  readonly server: UpgradeServer | undefined;
  readonly pingInterval: number;
  /** As given; the credentials' own part of the transport checks it. */
  readonly tls: object | undefined;
}

/** What an endpoint was given, checked. */
export type WsOverrides = Partial<Omit<WsSettings, "tls">> & { readonly tls?: TlsOverrides };

const wsOptions = {
  ...tcpOptions,
  ...commonWsOptions,
  headers: headers(),
  responseHeaders: headers(),
  allowedOrigins: list({
    default: [],
    endpoint: true,
    item(value, name) {
      const origin = readOrigin(string(value, name));
      if (origin !== undefined) return origin;
      throw new InvalidOperationError(
        `Option ${name} was given a string that is no origin; it takes one such as "https://app.example:8443", or "*".`,
      );
    },
  }),
  allowedHosts: list({
    default: [],
    endpoint: true,
    item(value, name) {
      const text = string(value, name);
      const host = hostName(text);
      if (text === "*" || (/^[^\s/?#@:]+$/.test(host) && !/:\d+$/.test(text))) return host;
      throw new InvalidOperationError(
        `Option ${name} was given a string that is no host; it takes a name without a port such as "app.example", or "*".`,
      );
    },
  }),
  requireOrigin: flag(false, { endpoint: true }),
  authorize: callback({ endpoint: true }),
  server: server(),
  pingInterval: count({ default: Number.POSITIVE_INFINITY, min: 1, endpoint: true }),
  tls: tls(),
} satisfies OptionSchema;

/** What `ws()` was given. */
export function readWsOptions(given: unknown): WsSettings {
  return readOptions(wsOptions, given, "ws()", "socket") as unknown as WsSettings;
}

/** What an endpoint was given, and nothing else. */
export function readOverrides(given: object, readTls: (given: object) => TlsOverrides): WsOverrides {
  const { tls: own, ...rest } = readOptions(wsOptions, given, "ws()", "endpoint") as Partial<WsSettings>;
  return own === undefined ? rest : { ...rest, tls: readTls(own) };
}

/** Settings for `wss://`: what of tcp was given with `tls`, where `tls()` would take it, counts too. */
export function withTcpOf<Settings extends WsSettings>(
  settings: Settings,
  ...given: readonly (object | undefined)[]
): Settings {
  const tcp = Object.keys(tcpOptions);
  const own = given.flatMap((each) =>
    Object.entries(each ?? {}).filter(([name, value]) => tcp.includes(name) && value !== undefined),
  );
  return own.length === 0 ? settings : { ...settings, ...Object.fromEntries(own) };
}

/** They say how the upgrade goes, which is the transport's business. */
const ours =
  /^(?:connection|upgrade|content-length|transfer-encoding|expect|trailer|te|sec-websocket-(?:accept|extensions|key|protocol|version))$/i;

function tls(): OptionRule<object | undefined> {
  return {
    endpoint: true,
    default: undefined,
    parse(value, name) {
      if (value === undefined) return undefined;
      if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
      throw new BadTypeError(
        `Option ${name} was given a ${typeof value}; it takes an object with options such as ca, cert and key.`,
      );
    },
  };
}

function server(): OptionRule<UpgradeServer | undefined> {
  return {
    endpoint: true,
    default: undefined,
    parse(value, name) {
      if (value === undefined) return undefined;
      const given = value as Partial<Record<string, unknown>> | null;
      for (const method of ["on", "off", "listenerCount"]) {
        if (typeof given?.[method] === "function") continue;
        throw new BadTypeError(
          `Option ${name} was given what is no HTTP server; it takes one of node:http or node:https, such as that of app.listen().`,
        );
      }
      return value as UpgradeServer;
    },
  };
}

function string(value: unknown, name: string): string {
  if (typeof value === "string") return value;
  throw new BadTypeError(`Option ${name} was given a ${typeof value}; it takes a string.`);
}

function headers(): OptionRule<WsHeaders> {
  const expected = 'an object of strings, such as { Authorization: "Bearer …" }';
  return {
    endpoint: true,
    default: Object.freeze({}),
    parse(value, name) {
      if (typeof value !== "object" || value === null || Array.isArray(value)) {
        throw new BadTypeError(`Option ${name} was given a ${typeof value}; it takes ${expected}.`);
      }
      const read: Record<string, string> = {};
      for (const [header, text] of Object.entries(value as Record<string, unknown>)) {
        if (!/^[!#$%&'*+\-.^_`|~\w]+$/.test(header)) {
          throw new InvalidOperationError(`Option ${name} has a name that no header can have.`);
        }
        if (ours.test(header)) {
          throw new InvalidOperationError(`Option ${name} cannot have ${header}: the transport sets it.`);
        }
        if (typeof text !== "string") {
          throw new BadTypeError(`Option ${name} has ${header} as a ${typeof text}; it takes ${expected}.`);
        }
        if (/[^\t\x20-\x7e\x80-\xff]/.test(text)) {
          throw new InvalidOperationError(
            `Option ${name} has characters in ${header} that no header can have, such as a line break.`,
          );
        }
        read[header] = text;
      }
      return Object.freeze(read);
    },
  };
}
