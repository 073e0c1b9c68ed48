/**
 * The yardstick: `node:net` alone. Messages are 8 bytes of length, then the body, in one write each; the frame is made
 * once and sent again and again, and the receiver reads lengths and first bytes without gathering bodies. That is less
 * than any message library must do. The same over tls for such a URL. Modes: pair, reqrep (ping-pong).
 */
import { once } from "node:events";
import { type AddressInfo, createServer, type ListenOptions, type NetConnectOpts, Socket } from "node:net";
import { connect as connectTls, createServer as createTlsServer } from "node:tls";
import { certificates } from "./certificates.js";
import { Arrivals, announce, body, RoundTrips, readTask } from "./worker.js";

const task = readTask();
const headLength = 8;

const secure = task.url.startsWith("tls");

const frame = Buffer.alloc(headLength + task.size);
frame.writeBigUInt64BE(BigInt(task.size));
frame.set(body(task.size), headLength);

function address(): ListenOptions & NetConnectOpts {
  if (task.url.startsWith("ipc://")) return { path: task.url.slice("ipc://".length) };
  const { hostname, port } = new URL(task.url.replace(/^[^:]+:/, "http:"));
  return { host: hostname, port: Number(port) };
}

/** Calls back for each whole message of a stream. */
class Frames {
  readonly #arrived: (length: number, firstByte: number) => void;
  readonly #head = Buffer.alloc(headLength);
  #headFilled = 0;
  #length = 0;
  #left = 0;
  #first = 0;

  constructor(arrived: (length: number, firstByte: number) => void) {
    this.#arrived = arrived;
  }

  read(chunk: Buffer): void {
    let at = 0;
    for (;;) {
      if (this.#left > 0) {
        if (this.#left === this.#length && at < chunk.length) this.#first = chunk[at] as number;
        const step = Math.min(this.#left, chunk.length - at);
        this.#left -= step;
        at += step;
        if (this.#left > 0) return;
        this.#arrived(this.#length, this.#first);
      }
      if (this.#headFilled === 0 && chunk.length - at >= headLength) {
        this.#begin(chunk.readUInt32BE(at) * 2 ** 32 + chunk.readUInt32BE(at + 4));
        at += headLength;
      } else {
        const step = Math.min(headLength - this.#headFilled, chunk.length - at);
        chunk.copy(this.#head, this.#headFilled, at, at + step);
        this.#headFilled += step;
        at += step;
        if (this.#headFilled < headLength) return;
        this.#headFilled = 0;
        this.#begin(this.#head.readUInt32BE(0) * 2 ** 32 + this.#head.readUInt32BE(4));
      }
    }
  }

  #begin(length: number): void {
    this.#length = this.#left = length;
    this.#first = 0;
    if (length === 0) this.#arrived(0, 0);
  }
}

async function listen(connected: (socket: Socket) => void): Promise<void> {
  const server = secure
    ? createTlsServer({ ...certificates(), noDelay: true }, connected)
    : createServer({ noDelay: true }, connected);
  server.listen(address());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  announce(port === undefined ? task.url : task.url.replace(/:\d+$/, `:${port}`));
}

async function dial(): Promise<Socket> {
  if (secure) {
    const socket = connectTls({ ...address(), ca: certificates().ca });
    await once(socket, "secureConnect");
    socket.setNoDelay(true);
    return socket;
  }
  const socket = new Socket().connect(address());
  await once(socket, "connect");
  socket.setNoDelay(true);
  return socket;
}

const programs: Readonly<Record<string, () => Promise<void>>> = {
  "pair server": () => {
    const arrivals = new Arrivals(task);
    const frames = new Frames((length, firstByte) => arrivals.one(length, firstByte));
    return listen((socket) => socket.on("data", (chunk: Buffer) => frames.read(chunk)));
  },
  "pair client": async () => {
    const socket = await dial();
    for (let left = task.warmUp + task.count; left > 0; left--) {
      if (!socket.write(frame)) await once(socket, "drain");
    }
  },
  "reqrep server": () =>
    listen((socket) => {
      const frames = new Frames(() => socket.write(frame));
      socket.on("data", (chunk: Buffer) => frames.read(chunk));
    }),
  "reqrep client": async () => {
    const socket = await dial();
    const trips = new RoundTrips(task);
    let left = trips.total;
    let started = 0;
    const ask = (): void => {
      if (left-- === 0) return;
      started = performance.now();
      socket.write(frame);
    };
    const frames = new Frames(() => {
      trips.one(started);
      ask();
    });
    socket.on("data", (chunk: Buffer) => frames.read(chunk));
    ask();
  },
};

await programs[`${task.mode} ${task.role}`]?.();
