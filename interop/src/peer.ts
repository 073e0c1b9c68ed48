/**
 * A C peer as a test sees it: one method a command of its line protocol (`peers/nng-peer.c`, `peers/nanomsg-peer.c`).
 */
import { fromHex, hex } from "./pattern.js";
import { Program } from "./program.js";

export type PeerProtocol = "pair0" | "pair1" | "pair1-poly" | "req" | "rep" | "raw-req" | "raw-rep";

export interface PeerOptions {
  /** Bytes; 0: no limit. Without it the library's own default counts. */
  readonly receiveMax?: number;
  /** Messages, each way; nng only. */
  readonly buffer?: number;
  /** Milliseconds after which a REQ peer asks again. */
  readonly resend?: number;
}

/** A message that a peer received. `bytes` only up to 1 KiB. */
export interface PeerMessage {
  readonly length: number;
  readonly checksum: string;
  readonly bytes: Uint8Array;
  /** The words before the body, or the pipe's id, where it was asked for. */
  readonly before: string;
}

export class Peer {
  /** Where it listens, with the real port; "" when it dials. */
  url = "";
  readonly program: Program;
  readonly #events: string[] = [];

  constructor(file: string, parameters: readonly string[]) {
    this.program = new Program(file, parameters);
  }

  /** Resolves once it listens or dials. */
  async ready(): Promise<void> {
    for (;;) {
      const line = await this.#answer();
      if (line === "ready") return;
      if (line.startsWith("listening ")) this.url = line.slice("listening ".length);
    }
  }

  async send(bytes: Uint8Array): Promise<void> {
    await this.#ask(`send ${hex(bytes) || "-"}`, "sent");
  }

  async sendWithHeader(header: string, bytes: Uint8Array): Promise<void> {
    await this.#ask(`send-with-header ${header || "-"} ${hex(bytes) || "-"}`, "sent");
  }

  /** To one pipe of a polyamorous socket. */
  async sendTo(pipe: string, bytes: Uint8Array): Promise<void> {
    await this.#ask(`send-to ${pipe} ${hex(bytes) || "-"}`, "sent");
  }

  async sendPattern(length: number, seed: number): Promise<void> {
    await this.#ask(`send-pattern ${length} ${seed}`, "sent");
  }

  async sendSeries(count: number): Promise<void> {
    await this.#ask(`send-series ${count}`, "sent");
  }

  async receive(): Promise<PeerMessage> {
    return readMessage(await this.#ask("receive", "message"), false);
  }

  async receiveWithHeader(): Promise<PeerMessage> {
    return readMessage(await this.#ask("receive-with-header", "message"), true);
  }

  /** With the id of the pipe it came from. */
  async receiveFrom(): Promise<PeerMessage> {
    return readMessage(await this.#ask("receive-from", "message"), true);
  }

  async receiveSeries(count: number): Promise<void> {
    await this.#ask(`receive-series ${count}`, `series ${count}`);
  }

  /** Answers requests with their own bytes from now on and takes no other command. */
  async serve(): Promise<void> {
    await this.#ask("serve", "serving");
  }

  /** Takes `count` requests in as many contexts and only then answers them; `served` resolves after the last answer. */
  async serveParallel(count: number): Promise<{ served: Promise<string> }> {
    await this.#ask(`serve-parallel ${count}`, "serving");
    return { served: this.#expect(`served ${count}`) };
  }

  /** One request from each of `count` contexts, all out before the first answer is read. */
  async requestParallel(count: number): Promise<void> {
    await this.#ask(`request-parallel ${count}`, `replies ${count}`);
  }

  /** Waits for a pipe that came or went and was not waited for before; nng only. Returns its id. */
  async pipe(what: "connected" | "disconnected"): Promise<string> {
    for (;;) {
      const at = this.#events.findIndex((event) => event.startsWith(`event ${what} `));
      if (at >= 0) return (this.#events.splice(at, 1)[0] as string).split(" ")[2] as string;
      this.#events.push(await this.program.line());
    }
  }

  kill(): Promise<void> {
    return this.program.kill();
  }

  #ask(command: string, expected: string): Promise<string> {
    this.program.write(`${command}\n`);
    return this.#expect(expected, command);
  }

  async #expect(expected: string, command = "it"): Promise<string> {
    const answer = await this.#answer();
    if (!answer.startsWith(expected)) throw this.program.failure(`answered "${answer}" to "${command}"`);
    return answer;
  }

  /** The next line that is no event; events are kept for `pipe`. */
  async #answer(): Promise<string> {
    for (;;) {
      const line = await this.program.line();
      if (line.startsWith("error ")) throw new PeerError(line);
      if (!line.startsWith("event ")) return line;
      this.#events.push(line);
    }
  }
}

/** What the peer's library refused. */
export class PeerError extends Error {
  override readonly name = "PeerError";
}

/** `message [before] <length> <checksum> <hex>` */
function readMessage(line: string, withBefore: boolean): PeerMessage {
  const [, ...words] = line.split(" ");
  const before = withBefore ? (words.shift() ?? "") : "";
  const [length = "", checksum = "", bytes = ""] = words;
  return {
    before: before === "-" ? "" : before,
    length: Number(length),
    checksum,
    bytes: fromHex(bytes === "-" ? "" : bytes),
  };
}
