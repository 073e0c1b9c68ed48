/** A worker thread: one question at a time, until it is ended. */
import { createHash } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { workerData } from "node:worker_threads";
import { Rep0 } from "@sprocket/reqrep";
import { ipc } from "@sprocket/transport-ipc";
import { type Answer, DELAY_MAX, type Question, TASKS } from "../shared/work.js";

const { name, url } = workerData as { name: string; url: string };

const rep = new Rep0({ name, transports: [ipc()], reconnectTimeMin: 100 });
rep.serve(async (request, { signal }) => answer(request.text(), signal), { concurrency: 1 });
await rep.dial(url);

async function answer(text: string, signal: AbortSignal): Promise<string> {
  const question = read(text);
  // From a shell: plain text in, plain text out.
  if (question === undefined)
    return `${name} says: ${words(text)}; sha256 ${createHash("sha256").update(text).digest("hex")}`;
  const began = performance.now();
  if (question.delay > 0) await setTimeout(question.delay, undefined, { signal });
  const result = RESULTS[question.task](question.text);
  return JSON.stringify({
    worker: name,
    result,
    took: Math.round((performance.now() - began) * 100) / 100,
  } satisfies Answer);
}

const RESULTS: Record<Question["task"], (text: string) => string> = {
  sha256: (text) => createHash("sha256").update(text).digest("hex"),
  words,
  reverse,
};

function words(text: string): string {
  const count = text.match(/[\p{L}\p{N}'’_-]+/gu)?.length ?? 0;
  const letters = [...graphemes(text)].length;
  const lines = text === "" ? 0 : text.split("\n").length;
  const plural = (number: number, what: string): string => `${number} ${what}${number === 1 ? "" : "s"}`;
  return `${plural(count, "word")}, ${plural(letters, "character")}, ${plural(lines, "line")}`;
}

/** By what a reader takes for one character, so that accents and emoji stay whole. */
function reverse(text: string): string {
  return [...graphemes(text)].reverse().join("");
}

function* graphemes(text: string): Generator<string> {
  for (const { segment } of new Intl.Segmenter().segment(text)) yield segment;
}

function read(text: string): Question | undefined {
  try {
    const { task, text: given, delay } = JSON.parse(text) as Question;
    if (!TASKS.includes(task) || typeof given !== "string") return undefined;
    return { task, text: given, delay: Math.min(DELAY_MAX, Math.max(0, Number(delay) || 0)) };
  } catch {
    return undefined;
  }
}
