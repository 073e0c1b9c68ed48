/**
 * A proxy between dialer and listener, on 127.0.0.1 or at an ipc path, that spoils the connection in a way given as
 * data: one fault for each direction. Faults that end a connection end both sides of it.
 */
import { once } from "node:events";
import { createServer, connect as netConnect, type Socket } from "node:net";
import { SeededRandom } from "./random.js";
import { systemPath } from "./raw-peer.js";

/** What happens to the bytes of one direction. Byte counts are from the start of each connection. */
export type Fault =
  | { readonly kind: "none" }
  /** Segments of at most `size` bytes. */
  | { readonly kind: "slice"; readonly size: number }
  /** Segments of random size from 1 to `most`, from a seed. */
  | { readonly kind: "shred"; readonly most: number; readonly seed: number }
  /** Each chunk comes `delay` ms later, more or less `jitter`; order is kept. */
  | { readonly kind: "latency"; readonly delay: number; readonly jitter?: number }
  | { readonly kind: "bandwidth"; readonly bytesPerSecond: number }
  /** After `after` bytes nothing is read any more, for `ms` (default: for ever). */
  | { readonly kind: "stall"; readonly after: number; readonly ms?: number }
  /** After `after` bytes everything is read and thrown away. */
  | { readonly kind: "swallow"; readonly after: number }
  /** After `after` bytes both connections are reset. */
  | { readonly kind: "reset"; readonly after: number }
  /** After `after` bytes both connections end in good order, `delay` ms later. */
  | { readonly kind: "close"; readonly after: number; readonly delay?: number }
  /** Bit `bit` (0 to 7) of byte `at` is turned over. */
  | { readonly kind: "flip"; readonly at: number; readonly bit: number };

export interface FaultProxyOptions {
  /** Where the real listener is: `tcp://127.0.0.1:port`, `tls+tcp://…` (whose records are bytes here) or `ipc:///path`. */
  readonly target: string;
  /** Where to listen. Default: a free port of 127.0.0.1. */
  readonly listen?: string;
  /** Dialer to listener. Default: none. */
  readonly up?: Fault;
  /** Listener to dialer. Default: none. */
  readonly down?: Fault;
  /** Only the first so many connections are spoiled, later ones pass. Default: all are. */
  readonly times?: number;
}

const NONE: Fault = { kind: "none" };

export class FaultProxy {
  /** What to dial. */
  readonly url: string;
  /** Applied to connections from now on, and to `stall` and `swallow` of running ones. */
  up: Fault;
  down: Fault;
  /** Connections that came so far. */
  accepted = 0;
  readonly #server;
  readonly #links = new Set<Link>();

