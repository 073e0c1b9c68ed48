/**
 * PUB (reference 4.3): every message goes to every subscriber, which filters for itself.
 *
 *     Pub0 ──payload──► Sub0, Sub0, …
 *
 * A publisher never waits. What a slow subscriber's pipe cannot take waits in `sendBufferSize` messages of its own; when
 * they are full the oldest is dropped, counted and reported. A peer that sends is closed.
 */
import { type Message, ProtocolError, type SocketOptions } from "@sprocket/core";
import {
  count,
  FanOut,
  type Operations,
  type Protocol,
  type ProtocolDefinition,
  type ProtocolHost,
  type ProtocolInfo,
  type ProtocolPipe,
  Sending,
  Socket,
} from "@sprocket/core/plugin";

export interface Pub0Options extends SocketOptions {
  /** Messages that wait for each slow subscriber, 1 to 8,192, default 16; beyond, the oldest is dropped. (nng `send-buffer`) */
  readonly sendBufferSize?: number | undefined;
}

class PubProtocol implements Protocol, Operations {
  readonly canSend = true;
  readonly #host: ProtocolHost;
  readonly #fanOut: FanOut;

  constructor(host: ProtocolHost) {
    this.#host = host;
    this.#fanOut = new FanOut(host, host.options.sendBufferSize as number, "drop-oldest");
  }

  get congested(): boolean {
    return this.#fanOut.congested;
  }

  get queued(): number {
    return this.#fanOut.queued;
  }

  attach(pipe: ProtocolPipe): void {
    this.#fanOut.add(pipe);
  }

  detach(pipe: ProtocolPipe): void {
    this.#fanOut.remove(pipe);
  }

  receive(pipe: ProtocolPipe, message: Message): void {
    this.#host.drop("unexpected", message.length, pipe);
    pipe.close(
      new ProtocolError("A subscriber sent a message, which only publishers may.", { reason: "malformed" }),
    );
  }

  writable(pipe: ProtocolPipe): void {
    this.#fanOut.writable(pipe);
  }

  trySend(message: Message): boolean {
    this.#fanOut.send(message);
    return true;
  }

  optionChanged(name: string): void {
    if (name === "sendBufferSize") this.#fanOut.resize(this.#host.options.sendBufferSize as number);
  }

  close(): void {
    this.#fanOut.clear();
  }
}

function definition(className: string, raw: boolean): ProtocolDefinition {
  const info: ProtocolInfo = {
    id: 0x20,
    name: "pub",
    peerId: 0x21,
    peerName: "sub",
    className,
    peerClassName: "Sub0",
    raw,
  };
  return {
    info,
    options: { sendBufferSize: count({ default: 16, min: 1, max: 8192, writable: true }) },
    create(host) {
      const protocol = new PubProtocol(host);
      return { protocol, operations: protocol };
    },
  };
}

const pub0 = definition("Pub0", false);
const rawPub0 = definition("RawPub0", true);

abstract class PubSocket extends Socket {
  /** Messages for each subscriber. */
  get sendBufferSize(): number {
    return this.getOption("sendBufferSize") as number;
  }

  set sendBufferSize(value: number) {
    this.setOption("sendBufferSize", value);
  }
}

/**
 * Publishes to `Sub0`, nng sub and nanomsg sub. A topic is the beginning of the message.
 *
 * @example
 * const pub = new Pub0({ transports: [tcp()] });
 * await pub.listen("tcp://127.0.0.1:5556");
 * await pub.waitForPipes(1);
 * await pub.send("weather/rain 4 mm");
 */
export class Pub0 extends Sending(PubSocket) {
  constructor(options?: Pub0Options) {
    super(pub0, options);
  }
}

/** `Pub0` for devices. PUB has no header, so it does the same. */
export class RawPub0 extends Sending(PubSocket) {
  constructor(options?: Pub0Options) {
    super(rawPub0, options);
  }
}
