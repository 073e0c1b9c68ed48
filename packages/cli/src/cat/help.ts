// The text of `sprocket cat --help`, made from the option table so that the two cannot part.

import { type CatOption, sections } from "./options.js";

const synopsis = "Usage: sprocket cat <protocol> <address>... [<option>...]";

const remarks = `Long names may be shortened while they stay unambiguous (--req, --surv). A value follows its option as the
next argument, behind "=" or ":", or right behind a short name: --data hello, --data=hello, -Dhello.
`;

export function helpText(): string {
  const listed = sections.map(({ title, options }) => ({
    title,
    rows: options
      .filter(({ help }) => help !== undefined)
      .map((option) => [names(option), option.help ?? ""] as const),
  }));
  const width = Math.max(...listed.flatMap(({ rows }) => rows.map(([left]) => left.length)));
  const blocks = listed.map(({ title, rows }) =>
    [`${title}:`, ...rows.map(([left, help]) => `  ${left.padEnd(width)}  ${help}`.trimEnd())].join("\n"),
  );
  return `${[synopsis, ...blocks, remarks].join("\n\n")}`;
}

function names({ long, short, value }: CatOption): string {
  const dashed = short === undefined ? `    --${long}` : `-${short}, --${long}`;
  return value === undefined ? dashed : `${dashed} <${value}>`;
}
