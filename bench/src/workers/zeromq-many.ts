/**
 * zeromq.js where one socket talks to many, which are in the client's process. Modes: pubsub, topics (one subscriber with
 * many topics; it is the publisher who filters).
 */
import { setImmediate as turn } from "node:timers/promises";
import { Publisher, Subscriber, XSubscriber } from "zeromq";
import { Deliveries, publishAll } from "./deliveries.js";
import { allTopics, withTopic } from "./topics.js";
import { announce, readTask } from "./worker.js";

const task = readTask();
/** What a subscription begins with. */
const SUBSCRIBE = 1;

async function publisher(): Promise<Publisher> {
  const publisher = new Publisher();
  await publisher.bind(task.url.replace(/:0$/, ":*"));
  announce(publisher.lastEndpoint ?? task.url);
  return publisher;
}

const programs: Readonly<Record<string, () => Promise<void>>> = {
  "pubsub server": async () => {
    const pub = await publisher();
    await publishAll(
      task,
      (bytes) => pub.send(Buffer.from(bytes)),
      async (bytes, count) => {
        const buffer = Buffer.from(bytes);
        for (let left = count; left > 0; left--) await pub.send(buffer);
      },
    );
  },
  "pubsub client": async () => {
    const deliveries = new Deliveries(task);
    await Promise.all(
      Array.from({ length: task.peers }, async (_, peer) => {
        const subscriber = new Subscriber();
        subscriber.connect(task.url);
        subscriber.subscribe();
        for await (const [message] of subscriber) deliveries.take(peer, message as Buffer);
      }),
    );
  },
  "topics server": async () => {
    const pub = await publisher();
    await publishAll(
      task,
      (bytes) => pub.send(Buffer.from(bytes)),
      async (bytes, count) => {
        for (let left = count; left > 0; left--) {
          // zeromq.js keeps small messages by copy, large ones by reference.
          await pub.send(Buffer.from(withTopic(bytes, left % task.peers)));
          if (left % 256 === 0) await turn();
        }
      },
    );
  },
  "topics client": async () => {
    const deliveries = new Deliveries(task, 1);
    // Subscriptions are messages to the publisher: a Subscriber drops in silence what exceeds its mark of 1,000.
    const subscriber = new XSubscriber({ sendHighWaterMark: 0 });
    subscriber.connect(task.url);
    for (const topic of allTopics(task.peers)) await subscriber.send(Buffer.of(SUBSCRIBE, ...topic));
    for await (const [message] of subscriber) deliveries.take(0, message as Buffer);
  },
};

await programs[`${task.mode} ${task.role}`]?.();
