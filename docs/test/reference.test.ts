/** The tables that readers look things up in are complete, and agree with the code. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Bus0 } from "@sprocket/bus";
import * as core from "@sprocket/core";
import { Pair1 } from "@sprocket/pair";
import { Push0 } from "@sprocket/pipeline";
import { Pub0, Sub0 } from "@sprocket/pubsub";
import { Rep0, Req0 } from "@sprocket/reqrep";
import { Respondent0, Surveyor0 } from "@sprocket/survey";
import { expect, test } from "vitest";
import { repository } from "./support/documents.js";

const read = (path: string): string => readFileSync(join(repository, path), "utf8");

/** The cells of the row that begins with this name, as they are written. */
function row(text: string, name: string): string[] {
  const line = text.split(/\r?\n/).find((each) => each.startsWith(`| \`${name}\` |`)) ?? "";
  return line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());
}

/** The options of a class, as its own error text lists them. */
function optionNames(make: (options: never) => unknown): string[] {
  try {
    make({ "no option is called so": true } as never);
  } catch (error) {
    const [, list = ""] = /Its options are: (.*)\.$/.exec((error as Error).message) ?? [];
    return list.split(", ");
  }
  return [];
}

/** What a table says of a default: numbers with separators, `Infinity`. */
function presetOf(value: unknown): string {
  if (value === Number.POSITIVE_INFINITY) return "`Infinity`";
  return typeof value === "number" ? value.toLocaleString("en") : "";
}

test("every error has a row with its code and number", () => {
  const readme = read("packages/core/README.md");
  const classes = Object.entries(core).filter(([name]) => name.endsWith("Error") && name !== "SprocketError");
  const codes = classes
    .map(([, type]) => (type as { code?: string }).code)
    .filter((code) => code !== undefined);
  expect(codes.sort()).toEqual(Object.keys(core.errnos).sort());
  for (const [name, type] of classes) {
    const { code } = type as { code?: core.ErrorCode };
    if (code === undefined) continue;
    expect(row(readme, name).slice(1, 3)).toEqual([`\`${code}\``, String(core.errnos[code])]);
  }
});

test("every option has a row with its default", () => {
  const common = optionNames((options) => new Req0(options)).filter((name) => name !== "resendTime");
  expect(common).toContain("receiveTimeout");
  const own = (make: (options: never) => unknown): string[] =>
    optionNames(make).filter((name) => !common.includes(name));
  const tables = [
    ["core", new Req0(), common],
    ["pair", new Pair1(), own((options) => new Pair1(options))],
    ["reqrep", new Req0(), own((options) => new Req0(options))],
    ["reqrep", new Rep0(), own((options) => new Rep0(options))],
    ["pubsub", new Pub0(), own((options) => new Pub0(options))],
    ["pubsub", new Sub0(), own((options) => new Sub0(options))],
    ["pipeline", new Push0(), own((options) => new Push0(options))],
    ["survey", new Surveyor0(), own((options) => new Surveyor0(options))],
    ["survey", new Respondent0(), own((options) => new Respondent0(options))],
    ["bus", new Bus0(), own((options) => new Bus0(options))],
  ] as const;
  for (const [home, socket, names] of tables) {
    const readme = read(`packages/${home}/README.md`);
    for (const name of names) {
      const [, , preset] = row(readme, name);
      expect(preset, `${name} in the README of ${home}`).toBeDefined();
      expect(preset).toContain(presetOf(Reflect.get(socket, name)));
    }
  }
});

test("every event and every reason of a drop is told", () => {
  const readme = read("packages/core/README.md");
  const source = read("packages/core/src/events.ts");
  const [, map = ""] = /interface SocketEventMap \{(.*?)\n\}/s.exec(source) ?? [];
  const [, reasons = ""] = /type DropReason =(.*?);/s.exec(source) ?? [];
  const events = [...map.matchAll(/^ {2}(\w+):/gm)].map(([, name = ""]) => name);
  expect(events).toContain("pipeopen");
  for (const name of events) expect(readme).toMatch(new RegExp(`^\\| (?:\`\\w+\`, )*\`${name}\``, "m"));
  const drops = [...reasons.matchAll(/\| "([a-z-]+)"/g)].map(([, name = ""]) => name);
  expect(drops).toContain("queue-full");
  for (const name of drops) expect(readme).toContain(`\`${name}\``);
});

test("ARCHITECTURE tells of the files of core, all of them and no others", () => {
  const files = readdirSync(join(repository, "packages/core/src"), { recursive: true, encoding: "utf8" })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => file.endsWith(".ts"));
  const [, table = ""] =
    /## The files of core\n(.*?)\n## /s.exec(read("ARCHITECTURE.md").replaceAll("\r", "")) ?? [];
  const told = [...table.matchAll(/^\| (`.*?`) \|/gm)].flatMap(
    ([, cell = ""]) => cell.match(/[\w./-]+/g) ?? [],
  );
  expect(told.sort()).toEqual(files.sort());
});
