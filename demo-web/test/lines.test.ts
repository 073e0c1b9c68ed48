/** What travels as text: lines of the chat, names, measurements, tiles. */
import { expect, test } from "vitest";
import { cleanName, formatLine, parseLine } from "../src/shared/chat.js";
import { formatSample, METRIC_NAMES, parseSample, topicOf } from "../src/shared/metrics.js";
import { computeTile, frameTile, readTile, TILE, TILE_TOPIC, VIEWS } from "../src/shared/picture.js";
import { readPerson } from "../src/shared/presence.js";

test.each([
  ["Mira: hello", { from: "Mira", words: "hello" }],
  ["Mira: a: b", { from: "Mira", words: "a: b" }],
  ["hello", { from: "guest", words: "hello" }],
  [": hello", { from: "guest", words: ": hello" }],
  ["http://example.org", { from: "http", words: "//example.org" }],
  ["  spaced   out : words  ", { from: "spaced out", words: "words" }],
  ["a\u001b[31m: red\u0007\nline", { from: "a [31m", words: "red line" }],
  ["Mira:", undefined],
  ["", undefined],
  [" \n ", undefined],
])("a line of the chat: %j", (text, line) => {
  expect(parseLine(text)).toEqual(line);
});

test("a line is read as it was written, and what is too long is cut", () => {
  const line = { from: "brisk axle", words: "one: two" };
  expect(parseLine(formatLine(line))).toEqual(line);
  expect(parseLine(formatLine({ from: "a:b", words: "c" }))).toEqual({ from: "a b", words: "c" });
  expect(Array.from(cleanName("👩‍🚀".repeat(40)))).toHaveLength(24);
  expect(Array.from(parseLine(`x: ${"y".repeat(900)}`)?.words ?? "")).toHaveLength(500);
});

test("an answer to the survey is JSON of a tab, or just a name", () => {
  const person = { id: "0a1b", name: "Mira", computing: true };
  expect(readPerson(JSON.stringify(person), "pipe-1")).toEqual(person);
  expect(readPerson("shell", "pipe-1")).toEqual({ id: "pipe-1", name: "shell", computing: false });
  expect(readPerson("42", "pipe-1")).toEqual({ id: "pipe-1", name: "42", computing: false });
  for (const nobody of ["", "{}", "[]", '{"name":7}', '{"name":" "}']) {
    expect(readPerson(nobody, "pipe-1")).toBeUndefined();
  }
  expect(readPerson('{"id":"<script>","name":"x"}', "pipe-1")?.id).toBe("pipe-1");
});

test("a measurement begins with its topic, and no topic begins another", () => {
  for (const metric of METRIC_NAMES) {
    const sample = { at: 1_700_000_000_000, value: 1.25 };
    const text = formatSample(metric, sample);
    expect(parseSample(text)).toEqual({ metric, sample });
    expect(METRIC_NAMES.filter((other) => text.startsWith(topicOf(other)))).toEqual([metric]);
  }
  for (const noise of ["", "loop", "loop {", 'loop {"at":"x","value":1}', 'toString {"at":1,"value":1}'])
    expect(parseSample(noise)).toBeUndefined();
});

test("a tile travels whole, and what is none is told apart", () => {
  const [view] = VIEWS;
  if (view === undefined) throw new Error("no view");
  const bytes = computeTile({ picture: 7, tile: 20, view });
  expect(bytes).toHaveLength(TILE * TILE);
  const head = { picture: 7, tile: 20, by: "0a1b", name: "Mira", took: 3.5 };
  expect(readTile(frameTile(head, bytes, TILE_TOPIC), TILE_TOPIC)).toEqual({ head, bytes });
  expect(readTile(frameTile(head, bytes))).toEqual({ head, bytes });
  expect(readTile(frameTile(head, bytes), TILE_TOPIC)).toBeUndefined();
  expect(readTile(frameTile(head, bytes.subarray(1)))).toBeUndefined();
  expect(readTile(frameTile({ ...head, tile: 40 }, bytes))).toBeUndefined();
  expect(readTile(new Uint8Array(3))).toBeUndefined();
  expect(readTile(new Uint8Array(TILE * TILE + 1).fill(10))).toBeUndefined();
});
