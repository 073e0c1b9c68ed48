/**
 * Golden bytes: what SP looks like on a stream, captured from nng 1.5.2 and 2.0 unless said otherwise. Hex strings,
 * so that they can be read, compared and copied into other languages; `hex()` makes bytes of them.
 */
import { concat, u64 } from "./bytes.js";

/** The number of each protocol, by its SP name (pair0 is `pair` in WebSocket subprotocols). */
export const protocolNumbers = {
  pair0: 0x10,
  pair1: 0x11,
  pub: 0x20,
  sub: 0x21,
  req: 0x30,
  rep: 0x31,
  push: 0x50,
  pull: 0x51,
  surveyor: 0x62,
  respondent: 0x63,
  bus: 0x70,
} as const;

/** The 8 bytes that each protocol sends first on tcp, tls and ipc. */
export const handshakes = {
  pair0: "0053500000100000",
  pair1: "0053500000110000",
  pub: "0053500000200000",
  sub: "0053500000210000",
  req: "0053500000300000",
  rep: "0053500000310000",
  push: "0053500000500000",
  pull: "0053500000510000",
  surveyor: "0053500000620000",
  respondent: "0053500000630000",
  bus: "0053500000700000",
} as const;

/** Handshakes that must end the connection, and why. */
export const badHandshakes = [
  { why: "wrong magic", bytes: "0053580000300000" },
  { why: "magic without the leading zero", bytes: "5353500000300000" },
  { why: "version 1", bytes: "0053500100300000" },
  { why: "first reserved byte set", bytes: "0053500000300100" },
  { why: "second reserved byte set", bytes: "0053500000300001" },
  { why: "HTTP", bytes: "474554202f20485454502f312e310d0a0d0a" },
  { why: "TLS client hello", bytes: "1603010200010001fc0303" },
] as const;

/** One message each: the payload, and its frame on tcp (or tls) and on ipc. */
export const frames = [
  { what: "empty", payload: "", tcp: "0000000000000000", ipc: "010000000000000000" },
  {
    what: "abc, as PUSH sends it",
    payload: "616263",
    tcp: "0000000000000003616263",
    ipc: "010000000000000003616263",
  },
  {
    what: "hello, as REQ sends it, id d6d77362",
    payload: "d6d7736268656c6c6f",
    tcp: "0000000000000009d6d7736268656c6c6f",
    ipc: "010000000000000009d6d7736268656c6c6f",
  },
  {
    what: "yo, as PAIR1 sends it",
    payload: "00000001796f",
    tcp: "000000000000000600000001796f",
    ipc: "01000000000000000600000001796f",
  },
] as const;

/** Announced lengths that no receiver may set memory aside for. */
export const absurdLengths = [
  "0000010000000000",
  "0800000000000000",
  "1000000000000000",
  "8000000000000000",
  "ffffffffffffffff",
] as const;

/** What travels between REQ and REP, header words included. */
export const reqrepVectors = {
  /** A request straight from its requester: id, payload "hi". */
  request: "800000016869",
  /** Its reply "yo": the same id. */
  reply: "80000001796f",
  /** A request that came over seven devices: seven hops, newest first, then the id. */
  sevenHops: "000000070000000600000005000000040000000300000002000000018000000a6869",
  /** The most hops that TTL 8 lets through is seven; this one has eight. */
  eightHops: "00000008000000070000000600000005000000040000000300000002000000018000000a6869",
  /** Ends the connection: no word, half a word, and a stack that never ends. */
  malformed: ["", "800000", "00000001"],
} as const;

/** PAIR1 headers at a TTL of 8: what each hop count does. */
export const pair1Vectors = {
  /** What an originator sends in front of its payload. */
  originated: "00000001",
  accepted: ["00000000", "00000001", "00000008"],
  /** Dropped; the connection stays. */
  dropped: ["00000009", "000000ff"],
  /** Ends the connection: a count beyond a byte, and half a header. */
  malformed: ["00000100", "80000001", "000000"],
} as const;

/** The 8 bytes that a peer with this protocol number sends first. */
export function spHeader(protocol: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array([0x00, 0x53, 0x50, 0x00, (protocol >> 8) & 0xff, protocol & 0xff, 0x00, 0x00]);
}

/** How a message is framed: `tcp` also stands for tls. */
export type Framing = "tcp" | "ipc";

/** One message as it travels: length in front, and on ipc the type byte in front of that. */
export function frame(framing: Framing, payload: Uint8Array | string): Uint8Array<ArrayBuffer> {
  const body = concat(payload);
  return framing === "ipc"
    ? concat(new Uint8Array([1]), u64(body.length), body)
    : concat(u64(body.length), body);
}