  private constructor(url: string, server: ReturnType<typeof createServer>, options: FaultProxyOptions) {
    this.url = url;
    this.#server = server;
    this.up = options.up ?? NONE;
    this.down = options.down ?? NONE;
    const target = address(options.target);
    const times = options.times ?? Number.POSITIVE_INFINITY;
    server.on("connection", (dialer) => {
      const spoiled = this.accepted++ < times;
      const listener = netConnect({ ...target, allowHalfOpen: true, noDelay: true });
      const link = new Link(dialer, listener, spoiled ? this.up : NONE, spoiled ? this.down : NONE);
      this.#links.add(link);
      void link.gone.then(() => this.#links.delete(link));
    });
  }

  static async start(options: FaultProxyOptions): Promise<FaultProxy> {
    const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true });
    server.listen(address(options.listen ?? "tcp://127.0.0.1:0"));
    await once(server, "listening");
    const bound = server.address();
    const url =
      typeof bound === "object" && bound !== null
        ? `${options.target.startsWith("tls+") ? "tls+tcp" : "tcp"}://127.0.0.1:${bound.port}`
        : (options.listen as string);
    return new FaultProxy(url, server, options);
  }

  /** Connections that are open now. */
  get connections(): number {
    return this.#links.size;
  }

  /** Resets every connection; new ones are still taken. */
  resetAll(): void {
    for (const link of this.#links) link.destroy(true);
  }

  /** Ends every connection in good order; new ones are still taken. */
  endAll(): void {
    for (const link of this.#links) link.end();
  }

  /** Passes on what `stall` held back, on every connection. */
  heal(): void {
    for (const link of this.#links) link.heal();
  }

  /** Stops listening and drops every connection. Idempotent. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    const gone = [...this.#links].map((link) => link.gone);
    for (const link of this.#links) link.destroy(false);
    await Promise.all([closed, ...gone]);
  }
}

/** One proxied connection: two sockets, two lanes. */
class Link {
  readonly gone: Promise<void>;
  readonly #dialer: Socket;
  readonly #target: Socket;
  readonly #lanes: readonly Lane[];

  constructor(dialer: Socket, target: Socket, up: Fault, down: Fault) {
    this.#dialer = dialer;
    this.#target = target;
    const spoil = (fault: Fault): void => {
      if (fault.kind === "reset") this.destroy(true);
      else this.end();
    };
    this.#lanes = [new Lane(dialer, target, up, spoil), new Lane(target, dialer, down, spoil)];
    const closed: Promise<void>[] = [];
    for (const [socket, other] of [
      [dialer, target],
      [target, dialer],
    ] as const) {
      let failed = false;
      socket.on("error", () => {
        failed = true;
      });
      closed.push(
        new Promise<void>((resolve) => {
          socket.once("close", () => {
            // What one side did to us is done to the other.
            if (failed) reset(other);
            else other.destroySoon();
            resolve();
          });
        }),
      );
    }
    this.gone = Promise.all(closed).then(() => {
      for (const lane of this.#lanes) lane.stop();
    });
  }

  end(): void {
    for (const lane of this.#lanes) lane.stop();
    for (const socket of [this.#dialer, this.#target]) {
      socket.end(() => socket.destroy());
    }
  }

  heal(): void {
    for (const lane of this.#lanes) lane.heal();
  }

  destroy(withReset: boolean): void {
    for (const lane of this.#lanes) lane.stop();
    for (const socket of [this.#dialer, this.#target]) {
      if (withReset) reset(socket);
      else socket.destroy();
    }
  }
}

function reset(socket: Socket): void {
  if (socket.destroyed) return;
  // Only a connected tcp socket can send a reset; an ipc one closes abruptly.
  if (socket.remoteFamily === undefined) socket.destroy();
  else socket.resetAndDestroy();
}

/** One direction. Reads a chunk, passes it on as the fault says, and only then reads the next. */
class Lane {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #fault: Fault;
  readonly #spoil: (fault: Fault) => void;
  #passed = 0;
  #stopped = false;
  readonly #chance: SeededRandom;
  #wake: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #healed = false;

  constructor(from: Socket, to: Socket, fault: Fault, spoil: (fault: Fault) => void) {
    this.#from = from;
    this.#to = to;
    this.#fault = fault;
    this.#spoil = spoil;
    this.#chance = new SeededRandom(fault.kind === "shred" ? fault.seed : 1);
    let ended = false;
    let working = false;
    const done = (): void => {
      if (ended && !working && !this.#stopped) to.end();
    };
    from.on("data", (chunk: Uint8Array) => {
      from.pause();
      working = true;
      void this.#pass(chunk).then(() => {
        working = false;
        if (!this.#stopped) from.resume();
        done();
      });
    });
    from.on("end", () => {
      ended = true;
      done();
    });
    // A fault after 0 bytes does not wait for the first one.
    if ((fault.kind === "reset" || fault.kind === "close") && fault.after <= 0) {
      from.pause();
      const connected = to.connecting ? once(to, "connect") : Promise.resolve();
      connected.then(
        () => this.#end(fault),
        () => undefined,
      );
    } else {
      from.resume();
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#from.pause();
    clearTimeout(this.#timer);
    this.#wake?.();
  }

  heal(): void {
    this.#healed = true;
    clearTimeout(this.#timer);
    this.#wake?.();
  }

  async #pass(chunk: Uint8Array): Promise<void> {
    const fault = this.#fault;
    switch (fault.kind) {
      case "none":
        return this.#write(chunk);
      case "slice":
        for (let at = 0; at < chunk.length && !this.#stopped; at += fault.size) {
          await this.#writeAlone(chunk.subarray(at, at + fault.size));
        }
        return;
      case "shred":
        for (let at = 0; at < chunk.length && !this.#stopped; ) {
          const size = this.#chance.between(1, fault.most);
          await this.#writeAlone(chunk.subarray(at, at + size));
          at += size;
        }
        return;
      case "latency": {
        const spread = (2 * this.#chance.float() - 1) * (fault.jitter ?? 0);
        await this.#sleep(Math.max(0, fault.delay + spread));
        return this.#write(chunk);
      }
      case "bandwidth": {
        // Small slices, so that the rate holds at every scale.
        const size = Math.max(1, Math.floor(fault.bytesPerSecond / 50));
        for (let at = 0; at < chunk.length && !this.#stopped; at += size) {
          const piece = chunk.subarray(at, at + size);
          await this.#write(piece);
          await this.#sleep((piece.length * 1_000) / fault.bytesPerSecond);
        }
        return;
      }
      case "flip": {
        const at = fault.at - this.#passed;
        if (at >= 0 && at < chunk.length) chunk[at] = (chunk[at] ?? 0) ^ (1 << fault.bit);
        this.#passed += chunk.length;
        return this.#write(chunk);
      }
      case "swallow": {
        const left = Math.max(0, fault.after - this.#passed);
        this.#passed += chunk.length;
        return left > 0 ? this.#write(chunk.subarray(0, left)) : undefined;
      }
      case "stall": {
        const left = Math.max(0, fault.after - this.#passed);
        this.#passed += chunk.length;
        if (left > 0) await this.#write(chunk.subarray(0, left));
        if (this.#passed >= fault.after && !this.#healed) {
          await this.#sleep(fault.ms ?? Number.POSITIVE_INFINITY);
          this.#healed = true;
        }
        return left < chunk.length ? this.#write(chunk.subarray(left)) : undefined;
      }
      case "reset":
      case "close": {
        const left = fault.after - this.#passed;
        this.#passed += chunk.length;
        await this.#write(chunk.subarray(0, left));
        if (this.#passed >= fault.after) await this.#end(fault);
        return;
      }
    }
  }

  async #end(fault: Fault & { kind: "reset" | "close" }): Promise<void> {
    if (fault.kind === "close" && fault.delay !== undefined) await this.#sleep(fault.delay);
    if (!this.#stopped) this.#spoil(fault);
  }

  /** Resolves when the system took the bytes, or never will. */
  #write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      if (this.#stopped || this.#to.destroyed || this.#to.writableEnded || bytes.length === 0) resolve();
      else this.#to.write(bytes, () => resolve());
    });
  }

  /** A write and a turn of the loop, so that the other side sees a segment of its own. */
  async #writeAlone(bytes: Uint8Array): Promise<void> {
    await this.#write(bytes);
    await new Promise<void>((resolve) => setImmediate(resolve));
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.#stopped) {
        resolve();
        return;
      }
      this.#wake = resolve;
      if (ms !== Number.POSITIVE_INFINITY) this.#timer = setTimeout(resolve, ms);
    });
  }
}

function address(url: string): { host: string; port: number } | { path: string } {
  const tcp = /^(?:tls\+)?tcp:\/\/([^:/]*):(\d+)\/?$/.exec(url);
  if (tcp !== null) return { host: tcp[1] as string, port: Number(tcp[2]) };
  const ipc = /^ipc:\/\/(.+)$/.exec(url);
  if (ipc !== null) return { path: systemPath(ipc[1] as string) };
  throw new TypeError(`a fault proxy speaks tcp://host:port, tls+tcp://host:port and ipc://path, not ${url}`);
}
