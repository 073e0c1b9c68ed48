/** Lines of the chat are plain text, `name: words`, so that `nngcat --bus0` can read and write them as well. */

const NAME_MAX = 24;
const LINE_MAX = 500;
/** Who writes without a name. */
const NAMELESS = "guest";

export interface ChatLine {
  readonly from: string;
  readonly words: string;
}

/** What may stand in front of the colon. */
export function cleanName(name: string): string {
  return shorten(printable(name).replaceAll(":", " ").replace(/\s+/g, " ").trim(), NAME_MAX);
}

export function formatLine({ from, words }: ChatLine): string {
  return `${cleanName(from) || NAMELESS}: ${words}`;
}

/** Undefined: nothing was said. */
export function parseLine(text: string): ChatLine | undefined {
  const [, name = "", rest] = /^([^:\n]{1,40}): ?(.*)$/s.exec(text) ?? [];
  const from = cleanName(name);
  const words = cleanWords(rest === undefined || from === "" ? text : rest);
  if (words === "") return undefined;
  return { from: rest === undefined || from === "" ? NAMELESS : from, words };
}

export function cleanWords(text: string): string {
  return shorten(printable(text).trim(), LINE_MAX);
}

/** One line without control characters: it is also printed on a terminal. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ");
}

function shorten(text: string, length: number): string {
  const letters = Array.from(text);
  return letters.length > length ? `${letters.slice(0, length - 1).join("")}…` : text;
}
