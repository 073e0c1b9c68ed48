/**
 * One test's world: its sockets, its processes, its folders. Whatever the test does, `end` leaves nothing of it behind.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../../scripts/free-port.js";
import { type Route, temporaryFolder, urlAt } from "./addresses.js";
import { isDeaf } from "./deafness.js";
import { Peer, PeerError, type PeerOptions, type PeerProtocol, type RawProtocol, topicHex } from "./peer.js";
import { Program } from "./program.js";
import { certificates, type Meeting } from "./routes.js";

/** What every socket of ours can do, as far as the harness needs it. */
export interface Endpoint {
  listen(url: string): Promise<{ readonly url: string }>;
  dial(url: string, options?: { mode?: "wait" | "background"; timeout?: number }): Promise<unknown>;
  waitForPipes(count: number, options: { timeout: number }): Promise<unknown>;
  destroy(): void;
}

/** Time for anything that needs the peer's process; a tenth of it on a machine at rest. */
export const patience = 20_000;

export class Scene {
  readonly #programs: Program[] = [];
  readonly #sockets: Endpoint[] = [];
  readonly #folders: string[] = [];

  /** Destroyed at the end of the test. */
  socket<S extends Endpoint>(socket: S): S {
    this.#sockets.push(socket);
    return socket;
  }

  folder(): string {
    const folder = temporaryFolder();
    this.#folders.push(folder);
    return folder;
  }

  /** For a listener of ours. */
  listenUrl(route: Route, port = 0): string {
    return route === "ipc"
      ? this.#ipcUrl()
      : `${urlAt(route, port)}${route.startsWith("ws") ? "/sprocket" : ""}`;
  }

  /** For a listener of ours that goes, and another one that comes in its place. */
  async lastingUrl(route: Route): Promise<string> {
    return this.listenUrl(route, await freePort());
  }

  /** For a listener that cannot choose a port itself, or that goes and comes back. */
  async fixedUrl(route: Route): Promise<string> {
    return route === "ipc" ? this.#ipcUrl() : urlAt(route, await freePort());
  }

  program(file: string, parameters: readonly string[]): Program {
    const program = new Program(file, parameters);
    this.#programs.push(program);
    return program;
  }

  /** A peer that dials `url`. */
  async dialingPeer(
    file: string,
    protocol: PeerProtocol,
    url: string,
    options: PeerOptions = {},
  ): Promise<Peer> {
    return this.#peer(file, [protocol, "--dial", url, ...flags(url, options)]);
  }

  /** A peer that listens at `url`. */
  async listeningPeer(
    file: string,
    protocol: PeerProtocol,
    url: string,
    options: PeerOptions = {},
  ): Promise<Peer> {
    return this.#peer(file, [protocol, "--listen", url, ...flags(url, options)]);
  }

