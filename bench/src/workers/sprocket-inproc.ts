/**
 * Sprocket inside one process, in one thread. batch: trySend and receiveBatch. await: await send, for await. latency: one
 * message to and fro.
 */
import { Pair0 } from "@sprocket/pair";
import { Arrivals, announce, body, RoundTrips, readTask } from "./worker.js";

const task = readTask();
const left = new Pair0();
const right = new Pair0();
announce((await left.listen("inproc://bench")).url);
await right.dial("inproc://bench");

const bytes = body(task.size);
const total = task.warmUp + task.count;

const programs: Readonly<Record<string, () => Promise<unknown>>> = {
  batch: () => {
    const arrivals = new Arrivals(task);
    const receive = async (): Promise<void> => {
      for (let got = 0; got < total; ) {
        const batch = await right.receiveBatch(256);
        got += batch.length;
        for (const message of batch) arrivals.body(message);
      }
    };
    const send = async (): Promise<void> => {
      for (let count = total; count > 0; count--) {
        if (!left.trySend(bytes)) await left.send(bytes);
      }
    };
    return Promise.all([receive(), send()]);
  },
  await: () => {
    const arrivals = new Arrivals(task);
    const receive = async (): Promise<void> => {
      let got = 0;
      for await (const message of right) {
        arrivals.body(message);
        if (++got === total) return;
      }
    };
    const send = async (): Promise<void> => {
      for (let count = total; count > 0; count--) await left.send(bytes);
    };
    return Promise.all([receive(), send()]);
  },
  latency: async () => {
    void (async () => {
      for await (const message of right) await right.send(message);
    })();
    const trips = new RoundTrips(task);
    for (let count = trips.total; count > 0; count--) {
      const started = performance.now();
      await left.send(bytes);
      await left.receive();
      trips.one(started);
    }
  },
};

await programs[task.mode]?.();
