/** zeromq.js inside one process, in one thread. Modes: await, latency. */
import { Pair } from "zeromq";
import { Arrivals, announce, body, RoundTrips, readTask } from "./worker.js";

const task = readTask();
const left = new Pair();
const right = new Pair();
await left.bind("inproc://bench");
right.connect("inproc://bench");
announce("inproc://bench");

const bytes = Buffer.from(body(task.size));
const total = task.warmUp + task.count;

const programs: Readonly<Record<string, () => Promise<unknown>>> = {
  await: () => {
    const arrivals = new Arrivals(task);
    const receive = async (): Promise<void> => {
      let got = 0;
      for await (const [message] of right) {
        arrivals.body(message as Buffer);
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
