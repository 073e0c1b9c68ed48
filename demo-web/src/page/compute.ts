/**
 * The hands of this tab, in a web worker so that the page stays quick: a Pull0 takes jobs, a Push0 gives results back. The
 * loop takes the next job when the last one is done, so a slow tab slows nobody but itself.
 */
import { Pull0, Push0 } from "@sprocket/pipeline";
import { computeTile, frameTile, type Job, TILES } from "../shared/picture.js";
import { Link, type LinkReport, socketOptions, urlOf } from "./link.js";

export type ToCompute =
  | { readonly type: "me"; readonly id: string; readonly name: string }
  | { readonly type: "switch"; readonly on: boolean };

export interface FromCompute {
  readonly jobs: LinkReport;
  readonly results: LinkReport;
}

const scope = globalThis as unknown as {
  postMessage(message: FromCompute): void;
  addEventListener(type: "message", listener: (event: { data: ToCompute }) => void): void;
};
const REPORT_EVERY = 500;

let me = { id: "", name: "" };
let hands: { pull: Link<Pull0>; push: Link<Push0> } | undefined;

scope.addEventListener("message", ({ data }) => {
  if (data.type === "me") me = { id: data.id, name: data.name };
  else if (data.on) begin();
  else void end();
});
setInterval(report, REPORT_EVERY);

function begin(): void {
  if (hands !== undefined) return;
  const push = new Link("Push0", "results", new Push0(socketOptions("results")), report);
  const pull = new Link("Pull0", "jobs", new Pull0(socketOptions("jobs")), report);
  hands = { pull, push };
  void work(pull.socket, push.socket);
}

async function end(): Promise<void> {
  const old = hands;
  hands = undefined;
  report();
  // No more jobs first, then what is done goes out.
  await old?.pull.socket.close();
  await old?.push.socket.close();
}

async function work(pull: Pull0, push: Push0): Promise<void> {
  for await (const message of pull.messages()) {
    const job = message.json<Job>();
    if (!Number.isInteger(job.tile) || job.tile < 0 || job.tile >= TILES) continue;
    const began = performance.now();
    const bytes = computeTile(job);
    const took = Math.round((performance.now() - began) * 10) / 10;
    try {
      await push.send(
        frameTile({ picture: job.picture, tile: job.tile, by: me.id, name: me.name, took }, bytes),
      );
    } catch (error) {
      if (!push.closed) throw error;
    }
  }
}

function report(): void {
  scope.postMessage({
    jobs: hands?.pull.report() ?? off("jobs", "Pull0"),
    results: hands?.push.report() ?? off("results", "Push0"),
  });
}

function off(place: "jobs" | "results", kind: string): LinkReport {
  return { place, kind, url: urlOf(place), state: "off", retryAt: 0, stats: undefined };
}
