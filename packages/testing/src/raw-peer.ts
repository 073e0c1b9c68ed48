/**
 * A peer that says exactly the bytes that a test tells it to, over tcp, tls or ipc, in both roles. It knows how SP looks on
 * a stream but follows no rule by itself: handshakes can be wrong, frames cut, connections dropped anywhere.
 */
import { once } from "node:events";
import { createServer, connect as netConnect, type Server, type Socket } from "node:net";
import {
  type ConnectionOptions,
  createServer as createTlsServer,
  type TlsOptions,
  connect as tlsConnect,
} from "node:tls";
import { concat, toHex } from "./bytes.js";
import { within } from "./deadline.js";
import { type Framing, frame, spHeader } from "./wire-vectors.js";

/** Long enough for a loaded machine: only broken code waits as long. */
const PATIENCE = 10_000;

export class RawPeer {
  /** For what this class does not offer. Its data is already being read, unless `pause()` was called. */
  readonly socket: Socket;
  readonly framing: Framing;
  /** The connection has gone, by whichever side and in whichever way. */
  readonly closed: Promise<void>;
  #chunks: Uint8Array[] = [];
  #buffered = 0;
  #received = 0;
  #ended = false;
  #gone = false;
  #wake: (() => void) | undefined;

  constructor(socket: Socket, framing: Framing) {
    this.socket = socket;
    this.framing = framing;
    socket.on("data", (chunk: Uint8Array) => {
      // A plain view: tests slice it and read its buffer, which Node's Buffer would share.
      this.#chunks.push(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length));
      this.#buffered += chunk.length;
      this.#received += chunk.length;
      this.#wake?.();
    });
    socket.on("end", () => {
      this.#ended = true;
      this.#wake?.();
    });
    // A reset is an ordinary outcome here: it ends in `closed`.
    socket.on("error", () => undefined);
    this.closed = new Promise((resolve) => {
      socket.once("close", () => {
        this.#ended = true;
        this.#gone = true;
        this.#wake?.();
        resolve();
      });
    });
  }

  /**
   * Dials a listener: `tcp://host:port`, `tls+tcp://host:port` or `ipc:///path`. Nothing is sent yet.
   *
   * @param tls for tls+tcp, as `tls.connect` takes it
   */
  static async connect(url: string, tls?: ConnectionOptions): Promise<RawPeer> {
    const { framing, secure, options } = endpoint(url);
    const connection = { ...options, allowHalfOpen: true, noDelay: true };
    const socket = secure ? tlsConnect({ ...connection, ...tls }) : netConnect(connection);
    const peer = new RawPeer(socket, framing);
    const ready = once(socket, secure ? "secureConnect" : "connect");
    await within(PATIENCE, ready, `connecting a raw peer to ${url}`);
    return peer;
  }

  /** Bytes that arrived, read or not. */
  get received(): number {
    return this.#received;
  }

  /** Bytes that arrived and have not been read. */
  get buffered(): number {
    return this.#buffered;
  }

  /** Sends the bytes as one write. Resolves when the system has them, or the connection is gone. */
  send(...parts: readonly (Uint8Array | string)[]): Promise<void> {
    return new Promise((resolve) => {
      if (this.#gone || this.socket.destroyed || this.socket.writableEnded) {
        resolve();
        return;
      }
      this.socket.write(concat(...parts), () => resolve());
    });
  }

  /** Sends each piece in a segment of its own, `gap` ms apart (0: as fast as the loop turns). */
  async dribble(pieces: Iterable<Uint8Array>, gap = 0): Promise<void> {
    for (const piece of pieces) {
      await this.send(piece);
      await new Promise<void>((resolve) => (gap > 0 ? setTimeout(resolve, gap) : setImmediate(resolve)));
    }
  }

  /** Says who we are and reads who the other side is: its protocol number. */
  async handshake(protocol: number): Promise<number> {
    await this.send(spHeader(protocol));
    return this.readHandshake();
  }

