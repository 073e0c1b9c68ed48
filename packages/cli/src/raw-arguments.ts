// Arguments as bytes. A shell can pass any byte but NUL (`-D $'\xff'`), Node decodes arguments as UTF-8 and puts U+FFFD
// where they are not, and by then the byte is gone. Where the system shows the original (Linux), it is read again, and
// each byte that is no UTF-8 becomes a lone surrogate U+DC80 to U+DCFF: a string that can be searched and split as
// usual, and from which `argumentBytes` makes the original bytes (the way Python does it).

import { readFileSync } from "node:fs";

const escapeBase = 0xdc00;

/** The arguments behind the script, without loss where the system allows it. */
export function rawArguments(): string[] {
  const args = process.argv.slice(2);
  if (!args.some((argument) => argument.includes("\ufffd"))) {
    return args;
  }
  let commandLine: Buffer;
  try {
    commandLine = readFileSync("/proc/self/cmdline");
  } catch {
    return args;
  }
  const originals = splitAtNul(commandLine).slice(-args.length);
  // Anything else than our own arguments seen through Node's eyes is not to be trusted.
  const same = originals.every((bytes, index) => bytes.toString("utf8") === args[index]);
  return same && originals.length === args.length ? originals.map(escapeBytes) : args;
}

function splitAtNul(bytes: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  let start = 0;
  for (let end = bytes.indexOf(0); end >= 0; end = bytes.indexOf(0, start)) {
    parts.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return parts;
}

/** UTF-8 where it is, a lone surrogate for each other byte. */
export function escapeBytes(bytes: Uint8Array): string {
  const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let text = "";
  for (let index = 0; index < bytes.length; ) {
    const length = sequenceLength(bytes[index] as number);
    try {
      text += strict.decode(bytes.subarray(index, index + length));
      index += length;
    } catch {
      text += String.fromCharCode(escapeBase + (bytes[index] as number));
      index += 1;
    }
  }
  return text;
}

function sequenceLength(first: number): number {
  return first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/** The bytes that the caller passed. */
export function argumentBytes(argument: string): Uint8Array {
  // With "u" a pair of surrogates is one character, so that only lone ones are found.
  const parts = argument.split(/([\udc80-\udcff])/u);
  return Buffer.concat(
    parts.map((part, index) =>
      index % 2 === 0 ? Buffer.from(part, "utf8") : Buffer.from([part.charCodeAt(0) - escapeBase]),
    ),
  );
}
