/** `Bus0`: what one says, all its direct peers hear. */
export { Bus0, type Bus0Options, RawBus0 } from "./bus.js";
