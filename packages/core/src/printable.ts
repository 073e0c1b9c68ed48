/**
 * Text from peers and callers, made fit for an error text or a terminal: capped, and with everything that is not plainly
 * visible escaped. Raw control characters could drive a terminal, direction marks could turn a line around.
 */

/** Controls, format and direction marks, separators, private use and lone surrogates; and what quotes the text. */
const HIDDEN = /[\p{C}\p{Zl}\p{Zp}"\\]/u;

/** The text without quotes around it; `…` says that it went on. */
export function printable(text: string, limit = 64): string {
  let shown = "";
  let count = 0;
  for (const character of text) {
    if (count++ === limit) return `${shown}…`;
    shown += HIDDEN.test(character) ? escaped(character) : character;
  }
  return shown;
}

function escaped(character: string): string {
  if (character === '"' || character === "\\") return `\\${character}`;
  return `\\u{${(character.codePointAt(0) as number).toString(16)}}`;
}
