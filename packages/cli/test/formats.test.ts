// Every byte and every length class, as nngcat 1.5.2 prints them.

import { describe, expect, it } from "vitest";
import { formats } from "../src/cat/formats.js";

const everyByte = Uint8Array.from({ length: 256 }, (_, byte) => byte);
const empty = new Uint8Array(0);

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}

function letters(length: number): Uint8Array {
  return new Uint8Array(length).fill(0x41);
}

it("no prints nothing", () => {
  expect(formats.no()).toHaveLength(0);
});

it("raw prints the bytes", () => {
  expect(formats.raw(everyByte)).toEqual(everyByte);
  expect(formats.raw(empty)).toHaveLength(0);
});

it("ascii prints a dot for each byte outside space to tilde, and no newline", () => {
  expect(text(formats.ascii(everyByte))).toBe(
    ".".repeat(32) +
      " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~" +
      ".".repeat(129),
  );
  expect(formats.ascii(empty)).toHaveLength(0);
});

it("quoted prints printable bytes as they are and the others with the escapes of C", () => {
  const hex = (from: number, to: number) =>
    Array.from(
      { length: to - from + 1 },
      (_, index) => `\\x${(from + index).toString(16).padStart(2, "0")}`,
    ).join("");
  expect(text(formats.quoted(everyByte))).toBe(
    `"${hex(0x00, 0x08)}\\t\\n${hex(0x0b, 0x0c)}\\r${hex(0x0e, 0x1f)}` +
      " !\\\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\\\]^_`abcdefghijklmnopqrstuvwxyz{|}~" +
      `${hex(0x7f, 0xff)}"\n`,
  );
  expect(text(formats.quoted(empty))).toBe('""\n');
});

it("hex prints every byte as an escape", () => {
  const lines = text(formats.hex(everyByte));
  expect(lines).toHaveLength(2 + 4 * 256 + 1);
  expect(lines.startsWith('"\\x00\\x01')).toBe(true);
  expect(lines.endsWith('\\xfe\\xff"\n')).toBe(true);
  expect(text(formats.hex(Buffer.from("az")))).toBe('"\\x61\\x7a"\n');
  expect(text(formats.hex(empty))).toBe('""\n');
});

describe("msgpack prints the shortest bin header that fits, then the bytes", () => {
  it.each([
    [0, "c400"],
    [1, "c401"],
    [255, "c4ff"],
    [256, "c50100"],
    [65_535, "c5ffff"],
    [65_536, "c600010000"],
    [1_048_577, "c600100001"],
  ])("%i bytes: %s", (length, header) => {
    const printed = Buffer.from(formats.msgpack(letters(length)));
    const end = header.length / 2;
    expect(printed.subarray(0, end).toString("hex")).toBe(header);
    expect(printed.subarray(end).equals(letters(length))).toBe(true);
  });
});
