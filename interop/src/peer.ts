/**
 * A C peer as a test sees it: one method a command of its line protocol (`peers/nng-peer.c`, `peers/nanomsg-peer.c`).
 */
import { fromHex, hex } from "./pattern.js";
import type { Issued } from "./pki.js";
import { Program } from "./program.js";

type Protocol =
  | "pair0"
  | "pair1"
  | "req"
  | "rep"
  | "pub"
  | "sub"
  | "push"
  | "pull"
  | "surveyor"
  | "respondent"
  | "bus";

export type RawProtocol = `raw-${Protocol}`;

/** Two raw protocols: the front and the back of a device. */
export type PeerProtocol = Protocol | "pair1-poly" | RawProtocol | `${RawProtocol}+${RawProtocol}`;

export interface PeerOptions {
  /** Bytes; 0: no limit. Without it the library's own default counts. */
  readonly receiveMax?: number;
  /** Messages, each way; nng only. */
  readonly buffer?: number;
  /** Milliseconds after which a REQ peer asks again. */
  readonly resend?: number;
  /** Milliseconds for which a survey of a SURVEYOR peer takes answers. */
  readonly surveyTime?: number;
  /** Over ws: text frames, both ways. */
  readonly text?: boolean;
  /** Where the address uses TLS; without it both sides are those of `transports`. */
  readonly tls?: {
    /** The authority that it trusts, as a file. */
    readonly ca?: string;
    readonly cert?: Issued | "none";
    /** It listens, and wants a certificate of whoever dials. */
    readonly mutual?: boolean;
  };
  /** What a SUB peer subscribes to before it has an address. */
  readonly topics?: readonly (string | Uint8Array)[];
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
  /** Where the other side of a device listens. */
  backUrl = "";
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
      if (!line.startsWith("listening ")) continue;
      const url = line.slice("listening ".length);
      if (this.url === "") this.url = url;
      else this.backUrl = url;
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

  /** Messages `first` to `first + count - 1` of the series. */
  async sendSeries(count: number, first = 0): Promise<void> {
    await this.#ask(`send-series ${count} ${first}`, "sent");
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

  /** `count` messages of the series without a gap, from its start or from another known one. */
  async receiveSeries(count: number, first = 0): Promise<void> {
    const answer = await this.#ask(`receive-run ${count}`, "run");
    if (answer !== `run ${first}`) throw this.program.failure(`should have begun with message ${first}`);
  }

  /** `count` messages of the series without a gap; returns the index of the first. */
  async receiveRun(count: number): Promise<number> {
    return Number((await this.#ask(`receive-run ${count}`, "run")).split(" ")[1]);
  }

  /** Messages of the series in order, with gaps perhaps, up to the one with index `last`; returns how many. */
  async receiveUntil(last: number): Promise<number> {
    return Number((await this.#ask(`receive-until ${last}`, "until")).split(" ")[1]);
  }

  /** Takes one more topic. */
  async subscribe(topic: string | Uint8Array): Promise<void> {
    await this.#ask(`subscribe ${topicHex(topic)}`, "subscribed");
  }

  async unsubscribe(topic: string | Uint8Array): Promise<void> {
    await this.#ask(`unsubscribe ${topicHex(topic)}`, "unsubscribed");
  }

  /** For how many milliseconds its surveys take answers from now on. */
  async setSurveyTime(time: number): Promise<void> {
    await this.#ask(`survey-time ${time}`, "set");
  }

  /** Until it has `count` pipes; of a device, on both sides together. */
  async waitForPipes(count: number): Promise<void> {
    await this.#ask(`wait-pipes ${count}`, `pipes ${count}`);
  }

  /** Forwards between its two sockets, or between the pipes of its one, from now on and takes no other command. */
  async forward(): Promise<void> {
    await this.#ask("device", "forwarding");
  }

  /** Answers requests or surveys with their own bytes from now on and takes no other command. */
  async serve(): Promise<void> {
    await this.#ask("serve", "serving");
  }

  /** Takes `count` requests in as many contexts and only then answers them; `served` resolves after the last answer. */
  async serveParallel(count: number): Promise<{ served: Promise<string> }> {
    await this.#ask(`serve-parallel ${count}`, "serving");
    const served = this.#expect(`served ${count}`);
    // A test that does not ask for it may end the peer before it says so.
    served.catch(() => {});
    return { served };
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

/** A topic as a peer takes it, on the command line too. */
export function topicHex(topic: string | Uint8Array): string {
  return Buffer.from(topic).toString("hex") || "-";
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
