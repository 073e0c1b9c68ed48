import { Buffer } from "node:buffer";
import process from "node:process";
import { nodeMemory } from "@sprocket/core/stream";

/** Where what we receive lies. */
export const memory = nodeMemory(process.versions, Buffer.allocUnsafeSlow);
