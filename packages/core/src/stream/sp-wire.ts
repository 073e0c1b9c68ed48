/**
 * The wire format of the Scalability Protocols on byte streams (reference 1.2, 2.1): an 8-byte greeting, then
 * `u64 length + header + body` for each message; ipc puts a type byte 0x01 in front of the length.
 */
import { ProtocolError } from "../errors.js";
import { SpDecoder } from "./decoder.js";
import { SpEncoder } from "./encoder.js";
import type { Wire } from "./wire.js";

const GREETING = 8;

/** tcp and tls+tcp. */
export const spWire: Wire = wire("sp", 0);

/** ipc: with the type byte. */
export const spIpcWire: Wire = wire("sp-ipc", 1);

/** By protocol; only ever read. */
const greetings = new Map<number, Uint8Array>();

function greetingOf(protocol: number): Uint8Array {
  let greeting = greetings.get(protocol);
  if (greeting === undefined) {
    greeting = Uint8Array.of(0, 0x53, 0x50, 0, protocol >>> 8, protocol & 0xff, 0, 0);
    greetings.set(protocol, greeting);
  }
  return greeting;
}

function wire(name: string, prefix: 0 | 1): Wire {
  return Object.freeze<Wire>({
    name,
    greetingLength: GREETING,
    greeting: greetingOf,
    readGreeting,
    decoder: (limit, sink, memory) => new SpDecoder(limit, prefix, sink, memory),
    encoder: (stream, options) => new SpEncoder(stream, prefix, options),
  });
}

function readGreeting(bytes: Uint8Array): number {
  if (bytes[0] !== 0 || bytes[1] !== 0x53 || bytes[2] !== 0x50) {
    const tls = (bytes[0] === 0x15 || bytes[0] === 0x16) && bytes[1] === 3;
    throw new ProtocolError(
      tls
        ? "The peer speaks TLS, and we do not: use tls+tcp:// on both sides, or tcp:// on both."
        : `The peer does not speak SP: it began with ${hex(bytes.subarray(0, 4))} instead of 00 53 50 00.`,
      {
        reason: "bad-magic",
      },
    );
  }
  if (bytes[3] !== 0) {
    throw new ProtocolError(`The peer speaks version ${bytes[3]} of SP; only version 0 exists.`, {
      reason: "bad-version",
    });
  }
  if (bytes[6] !== 0 || bytes[7] !== 0) {
    throw new ProtocolError(`The peer set reserved bits in its greeting: ${hex(bytes.subarray(6, 8))}.`, {
      reason: "reserved-bits",
    });
  }
  return ((bytes[4] as number) << 8) | (bytes[5] as number);
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}