  /** Reads the other side's 8 bytes, checks them, and gives its protocol number. */
  async readHandshake(): Promise<number> {
    const header = await this.readExactly(8);
    const number = ((header[4] ?? 0) << 8) | (header[5] ?? 0);
    if (toHex(header) !== toHex(spHeader(number))) throw new Error(`not an SP header: ${toHex(header)}`);
    return number;
  }

  /** One message as this connection frames it; nothing is sent. */
  frame(payload: Uint8Array | string): Uint8Array<ArrayBuffer> {
    return frame(this.framing, payload);
  }

  /** Sends one whole message. */
  sendFrame(...payload: readonly (Uint8Array | string)[]): Promise<void> {
    return this.send(this.frame(concat(...payload)));
  }

  /** The next `count` bytes. Rejects when the connection ends before, or `patience` ms pass. */
  async readExactly(count: number, patience = PATIENCE): Promise<Uint8Array> {
    await within(patience, this.#until(count), `${count} bytes from the other side (${this.#buffered} came)`);
    if (this.#buffered < count) {
      throw new Error(
        `the other side ended after ${this.#buffered} of ${count} bytes: ${toHex(this.#peekAll())}`,
      );
    }
    return this.#take(count);
  }

  /** The payload of the next whole message. */
  async readFrame(patience = PATIENCE): Promise<Uint8Array> {
    if (this.framing === "ipc") {
      const [type] = await this.readExactly(1, patience);
      if (type !== 1) throw new Error(`ipc type byte ${type}, not 1`);
    }
    const header = await this.readExactly(8, patience);
    const length = new DataView(header.buffer, header.byteOffset, 8).getBigUint64(0);
    return this.readExactly(Number(length), patience);
  }

  /** Everything that has arrived and has not been read. */
  readAvailable(): Uint8Array {
    return this.#take(this.#buffered);
  }

  /** Resolves once the other side closed or reset the connection; rejects after `patience` ms. Closes our side too. */
  async expectClosed(patience = PATIENCE): Promise<void> {
    const wake = new Promise<void>((resolve) => {
      const check = (): void => {
        if (this.#ended) resolve();
      };
      this.#wake = check;
      check();
    });
    await within(patience, Promise.race([wake, this.closed]), "the other side to close the connection");
    this.socket.destroy();
    await this.closed;
  }

  /** Resolves after `ms` when the connection is still open both ways; rejects as soon as it is not. */
  async expectAlive(ms = 400): Promise<void> {
    const dead = new Error(`the other side closed the connection within ${ms} ms`);
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#wake = undefined;
        resolve();
      }, ms);
      const check = (): void => {
        if (!this.#ended) return;
        clearTimeout(timer);
        reject(dead);
      };
      this.#wake = check;
      check();
    });
  }

  /** The other side ended or the connection is gone. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Stops reading: the other side's writes fill the system's buffers and then wait. */
  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  /** Ends our side in good order (FIN). */
  end(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#gone || this.socket.writableEnded) resolve();
      else this.socket.end(() => resolve());
    });
  }

  /** Drops the connection with a reset (on ipc and tls: an abrupt close). */
  async reset(): Promise<void> {
    if (this.framing === "tcp" && !("encrypted" in this.socket)) this.socket.resetAndDestroy();
    else this.socket.destroy();
    await this.closed;
  }

  /** Drops the connection. Idempotent. */
  async close(): Promise<void> {
    this.socket.destroy();
    await this.closed;
  }

  #until(count: number): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (this.#buffered < count && !this.#ended) return;
        this.#wake = undefined;
        resolve();
      };
      this.#wake = check;
      check();
    });
  }

  #peekAll(): Uint8Array {
    if (this.#chunks.length !== 1) this.#chunks = [concat(...this.#chunks)];
    return this.#chunks[0] as Uint8Array;
  }

  #take(count: number): Uint8Array {
    if (count === 0) return new Uint8Array(0);
    const pieces: Uint8Array[] = [];
    for (let missing = count; missing > 0; ) {
      const chunk = this.#chunks[0] as Uint8Array;
      if (chunk.length <= missing) {
        pieces.push(chunk);
        this.#chunks.shift();
        missing -= chunk.length;
      } else {
        pieces.push(chunk.subarray(0, missing));
        this.#chunks[0] = chunk.subarray(missing);
        missing = 0;
      }
    }
    this.#buffered -= count;
    return pieces.length === 1 ? (pieces[0] as Uint8Array) : concat(...pieces);
  }
}

