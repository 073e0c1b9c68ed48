/**
 * Sprocket through its public interface, with its default options, over tcp, ipc, ws and tls.
 *
 * pair-try: trySend and receiveBatch. Bodies above 1 KiB go as one `Message` that is given away, as an application that
 * wants no copy does. pair-await: await send with plain bytes, for await. pair-back: as pair-try, but the listener sends.
 * pair-both: as pair-try in both directions at once, while a timer watches the event loop of the server.
 * push-try, push-await: the same from PUSH to PULL. reqrep: send and receive in turn. reqrep-request: request and serve, one
 * at a time. reqrep-parallel: the same, 64 at a time.
 */
import { Message } from "@sprocket/core";
import { Pair0 } from "@sprocket/pair";
import { Pull0, Push0 } from "@sprocket/pipeline";
import { Rep0, Req0 } from "@sprocket/reqrep";
import { ipc } from "@sprocket/transport-ipc";
import { tcp } from "@sprocket/transport-tcp";
import { tls } from "@sprocket/transport-tls";
import { ws } from "@sprocket/transport-ws";
import { certificates } from "./certificates.js";
import { Metronome } from "./metronome.js";
import { Arrivals, announce, body, RoundTrips, readTask } from "./worker.js";

const task = readTask();
const options = {
  transports: [tcp(), ipc(), ws(), ...(task.url.startsWith("tls") ? [tls(certificates())] : [])],
  receiveMaxSize: 0,
};
const inFlight = 64;
const batch = 256;

interface Sends {
  trySend(data: Uint8Array | Message): boolean;
  send(data: Uint8Array | Message): Promise<void>;
}

interface Receives extends AsyncIterable<Uint8Array> {
  receiveBatch(max: number): Promise<Uint8Array[]>;
}

async function trySendAll(socket: Sends, count = task.warmUp + task.count): Promise<void> {
  const bytes = body(task.size);
  const given = task.size > 1_024;
  for (let left = count; left > 0; left--) {
    const data = given ? new Message(bytes) : bytes;
    if (!socket.trySend(data)) await socket.send(data);
  }
}

async function awaitSendAll(socket: Sends): Promise<void> {
  const bytes = body(task.size);
  for (let left = task.warmUp + task.count; left > 0; left--) await socket.send(bytes);
}

async function receiveBatches(socket: Receives, take: (message: Uint8Array) => void): Promise<void> {
  for (;;) {
    for (const message of await socket.receiveBatch(batch)) take(message);
  }
}

function countBatches(socket: Receives): Promise<void> {
  const arrivals = new Arrivals(task);
  return receiveBatches(socket, (message) => arrivals.body(message));
}

async function countEach(socket: Receives): Promise<void> {
  const arrivals = new Arrivals(task);
  for await (const message of socket) arrivals.body(message);
}

const programs: Readonly<Record<string, () => Promise<void>>> = {
  "pair-try server": async () => countBatches(await listen(new Pair0(options))),
  "pair-try client": async () => trySendAll(await dial(new Pair0(options))),
  "pair-await server": async () => countEach(await listen(new Pair0(options))),
  "pair-await client": async () => awaitSendAll(await dial(new Pair0(options))),
  "pair-back server": async () => {
    const pair = await listen(new Pair0(options));
    await pair.waitForPipes(1);
    await trySendAll(pair);
  },
  "pair-back client": async () => countBatches(await dial(new Pair0(options))),
  "pair-both server": async () => {
    const pair = await listen(new Pair0(options));
    await pair.waitForPipes(1);
    const metronome = new Metronome(task);
    void receiveBatches(pair, () => {});
    metronome.start();
    await trySendAll(pair, Number.POSITIVE_INFINITY);
  },
  "pair-both client": async () => {
    const pair = await dial(new Pair0(options));
    void receiveBatches(pair, () => {});
    await trySendAll(pair, Number.POSITIVE_INFINITY);
  },
  "push-try server": async () => countBatches(await listen(new Pull0(options))),
  "push-try client": async () => trySendAll(await dial(new Push0(options))),
  "push-await server": async () => countEach(await listen(new Pull0(options))),
  "push-await client": async () => awaitSendAll(await dial(new Push0(options))),
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
