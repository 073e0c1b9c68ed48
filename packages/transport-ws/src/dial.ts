/**
 * One attempt to connect: resolve, connect, then the upgrade, all within one budget.
 *
 * The rule it guards: what is not exactly the answer that the reference asks for is an error of nng's number (reference
 * 2.6), and nothing of the attempt is left behind.
 */
import { type IncomingMessage, STATUS_CODES } from "node:http";
import { connect, type Socket } from "node:net";
import { connect as connectTls, type SecureContext, type TLSSocket } from "node:tls";
import {
  ConnectionRefusedError,
  ConnectionShutdownError,
  PermissionDeniedError,
  ProtocolError,
  TimeoutError,
} from "@sprocket/core";
import {
  type EndpointContext,
  printable,
  type SpUrl,
  type TransportPipe,
  watchAbort,
} from "@sprocket/core/plugin";
import {
  applyTcpOptions,
  type ConnectOptions,
  closedError,
  connectNodeSocket,
  type DirectReads,
  directReads,
  fromSystemError,
  tcpConnectOptions,
} from "@sprocket/core/stream";
import {
  authModeOf,
  type DialCredentials,
  dialerVerdict,
  dialForm,
  factsOf,
  handshakeFailure,
  ServerIdentity,
} from "@sprocket/core/tls";
import { WebSocket } from "ws";
import { authorityOf, defaultPort, hostText, readWsTarget, type WsTarget } from "./address.js";
import { responseFacts } from "./facts.js";
import { receiverOptions } from "./limits.js";
import { Line } from "./line.js";
import { Link } from "./link.js";
import { mask } from "./mask.js";
import type { WsSettings } from "./node-options.js";
import { runtime } from "./runtime.js";
import { subprotocolFor } from "./subprotocol.js";
import { WsPipe } from "./ws-pipe.js";

/** `secure`: what a dialer at wss:// goes by. */
export async function dial(
  url: SpUrl,
  context: EndpointContext,
  settings: WsSettings,
  secure: DialCredentials<SecureContext> | undefined,
): Promise<TransportPipe> {
  const target = readWsTarget(url, "dial");
  const options = tcpConnectOptions(authorityOf(url, target), settings);
  if (context.signal.aborted) throw closedError(url, "dial", context.signal);
  const plan = { url, target, context, settings };
  if (secure === undefined) {
    // Blocks that are larger than what Node reads at once: most fragments then lie whole in one.
    const reads = directReads(process.versions, Buffer.allocUnsafeSlow);
    const socket = connect(reads === undefined ? options : { ...options, onread: reads.onread });
    return connectNodeSocket(socket, { url }, context, (startedAt) => {
      applyTcpOptions(socket, settings);
      return upgrade(socket, { ...plan, startedAt, facts: undefined, reads });
    });
  }
  const identity = new ServerIdentity(url, options.host, secure.settings, runtime);
  const socket = connectSecure(options, secure, identity);
  socket.once("connect", () => applyTcpOptions(socket, settings));
  return connectNodeSocket(
    socket,
    {
      url,
      ready: "secureConnect",
      meaning: (error) =>
        handshakeFailure(
          error,
          { operation: "dial", url: url.href },
          "Does a listener at wss:// stand there, and does it accept our certificate?",
        ),
    },
    context,
    (startedAt) =>
      upgrade(socket, {
        ...plan,
        startedAt,
        reads: undefined,
        facts: factsOf(socket, dialerVerdict(socket, secure.settings, identity)),
      }),
  );
}

function connectSecure(
  options: ConnectOptions,
  { settings, secureContext }: DialCredentials<SecureContext>,
  identity: ServerIdentity,
): TLSSocket {
  const { servername } = identity;
  const { pskCallback } = settings;
  const mode = authModeOf(settings, "dial");
  return connectTls({
    ...options,
    secureContext,
    ...(servername === undefined ? {} : { servername }),
    // Said outright, so that NODE_TLS_REJECT_UNAUTHORIZED has no say.
    rejectUnauthorized: mode === "required",
    checkServerIdentity: (_, certificate) => (mode === "none" ? undefined : identity.check(certificate)),
    minDHSize: 2048,
    ...(pskCallback === undefined ? {} : { pskCallback: dialForm(pskCallback) }),
  });
}

interface UpgradePlan {
  readonly url: SpUrl;
  readonly target: WsTarget;
  readonly context: EndpointContext;
  readonly settings: WsSettings;
  readonly startedAt: number;
  /** What TLS found out. */
  readonly facts: ReadonlyMap<string, unknown> | undefined;
  /** What the socket reads into, if that is ours. */
  readonly reads: DirectReads | undefined;
}

