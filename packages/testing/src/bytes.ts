/**
 * Bytes as tests write them: hex with blanks, big-endian integers, one after another.
 */

/** `hex("00 53 50")`: bytes from hex digits; blanks are ignored. */
export function hex(digits: string): Uint8Array<ArrayBuffer> {
  const clean = digits.replace(/\s+/g, "");
  if (clean.length % 2 !== 0 || /[^0-9a-f]/i.test(clean))
    throw new TypeError(`not whole bytes in hex: ${digits}`);
  const bytes = new Uint8Array(clean.length / 2);
  for (let at = 0; at < bytes.length; at++) bytes[at] = Number.parseInt(clean.slice(2 * at, 2 * at + 2), 16);
  return bytes;
}

/** The other way round, two digits a byte, without blanks. */
export function toHex(bytes: Uint8Array): string {
  let digits = "";
  for (const byte of bytes) digits += byte.toString(16).padStart(2, "0");
  return digits;
}

export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

export function u32(value: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value >>> 0);
  return bytes;
}

export function u64(value: number | bigint): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}

/** One after another in a new array; a string stands for its UTF-8. */
export function concat(...parts: readonly (Uint8Array | string)[]): Uint8Array<ArrayBuffer> {
  const pieces = parts.map((part) => (typeof part === "string" ? utf8(part) : part));
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
