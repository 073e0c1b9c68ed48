/** The bytes that peers and tests agree on without sending them: `peers/peer.h` makes the same. */

/** FNV-1a, as eight hex digits. */
export function checksum(bytes: Uint8Array): string {
  let sum = 0x811c9dc5;
  for (let index = 0; index < bytes.length; index++) {
    sum = Math.imul(sum ^ (bytes[index] as number), 0x01000193);
  }
  return (sum >>> 0).toString(16).padStart(8, "0");
}

/** Bytes that repeat neither every 256 nor every 64 KiB. */
export function pattern(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let index = 0; index < length; index++) {
    bytes[index] = index * 131 + (index >> 8) * 17 + (index >> 16) + seed;
  }
  return bytes;
}

/** Message number `index` of an ordered series: the index, then a tail whose length changes from one to the next. */
export function seriesMessage(index: number): Uint8Array {
  const bytes = new Uint8Array(4 + (index % 41)).fill(index & 255);
  new DataView(bytes.buffer).setUint32(0, index);
  return bytes;
}

/** Which message of the series it is; -1: none. */
export function seriesIndex(message: Uint8Array): number {
  if (message.length < 4) return -1;
  const index = new DataView(message.buffer, message.byteOffset, 4).getUint32(0);
  return Buffer.compare(message, seriesMessage(index)) === 0 ? index : -1;
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}

export function fromHex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "hex"));
}
