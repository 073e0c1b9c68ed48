/** `@sprocket/pipeline`, plugged in. */
import type { SocketOptions } from "@sprocket/core";
import {
  Pull0 as PlainPull0,
  Push0 as PlainPush0,
  RawPull0 as PlainRawPull0,
  RawPush0 as PlainRawPush0,
  type Push0Options,
} from "@sprocket/pipeline";
import { plugged } from "./plugged.js";

export * from "@sprocket/pipeline";

/** Takes the work that `Push0` hands out; with every transport of the runtime. */
export class Pull0 extends PlainPull0 {
  constructor(options?: SocketOptions) {
    super(plugged(options));
  }
}

/** Hands out work, each message to one `Pull0`; with every transport of the runtime. */
export class Push0 extends PlainPush0 {
  constructor(options?: Push0Options) {
    super(plugged(options));
  }
}

/** `Pull0` for devices; with every transport of the runtime. */
export class RawPull0 extends PlainRawPull0 {
  constructor(options?: SocketOptions) {
    super(plugged(options));
  }
}

/** `Push0` for devices; with every transport of the runtime. */
export class RawPush0 extends PlainRawPush0 {
  constructor(options?: Push0Options) {
    super(plugged(options));
  }
}