/** From a connection to a pipe. Call it in the turn in which bytes may flow. */
function upgrade(socket: Socket, plan: UpgradePlan): Promise<TransportPipe> {
  const { url, target, context, settings, startedAt } = plan;
  const { clock, handshakeTimeout, signal } = context;
  const where = { url: url.href, operation: "dial" } as const;
  const late = (): Error =>
    new TimeoutError(
      `The handshake with ${url} took longer than ${handshakeTimeout} ms (handshakeTimeout).`,
      where,
    );
  const protocol = subprotocolFor(context.protocol, "dial");
  const line = new Line(socket, plan.reads);
  const websocket = new WebSocket(requestUrl(target), [protocol], {
    // The connection is ours, and so is what TLS makes of it: for `ws` it is a plain one.
    createConnection: () => line as unknown as Socket,
    headers: { Host: hostHeader(target), ...settings.headers },
    perMessageDeflate: false,
    followRedirects: false,
    generateMask: mask,
    ...receiverOptions,
  });
  return new Promise((resolve, reject) => {
    let settled = false;
    const settle = (): void => {
      settled = true;
      timer.cancel();
      watch.cancel();
    };
    const fail = (error: Error): void => {
      if (settled) return;
      settle();
      reject(error);
      line.destroy();
      websocket.terminate();
    };
    const left = handshakeTimeout - (clock.now() - startedAt);
    const timer = clock.setTimer(Math.max(0, left), () => fail(late()));
    let answer: IncomingMessage | undefined;
    websocket.on("upgrade", (response: IncomingMessage) => {
      answer = response;
      line.expectFrames(Buffer.alloc(0));
      // `ws` takes any case; nng does not (reference 2.6).
      const { upgrade: word } = response.headers;
      if (word !== "websocket")
        fail(badAnswer(url, `its Upgrade is "${printable(word ?? "")}", not "websocket"`));
    });
    websocket.on("unexpected-response", (_, response: IncomingMessage) => {
      response.resume();
      fail(refusal(url, response));
    });
    websocket.on("error", (error) => {
      if (line.failure !== undefined && line.failure !== error) fail(fromSystemError(line.failure, where));
      else fail(meaning(url, error));
    });
    websocket.on("open", () => {
      if (settled) {
        websocket.terminate();
        return;
      }
      settle();
      const link = new Link({
        websocket,
        line,
        socket,
        scheme: url.scheme,
        role: "dial",
        text: settings.text,
        receiveMaxSize: context.receiveMaxSize,
        pingInterval: settings.pingInterval,
        clock,
        properties: responseFacts(target, protocol, answer as IncomingMessage, plan.facts),
      });
      resolve(new WsPipe({ link, context, startedAt, late }));
    });
    const watch = watchAbort(signal, { aborted: () => fail(closedError(url, "dial", signal)) });
  });
}

/** What `ws` is told to ask for. TLS, where there is any, is below it. */
function requestUrl({ host, port, path, query }: WsTarget): string {
  return `ws://${hostText(host)}:${port}${path}${query === "" ? "" : `?${query}`}`;
}

function hostHeader({ host, port, secure }: WsTarget): string {
  return port === defaultPort(secure) ? hostText(host) : `${hostText(host)}:${port}`;
}

/** A status other than 101, as nng takes it. */
function refusal(url: SpUrl, response: IncomingMessage): Error {
  const status = response.statusCode ?? 0;
  const said = `${url} answered the upgrade with ${status} (${STATUS_CODES[status] ?? "unknown"})`;
  const details = { url: url.href, operation: "dial" };
  if (status === 401 || status === 403) {
    return new PermissionDeniedError(
      `${said}: it does not let us in. Does it want credentials in headers, or another Origin?`,
      details,
    );
  }
  if (status === 404 || status === 405 || status === 501) {
    return new ConnectionRefusedError(`${said}: no socket listens at this path. Check the path.`, details);
  }
  if (status === 503 || status === 429) {
    return new ConnectionRefusedError(`${said}: it has no room now.`, details);
  }
  const hint =
    status === 400 ? "Does a socket of the matching protocol listen there?" : "Is it an SP socket?";
  return new ProtocolError(`${said}. ${hint}`, details);
}

function badAnswer(url: SpUrl, what: string): ProtocolError {
  return new ProtocolError(`${url} gave no valid answer to the upgrade: ${what}. Is it an SP socket?`, {
    url: url.href,
    operation: "dial",
  });
}

/** What an error before the connection was open means. */
function meaning(url: SpUrl, error: Error): Error {
  const { code } = error as { code?: unknown };
  const details = { url: url.href, operation: "dial", cause: error };
  if (code === "ECONNRESET" && (error as NodeJS.ErrnoException).syscall === undefined) {
    return new ConnectionShutdownError(
      `${url} closed the connection before it answered the upgrade. Does it speak WebSocket, and without TLS where we do?`,
      details,
    );
  }
  if (typeof code === "string" && !code.startsWith("HPE_")) {
    return fromSystemError(error, details);
  }
  return new ProtocolError(
    `${url} gave no valid answer to the upgrade: ${printable(error.message, 120)}. Is it an SP socket?`,
    details,
  );
}
