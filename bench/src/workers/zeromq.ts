/**
 * zeromq.js, the addon on libzmq. Modes: pair, pipeline (PUSH to PULL), reqrep, reqrep-parallel (DEALER to ROUTER, 64
 * requests in the air).
 */
import { Dealer, Pair, Pull, Push, Reply, Request, Router } from "zeromq";
import { Arrivals, announce, body, RoundTrips, readTask } from "./worker.js";

const task = readTask();
const inFlight = 64;
const wildcard = task.url.replace(/:0$/, ":*");

interface Bindable {
  bind(url: string): Promise<void>;
  readonly lastEndpoint: string | null;
}

async function listen<S extends Bindable>(socket: S): Promise<S> {
  await socket.bind(wildcard);
  announce(socket.lastEndpoint ?? task.url);
  return socket;
}

function dial<S extends { connect(url: string): void }>(socket: S): S {
  socket.connect(task.url);
  return socket;
}

async function takeAll(socket: AsyncIterable<Buffer[]>): Promise<void> {
  const arrivals = new Arrivals(task);
  for await (const [message] of socket) arrivals.body(message as Buffer);
}

async function sendAll(socket: { send(message: Buffer): Promise<void> }): Promise<void> {
  const bytes = Buffer.from(body(task.size));
  for (let left = task.warmUp + task.count; left > 0; left--) await socket.send(bytes);
}

const programs: Readonly<Record<string, () => Promise<void>>> = {
  "pair server": async () => takeAll(await listen(new Pair())),
  "pair client": () => sendAll(dial(new Pair())),
  "pipeline server": async () => takeAll(await listen(new Pull())),
  "pipeline client": () => sendAll(dial(new Push())),
  "reqrep server": async () => {
    const reply = await listen(new Reply());
    for await (const message of reply) await reply.send(message);
  },
  "reqrep client": async () => {
    const request = dial(new Request());
    const bytes = Buffer.from(body(task.size));
    const trips = new RoundTrips(task);
    for (let left = trips.total; left > 0; left--) {
      const started = performance.now();
      await request.send(bytes);
      await request.receive();
      trips.one(started);
    }
  },
  "reqrep-parallel server": async () => {
    const router = await listen(new Router());
    for await (const message of router) await router.send(message);
  },
  "reqrep-parallel client": async () => {
    const dealer = dial(new Dealer());
    const bytes = Buffer.from(body(task.size));
    const arrivals = new Arrivals(task);
    let left = task.warmUp + task.count;
    for (let first = 0; first < inFlight && left > 0; first++, left--) await dealer.send(bytes);
    for await (const [message] of dealer) {
      arrivals.body(message as Buffer);
      if (left-- > 0) await dealer.send(bytes);
    }
  },
};

await programs[`${task.mode} ${task.role}`]?.();
