/**
 * PULL (reference 4.4): takes messages from all pushers, fairly.
 *
 *     Pull0 ◄──payload── Push0, Push0, …
 *
 * One message is parked for each pipe, which is then not read any further, so that a slow puller slows its pushers.
 */
import type { Message, SocketOptions } from "@sprocket/core";
import {
  Inbox,
  type MessageRun,
  type Operations,
  type Protocol,
  type ProtocolDefinition,
  type ProtocolHost,
  type ProtocolPipe,
  Receiving,
  ReceivingMessages,
  Socket,
} from "@sprocket/core/plugin";

class PullProtocol implements Protocol, Operations {
  readonly #host: ProtocolHost;
  readonly #inbox = new Inbox(0, () => true);

  constructor(host: ProtocolHost) {
    this.#host = host;
  }

  get canReceive(): boolean {
    return this.#inbox.length > 0;
  }

  attach(): void {
    // A pusher needs no place here before it sends.
  }

  detach(pipe: ProtocolPipe): void {
    this.#inbox.remove(pipe, this.#host);
  }

  receive(pipe: ProtocolPipe, message: Message): void {
    this.#inbox.pass(pipe, message, this.#host, this);
  }

  run(): MessageRun | undefined {
    return this.#inbox.run(this.#host, this);
  }

  writable(): void {
    // Nothing is sent.
  }

  tryReceive(): Message | undefined {
    return this.#inbox.take(this.#host.run(this) !== undefined);
  }

  close(): void {
    this.#inbox.close(this.#host);
  }
}

function definition(className: string, raw: boolean): ProtocolDefinition {
  return {
    info: { id: 0x51, name: "pull", peerId: 0x50, peerName: "push", className, peerClassName: "Push0", raw },
    options: {},
    create(host) {
      const protocol = new PullProtocol(host);
      return { protocol, operations: protocol };
    },
  };
}

const pull0 = definition("Pull0", false);
const rawPull0 = definition("RawPull0", true);

/**
 * Takes work from `Push0`, nng push and nanomsg push.
 *
 * @example
 * const pull = new Pull0({ transports: [tcp()] });
 * await pull.dial("tcp://127.0.0.1:5557");
 * for await (const job of pull) await work(job);
 */
export class Pull0 extends Receiving(Socket) {
  constructor(options?: SocketOptions) {
    super(pull0, options);
  }
}

/** `Pull0` for devices: gives whole messages. */
export class RawPull0 extends ReceivingMessages(Socket) {
  constructor(options?: SocketOptions) {
    super(rawPull0, options);
  }
}
