/**
 * Sprocket where one socket talks to many, with its default options: the many are in the client's process.
 *
 * pubsub-await: await send, for await. pubsub-try: trySend in portions with a turn of the event loop after each, as the
 * guide says, and receiveBatch. topics: as pubsub-try, with one subscriber that has many topics, of which each message has
 * another one. survey: one survey after the other, each over when all have answered.
 */
import { setImmediate as turn } from "node:timers/promises";
import { Pub0, Sub0 } from "@sprocket/pubsub";
import { Respondent0, Surveyor0 } from "@sprocket/survey";
import { tcp } from "@sprocket/transport-tcp";
import { Deliveries, publishAll } from "./deliveries.js";
import { allTopics, withTopic } from "./topics.js";
import { announce, body, RoundTrips, readTask } from "./worker.js";

const task = readTask();
const options = { transports: [tcp()], receiveMaxSize: 0 };
const portion = 256;

const programs: Readonly<Record<string, () => Promise<void>>> = {
  "pubsub-await server": async () => {
    const pub = await publisher(task.peers);
    await publishAll(
      task,
      (bytes) => pub.send(bytes),
      async (bytes, count) => {
        for (let left = count; left > 0; left--) await pub.send(bytes);
      },
    );
  },
  "pubsub-await client": () =>
    subscribe(async (sub, take) => {
      for await (const bytes of sub) take(bytes);
    }),
  "pubsub-try server": async () => {
    const pub = await publisher(task.peers);
    await publishAll(
      task,
      (bytes) => pub.send(bytes),
      async (bytes, count) => {
        for (let left = count; left > 0; left--) {
          pub.trySend(bytes);
          if (left % portion === 0) await turn();
        }
      },
    );
  },
  "pubsub-try client": () => subscribe(takeBatches),
  "topics server": async () => {
    const pub = await publisher(1);
    await publishAll(
      task,
      (bytes) => pub.send(bytes),
      async (bytes, count) => {
        for (let left = count; left > 0; left--) {
          pub.trySend(withTopic(bytes, left % task.peers));
          if (left % portion === 0) await turn();
        }
      },
    );
  },
  "topics client": async () => {
    const deliveries = new Deliveries(task, 1);
    const sub = new Sub0({ ...options, topics: allTopics(task.peers) });
    await sub.dial(task.url);
    await takeBatches(sub, (bytes) => deliveries.take(0, bytes));
  },
  "survey server": async () => {
    const surveyor = new Surveyor0(options);
    announce((await surveyor.listen(task.url)).url);
    await surveyor.waitForPipes(task.peers);
    const bytes = body(task.size);
    const trips = new RoundTrips(task);
    for (let left = trips.total; left > 0; left--) {
      const started = performance.now();
      await surveyor.send(bytes);
      for (let answers = 0; answers < task.peers; answers++) await surveyor.receive();
      trips.one(started);
    }
  },
  "survey client": async () => {
    for (let peer = 0; peer < task.peers; peer++) {
      const respondent = new Respondent0(options);
      respondent.serve((question) => question.body);
      await respondent.dial(task.url);
    }
  },
};

async function publisher(subscribers: number): Promise<Pub0> {
  const pub = new Pub0(options);
  announce((await pub.listen(task.url)).url);
  await pub.waitForPipes(subscribers);
  return pub;
}

async function takeBatches(sub: Sub0, take: (bytes: Uint8Array) => void): Promise<void> {
  for (;;) {
    for (const bytes of await sub.receiveBatch(256)) take(bytes);
  }
}

async function subscribe(
  read: (sub: Sub0, take: (bytes: Uint8Array) => void) => Promise<void>,
): Promise<void> {
  const deliveries = new Deliveries(task);
  const reading: Promise<void>[] = [];
  for (let peer = 0; peer < task.peers; peer++) {
    const sub = new Sub0({ ...options, topics: "" });
    await sub.dial(task.url);
    reading.push(read(sub, (bytes) => deliveries.take(peer, bytes)));
  }
  await Promise.all(reading);
}

await programs[`${task.mode} ${task.role}`]?.();
