/**
 * One attempt to connect with the browser's `WebSocket`, within one budget.
 *
 * The rule it guards: a browser tells a page nothing of why a connection failed, so the errors here name what it can have
 * been, and nothing of the attempt is left behind.
 */
import {
  AddressInvalidError,
  ConnectionRefusedError,
  DestinationUnreachableError,
  NoMemoryError,
  NotSupportedError,
  PermissionDeniedError,
  ProtocolError,
  type SprocketError,
  TimeoutError,
} from "@sprocket/core";
import {
  type EndpointContext,
  type ProtocolInfo,
  printable,
  type SpUrl,
  type TransportPipe,
  watchAbort,
} from "@sprocket/core/plugin";
import { closedError } from "@sprocket/core/stream";
import { readWsTarget, type WsTarget } from "./address.js";
import { BrowserLink } from "./browser-link.js";
import { type NativeWebSocket, surroundings } from "./browser-native.js";
import type { WsSettings } from "./browser-options.js";
import { join, leave, type PageGuest, pageLeft, whenShown } from "./browser-page.js";
import { subprotocolFor } from "./subprotocol.js";
import { WsPipe } from "./ws-pipe.js";

/** Refuses what no attempt can reach. @throws AddressInvalidError, InvalidOperationError, NotSupportedError */
export function checkDial(url: SpUrl): WsTarget {
  const target = readWsTarget(url, "dial");
  if (target.family !== 0 && !target.host.includes(":") && !/^[\d.]+$/.test(target.host)) {
    throw new NotSupportedError(
      `A page cannot choose between IPv4 and IPv6: use ${target.secure ? "wss" : "ws"}:// for ${printable(target.host)}.`,
      { url: url.href, operation: "dial" },
    );
  }
  return target;
}

export async function dial(
  url: SpUrl,
  context: EndpointContext,
  settings: WsSettings,
): Promise<TransportPipe> {
  const target = checkDial(url);
  const subprotocol = subprotocolFor(context.protocol, "dial");
  if (settings.text && hasBinaryHeader(context.protocol)) {
    throw new NotSupportedError(
      `${context.protocol.className} cannot use ws({ text: true }) in a browser: its messages begin with bytes that are no text. Leave the option out.`,
      { url: url.href, operation: "dial" },
    );
  }
  const attempt = new Attempt(url, target, subprotocol, context, settings);
  return attempt.outcome;
}

/** The words before the body of these have their highest bit set, which no UTF-8 has. */
function hasBinaryHeader({ name }: ProtocolInfo): boolean {
  return /^(?:req|rep|surveyor|respondent)$/.test(name);
}

class Attempt implements PageGuest {
  readonly outcome: Promise<TransportPipe>;
  readonly #url: SpUrl;
  readonly #target: WsTarget;
  readonly #subprotocol: string;
  readonly #context: EndpointContext;
  readonly #settings: WsSettings;
  #startedAt = 0;
  #native: NativeWebSocket | undefined;
  /** Undoes what the attempt has around it. Once. */
  readonly #undo: (() => void)[] = [];
  #resolve!: (pipe: TransportPipe) => void;
  #reject!: (error: Error) => void;

