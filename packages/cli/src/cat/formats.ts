// What a received message looks like on standard output. Byte for byte what nngcat prints, so that whatever reads its
// output reads ours: only `quoted` and `hex` end a message with a newline, `msgpack` announces the length, and with
// `raw` and `ascii` messages run into each other.

export const formats = {
  no: () => new Uint8Array(0),
  raw: (body: Uint8Array) => body,
  ascii: (body: Uint8Array) => body.map((byte) => (isPrintable(byte) ? byte : 0x2e)),
  quoted: (body: Uint8Array) => inQuotes(body, quotedBytes),
  hex: (body: Uint8Array) => inQuotes(body, hexBytes),
  msgpack: (body: Uint8Array) => withBinHeader(body),
} as const satisfies Record<string, (body: Uint8Array) => Uint8Array>;

export type FormatName = keyof typeof formats;

export function isFormatName(name: string): name is FormatName {
  return Object.hasOwn(formats, name);
}

/** Decided by value, not by locale: 7-bit, space to tilde. */
function isPrintable(byte: number): boolean {
  return byte >= 0x20 && byte <= 0x7e;
}

const hexBytes = Array.from({ length: 256 }, (_, byte) => `\\x${byte.toString(16).padStart(2, "0")}`);

const namedEscapes = new Map([
  [0x09, "\\t"],
  [0x0a, "\\n"],
  [0x0d, "\\r"],
  [0x22, '\\"'],
  [0x5c, "\\\\"],
]);

const quotedBytes = hexBytes.map(
  (hex, byte) => namedEscapes.get(byte) ?? (isPrintable(byte) ? String.fromCharCode(byte) : hex),
);

function inQuotes(body: Uint8Array, texts: readonly string[]): Uint8Array {
  let text = "";
  for (const byte of body) {
    text += texts[byte];
  }
  return Buffer.from(`"${text}"\n`, "latin1");
}

/** MessagePack "bin": 8, 16 or 32 bits of length, whichever is the first to fit. */
function withBinHeader(body: Uint8Array): Uint8Array {
  const { length } = body;
  const header = Buffer.alloc(length < 0x100 ? 2 : length < 0x1_0000 ? 3 : 5);
  if (header.length === 2) {
    header.writeUInt8(0xc4);
    header.writeUInt8(length, 1);
  } else if (header.length === 3) {
    header.writeUInt8(0xc5);
    header.writeUInt16BE(length, 1);
  } else {
    header.writeUInt8(0xc6);
    header.writeUInt32BE(length, 1);
  }
  return Buffer.concat([header, body]);
}
