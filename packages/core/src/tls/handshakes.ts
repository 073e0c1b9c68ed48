/**
 * Connections of a listener between accept and the end of their TLS handshake. The runtime tells of them in two places,
 * by the plain socket and by the secure one; here they are one again.
 *
 * The rule it guards: a peer is somebody only once TLS says so. What a listener requires of its peers is checked by the
 * runtime, and once more here.
 */
import { ConnectionShutdownError } from "../errors.js";
import { macrotask } from "../macrotask.js";
import { fromSystemError } from "../system-error.js";
import { certificateOf, factsOf, usesSharedKey, type Verdict } from "./facts.js";
import { handshakeFailure } from "./failure.js";
import type { TlsAuthMode, TlsSettings } from "./options.js";
import type { PskWitness } from "./psk.js";
import type { SocketPlaces, TlsSocketLike } from "./runtime.js";
import { authModeOf } from "./secure-options.js";

/** A plain socket that was just accepted. */
export interface AcceptedSocket extends SocketPlaces {
  once(event: "close", listener: () => void): unknown;
  destroy(): unknown;
}

/** Who waits for what becomes of a connection. */
export interface TlsArrival<Secure> {
  /** As a URL. */
  readonly remoteAddress: string;
  /** What became of the handshake is known. */
  readonly settled: boolean;
  /** The peer is accepted. */
  secured(socket: Secure, facts: ReadonlyMap<string, unknown>): void;
  /** The peer is refused, or failed, or has gone. */
  refused(error: Error): void;
}

/** The part of a `tls.Server` that is used. */
export interface SecureServer<Secure> {
  on(event: "secureConnection", listener: (socket: Secure) => void): unknown;
  on(event: "tlsClientError", listener: (error: Error, socket: Secure) => void): unknown;
}

/** Why peers go without a word. */
const MAYBE = "It may not accept our certificate, or speak no TLS.";

export class TlsHandshakes<Secure extends TlsSocketLike> implements PskWitness {
  /** By the address of the peer. */
  readonly #pending = new Map<string, TlsArrival<Secure>>();
  /** Gone in this turn, and nobody has said why yet; oldest first. */
  readonly #unexplained = new Set<TlsArrival<Secure>>();
  readonly #mode: TlsAuthMode;
  readonly #identities = new WeakMap<TlsSocketLike, string>();

  constructor(settings: TlsSettings) {
    this.#mode = authModeOf(settings, "listen");
  }

  /** Call it in the turn in which the server began to listen. */
  follow(server: SecureServer<Secure>): void {
    server.on("secureConnection", (socket) => this.#secured(socket));
    server.on("tlsClientError", (error, socket) => this.#failed(error, socket));
  }

  known(socket: TlsSocketLike, identity: string): void {
    this.#identities.set(socket, identity);
  }

  failed(socket: TlsSocketLike, error: Error): void {
    this.#take(socket)?.refused(error);
  }

  /** A connection was accepted. */
  begin(socket: AcceptedSocket, arrival: TlsArrival<Secure>): void {
    const key = keyOf(socket);
    if (key === undefined) {
      socket.destroy();
      this.#gone(arrival);
      return;
    }
    this.#pending.set(key, arrival);
    socket.once("close", () => {
      if (this.#pending.get(key) === arrival) this.#pending.delete(key);
      if (!arrival.settled) this.#gone(arrival);
    });
  }

  /** Where the runtime refuses a certificate it says so only afterwards. */
  #gone(arrival: TlsArrival<Secure>): void {
    this.#unexplained.add(arrival);
    macrotask(() => {
      this.#unexplained.delete(arrival);
      const { remoteAddress } = arrival;
      arrival.refused(
        new ConnectionShutdownError(
          `${remoteAddress} closed the connection during the TLS handshake. ${MAYBE}`,
          { url: remoteAddress, operation: "accept" },
        ),
      );
    });
  }

  #secured(socket: Secure): void {
    const arrival = this.#take(socket);
    if (arrival === undefined) {
      socket.destroy();
      return;
    }
    const verdict = this.#verdictOn(socket);
    if (this.#mode === "required" && !verdict.authorized) {
      socket.destroy();
      arrival.refused(refusal(verdict.problem ?? "UNSPECIFIED", arrival.remoteAddress));
      return;
    }
    // A peer that has ended its side may still be written to and read to its end. During the handshake it had gone.
    socket.allowHalfOpen = true;
    arrival.secured(socket, factsOf(socket, verdict));
  }

  #failed(error: Error, socket: Secure): void {
    const arrival = this.#take(socket);
    if (arrival === undefined) return;
    const what = { operation: "accept", url: arrival.remoteAddress } as const;
    const { authorizationError } = socket;
    arrival.refused(
      authorizationError
        ? refusal(String(authorizationError), arrival.remoteAddress)
        : handshakeFailure(error, what, MAYBE),
    );
  }

  #take(socket: TlsSocketLike): TlsArrival<Secure> | undefined {
    const key = keyOf(socket);
    if (key === undefined) {
      // It has gone, and its address with it: the runtime explains in the order in which they went.
      const [oldest] = this.#unexplained;
      if (oldest !== undefined) this.#unexplained.delete(oldest);
      return oldest;
    }
    const arrival = this.#pending.get(key);
    this.#pending.delete(key);
    return arrival;
  }

  #verdictOn(socket: TlsSocketLike): Verdict {
    const pskIdentity = this.#identities.get(socket);
    if (pskIdentity !== undefined && usesSharedKey(socket)) {
      return { authorized: true, problem: undefined, pskIdentity };
    }
    if (this.#mode === "none") return { authorized: false, problem: undefined };
    if (socket.authorized) return { authorized: true, problem: undefined };
    const problem =
      certificateOf(socket) === undefined ? "NO_CERTIFICATE" : String(socket.authorizationError);
    return { authorized: false, problem };
  }
}

/** Tells connections to one port apart; undefined when the peer had gone before we could ask. */
function keyOf({ remoteAddress, remotePort, localAddress }: SocketPlaces): string | undefined {
  return remotePort === undefined ? undefined : `${remoteAddress} ${remotePort} ${localAddress}`;
}

function refusal(code: string, url: string): Error {
  return fromSystemError(Object.assign(new Error(code), { code }), { operation: "accept", url });
}
