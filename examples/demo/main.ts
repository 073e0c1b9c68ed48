/**
 * The demo: a Req0 sends every file of a folder to three Rep0 workers (ipc, tcp, in-process), checks each answer, and
 * kills one worker half way. Nothing may be lost: what was under way there is sent again to the others.
 *
 *     node dist/demo/main.js [folder]
 */
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { dirname, relative, resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Req0 } from "@sprocket/reqrep";
import { ipc } from "@sprocket/transport-ipc";
import { tcp } from "@sprocket/transport-tcp";
import { type File, filesBelow } from "./files.js";
import { Pool, type Worker } from "./pool.js";
import { progressBar, type Results, size, table } from "./report.js";
import { type Answer, agrees } from "./task.js";

/** Requests under way at once. */
const WINDOW = 32;
/** The worker that dies. */
const VICTIM = "tcp";
/** ms between the moment when the victim hangs and the moment when it is killed. */
const HANGS_FOR = 100;

const repository = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");

async function main(): Promise<number> {
  const folder = resolve(process.argv.slice(2).find((argument) => argument !== "--") ?? repository);
  const files = await filesBelow(folder).catch((error: NodeJS.ErrnoException) => {
    console.error(`Cannot read ${folder}: ${error.message}`);
    return undefined;
  });
  if (files === undefined) return 1;
  if (files.length === 0) {
    console.error(`There is no file below ${folder}.`);
    return 1;
  }
  const total = files.reduce((sum, file) => sum + file.size, 0);
  // The default limit of 1 MiB protects a listener from strangers; here we know what comes.
  const largest = Math.max(1024, ...files.map((file) => file.size));
  const receiveMaxSize = largest + 64;

  console.log(
    `Sending ${files.length} files (${size(total)}) of ${relative(process.cwd(), folder) || "this folder"}`,
  );
  const pool = await Pool.start(receiveMaxSize);
  const req = new Req0({ transports: [tcp(), ipc()], receiveMaxSize });
  try {
    await Promise.all(pool.workers.map(({ url }) => req.dial(url)));
    for (const { name, url } of pool.workers) console.log(`  ${name} worker at ${url}`);
    const results = await send(files, req, pool.workers);
    console.log(table(results));
    for (const path of results.wrong) console.error(`WRONG: ${path}`);
    if (results.wrong.length > 0 || results.requests !== files.length) return 1;
    console.log("Every file was answered, and every answer was right.");
    return 0;
  } finally {
    await req.close();
    await pool.stop();
  }
}

async function send(files: readonly File[], req: Req0, workers: readonly Worker[]): Promise<Results> {
  const byWorker = new Map(workers.map(({ name }) => [name, { requests: 0, bytes: 0 }]));
  const latencies: number[] = [];
  const wrong: string[] = [];
  const victim = workers.find(({ name }) => name === VICTIM);
  const half = Math.ceil(files.length / 2);
  const bar = progressBar(files.length);
  let bytes = 0;
  let answered = 0;
  let next = 0;
  let death: Promise<void> | undefined;

  const lane = async (): Promise<void> => {
    for (let file = files[next++]; file !== undefined; file = files[next++]) {
      const body = await readFile(file.path);
      const began = performance.now();
      const reply = JSON.parse(
        new TextDecoder().decode(await req.request(body, { timeout: 30_000 })),
      ) as Answer;
      latencies.push(performance.now() - began);
      if (!agrees(reply, body)) wrong.push(file.path);
      const share = byWorker.get(reply.worker);
      if (share !== undefined) {
        share.requests++;
        share.bytes += body.length;
      }
      bytes += body.length;
      answered++;
      bar.advance();
      if (answered === half) death = hangAndDie(victim);
    }
  };

  const began = performance.now();
  await Promise.all(Array.from({ length: WINDOW }, lane));
  const milliseconds = performance.now() - began;
  bar.stop();
  await death;
  const resent = req.stats().counters.resent ?? 0;
  return {
    requests: answered,
    bytes,
    byWorker,
    resent,
    killed: victim?.name,
    wrong,
    latencies,
    milliseconds,
  };
}

/** First the victim hangs with requests in its hands, then it is gone, as in real life. */
async function hangAndDie(victim: Worker | undefined): Promise<void> {
  const child = victim?.process;
  if (child === undefined) return;
  const gone = once(child, "exit");
  if (process.platform !== "win32") {
    child.kill("SIGSTOP");
    await setTimeout(HANGS_FOR);
  }
  child.kill("SIGKILL");
  await gone;
}

process.exitCode = await main();
