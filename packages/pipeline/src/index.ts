/** `Push0` hands out work, `Pull0` takes it. */
export { Pull0, RawPull0 } from "./pull.js";
export { Push0, type Push0Options, RawPush0 } from "./push.js";
