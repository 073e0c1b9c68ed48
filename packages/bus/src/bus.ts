/**
 * BUS (reference 4.9): what one says, all its direct peers hear.
 *
 *     Bus0 ◄──payload──► Bus0, Bus0, …
 *
 * Nothing is forwarded: a mesh of all with all is the application's task. A send never waits; a slow peer's queue of
 * `sendBufferSize` messages drops the newest, and so does the receive queue, both counted and reported.
 *
 * Raw: a received header is the id of the pipe; a header on send names the pipe that is left out, so that a device with
 * one socket is a hub.
 */
import type { Message, SocketOptions } from "@sprocket/core";
import {
  count,
  FanOut,
  LossyQueue,
  type Operations,
  PipeHolds,
  type Protocol,
  type ProtocolDefinition,
  type ProtocolHost,
  type ProtocolPipe,
  Receiving,
  ReceivingMessages,
  Sending,
  Socket,
} from "@sprocket/core/plugin";

export interface Bus0Options extends SocketOptions {
  /** Messages that wait for each slow peer, 1 to 8,192, default 16; beyond, the newest is dropped. (nng `send-buffer`) */
  readonly sendBufferSize?: number | undefined;
  /** Messages that wait for the application, 1 to 8,192, default 16; beyond, the newest is dropped. (nng `recv-buffer`) */
  readonly receiveBufferSize?: number | undefined;
}

class BusProtocol implements Protocol, Operations {
  readonly canSend = true;
  readonly #host: ProtocolHost;
  readonly #fanOut: FanOut;
  readonly #queue: LossyQueue;
  /** Raw sockets name pipes by id. */
  readonly #pipes = new Map<number, ProtocolPipe>();

  constructor(host: ProtocolHost) {
    this.#host = host;
    this.#fanOut = new FanOut(host, host.options.sendBufferSize as number, "drop-newest");
    this.#queue = new LossyQueue(
      host,
      new PipeHolds(host),
      host.options.receiveBufferSize as number,
      "drop-newest",
    );
  }

  get canReceive(): boolean {
    return this.#queue.length > 0;
  }

  get congested(): boolean {
    return this.#fanOut.congested;
  }

  get queued(): number {
    return this.#fanOut.queued;
  }

  attach(pipe: ProtocolPipe): void {
    this.#fanOut.add(pipe);
    this.#pipes.set(pipe.id, pipe);
  }

  detach(pipe: ProtocolPipe): void {
    this.#fanOut.remove(pipe);
    this.#pipes.delete(pipe.id);
  }

  receive(pipe: ProtocolPipe, message: Message): void {
    const received = this.#host.info.raw ? message.withHeaderWord(pipe.id) : message;
    this.#queue.put(received, pipe, this);
  }

  writable(pipe: ProtocolPipe): void {
    this.#fanOut.writable(pipe);
  }

  trySend(message: Message): boolean {
    const { header } = message;
    this.#fanOut.send(message.withoutHeader(), this.#origin(header));
    return true;
  }

  tryReceive(): Message | undefined {
    return this.#queue.take();
  }

  optionChanged(name: string): void {
    const { sendBufferSize, receiveBufferSize } = this.#host.options;
    if (name === "sendBufferSize") this.#fanOut.resize(sendBufferSize as number);
    if (name === "receiveBufferSize") this.#queue.configure(receiveBufferSize as number, "drop-newest");
  }

  close(): void {
    this.#fanOut.clear();
    this.#queue.clear("closed");
  }

  /** Raw only: a cooked socket ignores whatever header a message has. */
  #origin(header: Uint8Array): ProtocolPipe | undefined {
    if (!this.#host.info.raw || header.length < 4) return undefined;
    return this.#pipes.get(new DataView(header.buffer, header.byteOffset, 4).getUint32(0));
  }
}

function definition(className: string, raw: boolean): ProtocolDefinition {
  return {
    info: { id: 0x70, name: "bus", peerId: 0x70, peerName: "bus", className, peerClassName: "Bus0", raw },
    options: {
      sendBufferSize: count({ default: 16, min: 1, max: 8192, writable: true }),
      receiveBufferSize: count({ default: 16, min: 1, max: 8192, writable: true }),
    },
    create(host) {
      const protocol = new BusProtocol(host);
      return { protocol, operations: protocol };
    },
  };
}

const bus0 = definition("Bus0", false);
const rawBus0 = definition("RawBus0", true);

abstract class BusSocket extends Socket {
  /** Messages for each peer. */
  get sendBufferSize(): number {
    return this.getOption("sendBufferSize") as number;
  }

  set sendBufferSize(value: number) {
    this.setOption("sendBufferSize", value);
  }

  /** Messages. */
  get receiveBufferSize(): number {
    return this.getOption("receiveBufferSize") as number;
  }

  set receiveBufferSize(value: number) {
    this.setOption("receiveBufferSize", value);
  }
}

/**
 * Talks to every `Bus0`, nng bus and nanomsg bus that it is connected with.
 *
 * @example
 * const bus = new Bus0({ transports: [tcp()] });
 * await bus.listen("tcp://127.0.0.1:0");
 * for (const url of others) await bus.dial(url, { mode: "background" });
 * await bus.send("hello, all of you");
 */
export class Bus0 extends Sending(Receiving(BusSocket)) {
  constructor(options?: Bus0Options) {
    super(bus0, options);
  }
}

/** `Bus0` for devices: messages carry the id of their pipe in the header, and are not sent back to it. */
export class RawBus0 extends Sending(ReceivingMessages(BusSocket)) {
  constructor(options?: Bus0Options) {
    super(rawBus0, options);
  }
}
