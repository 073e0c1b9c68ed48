/** `@sprocket/pubsub`, plugged in. */
import type { SocketOptions } from "@sprocket/core";
import {
  Pub0 as PlainPub0,
  RawPub0 as PlainRawPub0,
  RawSub0 as PlainRawSub0,
  Sub0 as PlainSub0,
  type Pub0Options,
  type Sub0Options,
  type SubContextOptions,
} from "@sprocket/pubsub";
import { plugged } from "./plugged.js";

export * from "@sprocket/pubsub";

/** Publishes to every `Sub0`; with every transport of the runtime. */
export class Pub0 extends PlainPub0 {
  constructor(options?: Pub0Options) {
    super(plugged(options));
  }
}

/** `Pub0` for devices; with every transport of the runtime. */
export class RawPub0 extends PlainRawPub0 {
  constructor(options?: Pub0Options) {
    super(plugged(options));
  }
}

/** `Sub0` for devices; with every transport of the runtime. */
export class RawSub0 extends PlainRawSub0 {
  constructor(options?: SocketOptions & Pick<SubContextOptions, "receiveBufferSize" | "onOverflow">) {
    super(plugged(options));
  }
}

/** Takes what begins with its topics; with every transport of the runtime. */
export class Sub0 extends PlainSub0 {
  constructor(options?: Sub0Options) {
    super(plugged(options));
  }
}
