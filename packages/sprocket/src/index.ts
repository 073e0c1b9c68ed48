/**
 * Batteries included: every socket class, with every transport of the runtime plugged in, and all that core gives.
 */
export * from "@sprocket/core";
export * from "#transports";
export * from "./bus.js";
export * from "./pair.js";
export * from "./pipeline.js";
export { capabilities } from "./plugged.js";
export * from "./pubsub.js";
export * from "./reqrep.js";
export * from "./survey.js";
