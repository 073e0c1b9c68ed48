// Whole numbers as nngcat reads them: digits only, no sign, no unit, and a 32-bit register whose sign bit is the overflow
// alarm, looked at in the end. It wraps where C's int does (4294967296 reads as 0), so that a line fails here and there
// or nowhere.

import { CatError } from "./cat-error.js";

export const largestInteger = 0x7fff_ffff;

export function parseInteger(text: string, limit: number): number {
  if (text === "") {
    throw new CatError("Empty integer argument.");
  }
  let value = 0;
  for (const digit of text) {
    if (digit < "0" || digit > "9") {
      throw new CatError("Integer argument expected.");
    }
    value = (Math.imul(value, 10) + (digit.charCodeAt(0) - 0x30)) | 0;
    if (value > limit) {
      throw new CatError("Integer argument too large.");
    }
  }
  if (value < 0) {
    throw new CatError("Integer argument overflow.");
  }
  return value;
}