  constructor(
    url: SpUrl,
    target: WsTarget,
    subprotocol: string,
    context: EndpointContext,
    settings: WsSettings,
  ) {
    this.#url = url;
    this.#target = target;
    this.#subprotocol = subprotocol;
    this.#context = context;
    this.#settings = settings;
    this.outcome = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    const { signal } = context;
    const watch = watchAbort(signal, { aborted: () => this.#fail(closedError(url, "dial", signal)) });
    this.#undo.push(() => watch.cancel());
    if (!signal.aborted) this.#undo.push(whenShown(() => this.#open()));
  }

  pageHidden(): void {
    this.#fail(pageLeft(this.#url.href));
  }

  #open(): void {
    const { clock, handshakeTimeout } = this.#context;
    this.#startedAt = clock.now();
    const timer = clock.setTimer(handshakeTimeout, () => this.#fail(this.#late()));
    join(this);
    this.#undo.push(
      () => timer.cancel(),
      () => leave(this),
    );
    let native: NativeWebSocket;
    try {
      native = createNative(this.#target, this.#subprotocol);
    } catch (error) {
      this.#fail(refusal(error, this.#details));
      return;
    }
    this.#native = native;
    native.binaryType = "arraybuffer";
    native.onopen = () => this.#opened(native);
    native.onclose = () => this.#fail(failure(this.#url, this.#target, this.#subprotocol, this.#details));
  }

  #opened(native: NativeWebSocket): void {
    if (native.protocol !== this.#subprotocol) {
      this.#fail(
        new ProtocolError(
          `${this.#url} answered with the subprotocol "${printable(native.protocol)}", not "${this.#subprotocol}". Is it an SP socket of the matching protocol?`,
          { ...this.#details, reason: "peer-mismatch" },
        ),
      );
      return;
    }
    this.#finish();
    native.onopen = null;
    const { path, query } = this.#target;
    const { receiveBufferBytes, text } = this.#settings;
    const remoteAddress = this.#url.href;
    const link = new BrowserLink({
      native,
      clock: this.#context.clock,
      // A page does not learn its address; where it came from is how the peer knows it.
      localAddress: `${this.#url.scheme}://${surroundings.location?.host || "page"}`,
      remoteAddress,
      properties: new Map<string, unknown>([
        ["ws.path", path],
        ["ws.query", query],
        ["ws.protocol", this.#subprotocol],
      ]),
      text,
      limit: this.#context.receiveMaxSize,
    });
    this.#resolve(
      new WsPipe({
        link,
        context: this.#context,
        startedAt: this.#startedAt,
        late: () => this.#late(),
        hold: { bytes: receiveBufferBytes, error: () => tooMuch(remoteAddress, receiveBufferBytes) },
      }),
    );
  }

  #late(): Error {
    return new TimeoutError(
      `The handshake with ${this.#url} took longer than ${this.#context.handshakeTimeout} ms (handshakeTimeout).`,
      this.#details,
    );
  }

  #fail(error: Error): void {
    this.#finish();
    const native = this.#native;
    if (native !== undefined) {
      native.onopen = null;
      native.onclose = null;
      native.close();
    }
    this.#reject(error);
  }

  #finish(): void {
    for (const undo of this.#undo.splice(0)) undo();
  }

  get #details(): { readonly url: string; readonly operation: string } {
    return { url: this.#url.href, operation: "dial" };
  }
}

function createNative({ secure, host, port, path, query }: WsTarget, subprotocol: string): NativeWebSocket {
  const { WebSocket } = surroundings;
  if (WebSocket === undefined) {
    throw new NotSupportedError(
      "This runtime has no WebSocket. The build for browsers was taken (condition `browser`): is this one?",
    );
  }
  const authority = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const url = `${secure ? "wss" : "ws"}://${authority}${path}${query === "" ? "" : `?${query}`}`;
  return new WebSocket(url, [subprotocol]);
}

type Details = { readonly url: string; readonly operation: string };

/** What the constructor of a WebSocket throws. */
function refusal(error: unknown, details: Details): SprocketError {
  if (error instanceof NotSupportedError) return error;
  const { name, message } = error as Error;
  const cause = { ...details, cause: error };
  return name === "SecurityError"
    ? new PermissionDeniedError(
        `The browser does not let this page open ${details.url}.${mixedContent(details.url)}`,
        cause,
      )
    : new AddressInvalidError(
        `The browser takes ${details.url} for no address: ${printable(message, 120)}.`,
        cause,
      );
}

function failure(url: SpUrl, { secure }: WsTarget, subprotocol: string, details: Details): SprocketError {
  if (surroundings.navigator?.onLine === false) {
    return new DestinationUnreachableError(
      `${url} cannot be reached: this device is offline. The dialer tries again.`,
      details,
    );
  }
  const certificate = secure ? ", its certificate is not trusted" : "";
  return new ConnectionRefusedError(
    `${url} could not be opened, and browsers do not say why: nobody listens there or at this path, it speaks another protocol than ` +
      `${subprotocol}, it does not accept the origin ${surroundings.location?.origin ?? "of this page"}${certificate}, ` +
      `or a policy of this page forbids it.${mixedContent(url.href)} The console may tell more.`,
    details,
  );
}

function mixedContent(url: string): string {
  return surroundings.location?.protocol === "https:" && /^ws[46]?:/.test(url)
    ? " From a page that came over https browsers open wss:// alone."
    : "";
}

function tooMuch(address: string, limit: number): NoMemoryError {
  return new NoMemoryError(
    `More than ${limit} bytes from ${address} waited to be received (receiveBufferBytes), and a browser cannot make a peer wait. ` +
      "Receive faster, subscribe to less, or raise the limit.",
  );
}
