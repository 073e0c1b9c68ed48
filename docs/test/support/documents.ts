/**
 * The documents of the repository, and what is tested of them: fenced examples, links, headings.
 *
 * Every `js` example runs and every `ts` example compiles as it stands. One that is only a part of a program says so in a
 * comment above it, which no reader sees: `<!-- fragment -->`.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

export const repository = fileURLToPath(new URL("../../..", import.meta.url));

export interface Example {
  /** File and line, for the title of a test. */
  readonly where: string;
  readonly code: string;
}

export interface Link {
  readonly where: string;
  readonly target: string;
}

export class Document {
  /** Relative to the repository, with slashes. */
  readonly path: string;
  readonly #lines: readonly string[];

  constructor(file: string) {
    this.path = relative(repository, file).split(sep).join("/");
    this.#lines = readFileSync(file, "utf8").split(/\r?\n/);
  }

  get folder(): string {
    return dirname(join(repository, this.path));
  }

  /** What stands between fences of a language, except for fragments. */
  examples(language: string): Example[] {
    const found: Example[] = [];
    for (const { first, last, info } of this.#fences()) {
      const [name] = info.split(/\s/);
      if (name !== language || this.#lines[first - 1]?.trim() === "<!-- fragment -->") continue;
      found.push({
        where: `${this.path}:${first + 1}`,
        code: this.#lines.slice(first + 1, last).join("\n"),
      });
    }
    return found;
  }

  /** Targets of links and pictures in the text: `[words](target)`. */
  links(): Link[] {
    const found: Link[] = [];
    for (const { line, at } of this.#prose()) {
      for (const [, target = ""] of line.replace(/`[^`]*`/g, "").matchAll(/\]\(([^)\s]+)[^)]*\)/g)) {
        found.push({ where: `${this.path}:${at + 1}`, target });
      }
    }
    return found;
  }

  /** What a link may name behind `#`: the headings, as GitHub writes them in addresses. */
  anchors(): Set<string> {
    const anchors = new Set<string>();
    for (const { line } of this.#prose()) {
      const [, heading] = /^#{1,6}\s+(.*?)\s*$/.exec(line) ?? [];
      if (heading === undefined) continue;
      const slug = heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, "")
        .replace(/\s/g, "-");
      let anchor = slug;
      for (let twin = 1; anchors.has(anchor); twin++) anchor = `${slug}-${twin}`;
      anchors.add(anchor);
    }
    return anchors;
  }

  /** Lines outside fences. */
  #prose(): { line: string; at: number }[] {
    const hidden = new Set<number>();
    for (const { first, last } of this.#fences()) {
      for (let at = first; at <= last; at++) hidden.add(at);
    }
    return this.#lines.flatMap((line, at) => (hidden.has(at) ? [] : [{ line, at }]));
  }

  #fences(): { first: number; last: number; info: string }[] {
    const found: { first: number; last: number; info: string }[] = [];
    for (let first = 0; first < this.#lines.length; first++) {
      const [, indent = "", fence, info = ""] = /^(\s*)(`{3,})(.*)$/.exec(this.#lines[first] ?? "") ?? [];
      if (fence === undefined) continue;
      const end = this.#lines.findIndex((line, at) => at > first && line.trimEnd() === indent + fence);
      if (end < 0) throw new Error(`${this.path}:${first + 1}: this fence is never closed.`);
      found.push({ first, last: end, info: info.trim() });
      first = end;
    }
    return found;
  }
}

const LEFT_OUT = new Set(["node_modules", "dist", "coverage"]);

/** Every Markdown file of the repository but for changelogs, which tools write. */
export function documents(): Document[] {
  const found: Document[] = [];
  const folders = [repository];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() && !LEFT_OUT.has(entry.name) && !entry.name.startsWith(".")) folders.push(path);
      if (entry.isFile() && entry.name.endsWith(".md") && entry.name !== "CHANGELOG.md")
        found.push(new Document(path));
    }
  }
  return found.sort((one, other) => (one.path < other.path ? -1 : 1));
}
