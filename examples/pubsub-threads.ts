/**
 * A publisher and two subscribers in threads of their own, each with its topic.
 *
 *     main thread ──"topic1 …"──► thread one
 *                 ──"topic2 …"──► thread two
 *
 * Threads of JavaScript share no memory, so inproc:// does not reach from one to the other; ipc:// does.
 *
 *     node examples/dist/pubsub-threads.js
 */
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { isMainThread, Worker, workerData } from "node:worker_threads";
import { Pub0, Sub0 } from "@sprocket/pubsub";
import { ipc } from "@sprocket/transport-ipc";
import { ipcAddress } from "./ipc-address.js";

const transports = [ipc()];

interface Task {
  readonly url: string;
  readonly topic: string;
}

async function publisher(): Promise<void> {
  await using address = await ipcAddress();
  await using pub = new Pub0({ transports });
  await pub.listen(address.url);
  const gone = ["topic1", "topic2"].map((topic) => {
    const workerData: Task = { url: address.url, topic };
    return once(new Worker(fileURLToPath(import.meta.url), { workerData }), "exit");
  });
  await pub.waitForPipes(2);
  for (const word of ["one", "two", "end"]) {
    await pub.send(`topic1 ${word}`);
    await pub.send(`topic2 ${word}`);
  }
  await Promise.all(gone);
}

async function subscriber({ url, topic }: Task): Promise<void> {
  await using sub = new Sub0({ transports, topics: topic });
  await sub.dial(url);
  for await (const message of sub.messages()) {
    const word = message.text().slice(topic.length + 1);
    if (word === "end") break;
    console.log(`the subscriber of ${topic} received "${word}"`);
  }
}

if (isMainThread) await publisher();
else await subscriber(workerData as Task);
