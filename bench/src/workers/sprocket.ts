/**
 * Sprocket through its public interface, with its default options.
 *
 * pair-try: trySend and receiveBatch. Bodies above 1 KiB go as one `Message` that is given away, as an application that
 * wants no copy does. pair-await: await send with plain bytes, for await. reqrep: send and receive in turn.
 * reqrep-request: request and serve, one at a time. reqrep-parallel: the same, 64 at a time.
 */
import { Message } from "@sprocket/core";
import { Pair0 } from "@sprocket/pair";
import { Rep0, Req0 } from "@sprocket/reqrep";
import { ipc } from "@sprocket/transport-ipc";
import { tcp } from "@sprocket/transport-tcp";
import { Arrivals, announce, body, RoundTrips, readTask } from "./worker.js";

const task = readTask();
const options = { transports: [tcp(), ipc()], receiveMaxSize: 0 };
const inFlight = 64;
const batch = 256;

const programs: Readonly<Record<string, () => Promise<void>>> = {
  "pair-try server": async () => {
    const pair = await listen(new Pair0(options));
    const arrivals = new Arrivals(task);
    for (;;) {
      for (const message of await pair.receiveBatch(batch)) arrivals.body(message);
    }
  },
  "pair-try client": async () => {
    const pair = await dial(new Pair0(options));
    const bytes = body(task.size);
    const given = task.size > 1_024;
    for (let left = task.warmUp + task.count; left > 0; left--) {
      const data = given ? new Message(bytes) : bytes;
      if (!pair.trySend(data)) await pair.send(data);
    }
  },
  "pair-await server": async () => {
    const pair = await listen(new Pair0(options));
    const arrivals = new Arrivals(task);
    for await (const message of pair) arrivals.body(message);
  },
  "pair-await client": async () => {
    const pair = await dial(new Pair0(options));
    const bytes = body(task.size);
    for (let left = task.warmUp + task.count; left > 0; left--) await pair.send(bytes);
  },
  "reqrep server": async () => {
    const rep = await listen(new Rep0(options));
    for (;;) await rep.send(await rep.receive());
  },
  "reqrep client": async () => {
    const req = await dial(new Req0(options));
    const bytes = body(task.size);
    const trips = new RoundTrips(task);
    for (let left = trips.total; left > 0; left--) {
      const started = performance.now();
      await req.send(bytes);
      await req.receive();
      trips.one(started);
    }
  },
  "reqrep-request server": serve,
  "reqrep-request client": async () => {
    const req = await dial(new Req0(options));
    const bytes = body(task.size);
    const trips = new RoundTrips(task);
    for (let left = trips.total; left > 0; left--) {
      const started = performance.now();
      await req.request(bytes);
      trips.one(started);
    }
  },
  "reqrep-parallel server": serve,
  "reqrep-parallel client": async () => {
    const req = await dial(new Req0(options));
    const bytes = body(task.size);
    const arrivals = new Arrivals(task);
    let left = task.warmUp + task.count;
    const ask = async (): Promise<void> => {
      while (left-- > 0) arrivals.body(await req.request(bytes));
    };
    await Promise.all(Array.from({ length: inFlight }, ask));
  },
};

async function serve(): Promise<void> {
  const rep = await listen(new Rep0(options));
  rep.serve((request) => request.body, { concurrency: inFlight });
}

async function listen<S extends { listen(url: string): Promise<{ readonly url: string }> }>(
  socket: S,
): Promise<S> {
  announce((await socket.listen(task.url)).url);
  return socket;
}

async function dial<S extends { dial(url: string): Promise<unknown> }>(socket: S): Promise<S> {
  await socket.dial(task.url);
  return socket;
}

await programs[`${task.mode} ${task.role}`]?.();
