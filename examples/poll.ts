/**
 * Several sockets in one loop: poll() tells which of them can go on.
 *
 * Most of the time a `for await` on each socket is simpler, and they all run at once. poll() is for code that wants to
 * decide by itself whose turn it is.
 *
 *     node examples/dist/poll.js
 */
import { poll } from "@sprocket/core";
import { Pull0, Push0 } from "@sprocket/pipeline";
import { Pub0, Sub0 } from "@sprocket/pubsub";

await using jobs = new Pull0();
await using news = new Sub0({ topics: "" });
await using boss = new Push0();
await using paper = new Pub0();
await boss.listen("inproc://jobs");
await paper.listen("inproc://news");
await jobs.dial("inproc://jobs");
await news.dial("inproc://news");
await boss.waitForPipes(1);
await paper.waitForPipes(1);

const items = [
  { socket: jobs, receive: true },
  { socket: news, receive: true },
];

// A timeout of 0 only looks.
console.log(`ready at first: ${(await poll(items, { timeout: 0 })).length}`);

await boss.send("a job");
await paper.send("news");
const seen = new Set<string>();
while (seen.size < 2) {
  // Resolves as soon as at least one is ready. Being ready is a hint, so take with tryReceive().
  for (const { socket } of await poll<Pull0 | Sub0>(items)) {
    const message = socket.tryReceiveMessage();
    if (message !== undefined) seen.add(`${socket === jobs ? "jobs" : "news"}: ${message.text()}`);
  }
}
for (const line of [...seen].sort()) console.log(line);
