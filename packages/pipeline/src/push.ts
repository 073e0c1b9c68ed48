/**
 * PUSH (reference 4.4): each message goes to one of the pullers, in turn.
 *
 *     Push0 ──payload──► Pull0      1, 4, 7, …
 *          └───payload──► Pull0      2, 5, 8, …
 *
 * A puller that is full is left out until it has room. When all are, messages wait in `sendBufferSize`, then in the
 * caller; nothing is dropped. What a pipe had taken when it broke is lost and counted; what waits here is not.
 */
import type { Message, SocketOptions } from "@sprocket/core";
import {
  count,
  MessageQueue,
  type Operations,
  type Protocol,
  type ProtocolDefinition,
  type ProtocolHost,
  type ProtocolPipe,
  ReadyPipes,
  Sending,
  Socket,
} from "@sprocket/core/plugin";

export interface Push0Options extends SocketOptions {
  /** Messages that wait for a puller with room, 0 to 8,192, default 0. (nng `send-buffer`) */
  readonly sendBufferSize?: number | undefined;
}

class PushProtocol implements Protocol, Operations {
  readonly #host: ProtocolHost;
  readonly #ready = new ReadyPipes<unknown>();
  readonly #outbox: MessageQueue;

  constructor(host: ProtocolHost) {
    this.#host = host;
    this.#outbox = new MessageQueue(host.options.sendBufferSize as number);
  }

  get queued(): number {
    return this.#outbox.length;
  }

  get canSend(): boolean {
    return this.#ready.next() !== undefined || !this.#outbox.full;
  }

  attach(pipe: ProtocolPipe): void {
    this.writable(pipe);
  }

  detach(pipe: ProtocolPipe): void {
    this.#ready.remove(pipe);
  }

  /** nng discards what a puller sends, and keeps it. */
  receive(pipe: ProtocolPipe, message: Message): void {
    this.#host.drop("unexpected", message.length, pipe);
  }

  writable(pipe: ProtocolPipe): void {
    this.#ready.add(pipe);
    for (let next = this.#ready.next(); next !== undefined; next = this.#ready.next()) {
      const message = this.#outbox.shift();
      if (message === undefined) break;
      this.#ready.sent(next.send(message));
    }
    this.#host.sendable(this);
  }

  trySend(message: Message): boolean {
    const pipe = this.#outbox.length > 0 ? undefined : this.#ready.next();
    if (pipe === undefined) return this.#outbox.push(message);
    this.#ready.sent(pipe.send(message));
    return true;
  }

  optionChanged(name: string): void {
    if (name !== "sendBufferSize") return;
    for (const message of this.#outbox.resize(this.#host.options.sendBufferSize as number)) {
      this.#host.drop("queue-full", message.length);
    }
    this.#host.sendable(this);
  }

  close(): void {
    this.#outbox.clear();
    this.#ready.clear();
  }
}

function definition(className: string, raw: boolean): ProtocolDefinition {
  return {
    info: { id: 0x50, name: "push", peerId: 0x51, peerName: "pull", className, peerClassName: "Pull0", raw },
    options: { sendBufferSize: count({ default: 0, min: 0, max: 8192, writable: true }) },
    create(host) {
      const protocol = new PushProtocol(host);
      return { protocol, operations: protocol };
    },
  };
}

const push0 = definition("Push0", false);
const rawPush0 = definition("RawPush0", true);

abstract class PushSocket extends Socket {
  /** Messages. */
  get sendBufferSize(): number {
    return this.getOption("sendBufferSize") as number;
  }

  set sendBufferSize(value: number) {
    this.setOption("sendBufferSize", value);
  }
}

/**
 * Hands work to `Pull0`, nng pull and nanomsg pull.
 *
 * @example
 * const push = new Push0({ transports: [tcp()] });
 * await push.listen("tcp://127.0.0.1:5557");
 * for (const job of jobs) await push.send(job);     // waits while every puller is full
 */
export class Push0 extends Sending(PushSocket) {
  constructor(options?: Push0Options) {
    super(push0, options);
  }
}

/** `Push0` for devices. PUSH has no header, so it does the same. */
export class RawPush0 extends Sending(PushSocket) {
  constructor(options?: Push0Options) {
    super(rawPush0, options);
  }
}