  /** A peer that listens somewhere. */
  async peerAt(route: Route, file: string, protocol: PeerProtocol, options: PeerOptions = {}): Promise<Peer> {
    return this.#untilFree(async () =>
      this.listeningPeer(file, protocol, await this.fixedUrl(route), options),
    );
  }

  /** A device of the peer that listens on both sides; with one protocol it has one side and is a hub. It does not run yet. */
  async deviceAt(route: Route, file: string, front: RawProtocol, back?: RawProtocol): Promise<Peer> {
    return this.#untilFree(async () => {
      const url = await this.fixedUrl(route);
      const listen = ["--listen", url, ...flags(url, {})];
      // nanomsg filters in raw sockets too.
      if (front === "raw-sub" && /nanomsg/.test(file)) listen.push("--topic", "-");
      if (back === undefined) return this.#peer(file, [front, ...listen]);
      return this.#peer(file, [`${front}+${back}`, ...listen, "--back-listen", await this.fixedUrl(route)]);
    });
  }

  /** A peer connected to the socket of ours, either way round. */
  async meet(
    socket: Endpoint,
    meeting: Meeting,
    file: string,
    protocol: PeerProtocol,
    options: PeerOptions = {},
  ): Promise<Peer> {
    let peer: Peer;
    if (meeting.side === "we listen") {
      const { url } = await socket.listen(this.listenUrl(meeting.route));
      peer = await this.dialingPeer(file, protocol, url, options);
    } else {
      peer = await this.peerAt(meeting.route, file, protocol, options);
      await socket.dial(peer.url);
    }
    await socket.waitForPipes(1, { timeout: patience });
    return peer;
  }

  /** A program that takes its address on the command line and meets the socket of ours, either way round. */
  async meetTool(
    socket: Endpoint,
    meeting: Meeting,
    file: string,
    parameters: (role: "listen" | "dial", url: string) => string[],
  ): Promise<Program> {
    if (meeting.side === "we listen") {
      const { url } = await socket.listen(this.listenUrl(meeting.route));
      return this.program(file, parameters("dial", url));
    }
    for (let attempt = 1; ; attempt++) {
      const url = await this.fixedUrl(meeting.route);
      const program = this.program(file, parameters("listen", url));
      // Tools do not say when they listen: the dialer finds out, unless the tool ends because the port was taken.
      const dialed = socket.dial(url, { mode: "wait", timeout: patience });
      const ended = program.exited.then(() => {
        throw program.failure("ended");
      });
      try {
        await Promise.race([dialed, ended]);
        return program;
      } catch (error) {
        dialed.catch(() => {});
        if (!/in use/i.test(String(error)) || attempt === 5) throw error;
      } finally {
        ended.catch(() => {});
      }
    }
  }

  /** A program on nng that does not hear that we have ended a connection; undefined: all hear, as far as one can tell. */
  async deafPeer(): Promise<string | undefined> {
    const ofNng = this.#programs.filter(({ name, running }) => running && name.startsWith("nng"));
    const deaf = await Promise.all(ofNng.map(({ pid }) => pid !== undefined && isDeaf(pid)));
    return ofNng.find((_, at) => deaf[at])?.name;
  }

  async end(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(this.#programs.map((program) => program.kill()));
    for (const folder of this.#folders) rmSync(folder, { recursive: true, force: true });
  }

  /** Another process may be quicker with a port: then another port is tried. */
  async #untilFree(start: () => Promise<Peer>): Promise<Peer> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await start();
      } catch (error) {
        if (!(error instanceof PeerError && /in use/i.test(error.message)) || attempt === 5) throw error;
      }
    }
  }

  #ipcUrl(): string {
    return `ipc://${join(this.folder(), "s")}`;
  }

  async #peer(file: string, parameters: readonly string[]): Promise<Peer> {
    const peer = new Peer(file, parameters);
    this.#programs.push(peer.program);
    await peer.ready();
    return peer;
  }
}

function flags(url: string, options: PeerOptions): string[] {
  const given: string[] = usesTls(url) ? tlsFlags(options.tls ?? {}) : [];
  if (options.receiveMax !== undefined) given.push("--receive-max", String(options.receiveMax));
  if (options.buffer !== undefined) given.push("--buffer", String(options.buffer));
  if (options.resend !== undefined) given.push("--resend", String(options.resend));
  if (options.text === true) given.push("--text", "1");
  if (options.surveyTime !== undefined) given.push("--survey-time", String(options.surveyTime));
  for (const topic of options.topics ?? []) given.push("--topic", topicHex(topic));
  return given;
}

function usesTls(url: string): boolean {
  return url.startsWith("tls+") || url.startsWith("wss");
}

function tlsFlags({ ca, cert = certificates().server, mutual }: NonNullable<PeerOptions["tls"]>): string[] {
  return [
    ...["--tls-ca", ca ?? certificates().ca],
    ...(cert === "none" ? [] : ["--tls-cert", cert.both]),
    ...(mutual === true ? ["--tls-mutual", "1"] : []),
  ];
}
