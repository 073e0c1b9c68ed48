import { expect, it } from "vitest";
import { argumentBytes, escapeBytes } from "../src/raw-arguments.js";

const cases: readonly [string, readonly number[]][] = [
  ["nothing", []],
  ["text", [...Buffer.from("plain, größer, 日本, 😀")]],
  ["bytes that are never UTF-8", [0xff, 0xfe, 0xc0, 0x41]],
  ["every byte a shell can pass", Array.from({ length: 255 }, (_, index) => index + 1)],
  ["sequences cut short", [0xe6, 0x97, 0x41, 0xf0, 0x9f, 0x98]],
  ["UTF-8 of a lone surrogate", [0xed, 0xb3, 0xbf]],
  ["an overlong NUL", [0xc0, 0x80]],
  ["a byte order mark", [0xef, 0xbb, 0xbf, 0x41]],
];

it.each(cases)("survives the way through a string: %s", (_, bytes) => {
  expect([...argumentBytes(escapeBytes(Uint8Array.from(bytes)))]).toEqual(bytes);
});

it("leaves well-formed text as it is", () => {
  expect(escapeBytes(Buffer.from("größer 😀"))).toBe("größer 😀");
});
