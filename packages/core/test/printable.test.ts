import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { printable } from "../src/printable.js";

describe("text from outside, in an error text,", () => {
  test.each([
    ["plain", "plain"],
    ["Zürich 東京 🙂", "Zürich 東京 🙂"],
    ["a\u001b[2Jb", "a\\u{1b}[2Jb"],
    ["line\r\nbreak\0", "line\\u{d}\\u{a}break\\u{0}"],
    ["\u202egnp.exe", "\\u{202e}gnp.exe"],
    ["\u200b\u2028\ufeff\u0085", "\\u{200b}\\u{2028}\\u{feff}\\u{85}"],
    ['say "hi" \\', 'say \\"hi\\" \\\\'],
    ["\ud800", "\\u{d800}"],
  ])("shows %j as %j", (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  test("is cut at 64 characters, and says so", () => {
    expect(printable("x".repeat(64))).toBe("x".repeat(64));
    expect(printable("x".repeat(65))).toBe(`${"x".repeat(64)}…`);
    expect(printable("🙂🙂🙂", 2)).toBe("🙂🙂…");
  });

  test("never holds a control character or a direction mark", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 100 }), (text) => {
        expect(printable(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
      }),
    );
  });
});