/** A bound address that hands out each connection as a `RawPeer`. */
export class RawListener {
  readonly url: string;
  readonly server: Server;
  /** Also those that TLS has not let through. */
  readonly #sockets = new Set<Socket>();
  readonly #ready: RawPeer[] = [];
  readonly #waiting: ((peer: RawPeer) => void)[] = [];
  #accepted = 0;

  private constructor(url: string, server: Server, { framing, secure }: Endpoint) {
    this.url = url;
    this.server = server;
    server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
    server.on(secure ? "secureConnection" : "connection", (socket: Socket) => {
      const peer = new RawPeer(socket, framing);
      this.#accepted++;
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#ready.push(peer);
      else waiting(peer);
    });
  }

  /**
   * Binds `tcp://127.0.0.1:0`, `tls+tcp://127.0.0.1:0` or `ipc:///path`; `url` then carries the real port.
   *
   * @param tls for tls+tcp, as `tls.createServer` takes it
   */
  static async listen(url = "tcp://127.0.0.1:0", tls?: TlsOptions): Promise<RawListener> {
    const place = endpoint(url);
    const options = { allowHalfOpen: true, noDelay: true };
    const server = place.secure ? createTlsServer({ ...options, ...tls }) : createServer(options);
    server.listen(place.options);
    await once(server, "listening");
    const bound = server.address();
    const real =
      typeof bound === "object" && bound !== null
        ? `${place.secure ? "tls+tcp" : "tcp"}://${host(bound.address)}:${bound.port}`
        : url;
    return new RawListener(real, server, place);
  }

  /** How many connections came so far. */
  get accepted(): number {
    return this.#accepted;
  }

  /** The next connection, in order of arrival. */
  accept(patience = PATIENCE): Promise<RawPeer> {
    const ready = this.#ready.shift();
    if (ready !== undefined) return Promise.resolve(ready);
    return within(patience, new Promise<RawPeer>((resolve) => this.#waiting.push(resolve)), "a connection");
  }

  /** Stops listening and drops every connection. Idempotent. */
  async close(): Promise<void> {
    const gone = new Promise<void>((resolve) => {
      this.server.close(() => resolve());
    });
    for (const socket of this.#sockets) socket.destroy();
    await gone;
  }
}

function host(address: string): string {
  return address.includes(":") ? `[${address}]` : address;
}

interface Endpoint {
  readonly framing: Framing;
  readonly secure: boolean;
  readonly options: { host: string; port: number } | { path: string };
}

function endpoint(url: string): Endpoint {
  const tcp = /^(tls\+)?tcp[46]?:\/\/(?:\[(.*)\]|([^:/]*)):(\d+)\/?$/.exec(url);
  if (tcp !== null) {
    const [, tls, ipv6, name, port] = tcp;
    const options = { host: (ipv6 ?? name) || "127.0.0.1", port: Number(port) };
    return { framing: "tcp", secure: tls !== undefined, options };
  }
  const ipc = /^(?:ipc|unix):\/\/(.+)$/.exec(url);
  if (ipc !== null) {
    return { framing: "ipc", secure: false, options: { path: systemPath(ipc[1] as string) } };
  }
  throw new TypeError(`a raw peer speaks tcp://host:port, tls+tcp://host:port and ipc://path, not ${url}`);
}

/** Where an ipc URL lies for the system: on Windows its path names a pipe. */
export function systemPath(path: string): string {
  return process.platform === "win32" ? `\\\\.\\pipe\\${path}` : path;
}
