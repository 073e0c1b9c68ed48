/**
 * One speaks, everybody who is there hears it.
 *
 *     Pub0 ──► Sub0
 *        └───► Sub0
 *
 * Alone, with a publisher and two subscribers:    node examples/dist/pubsub.js
 * In two terminals, in either order:              node examples/dist/pubsub.js listen tcp://127.0.0.1:5556
 *                                                 node examples/dist/pubsub.js dial tcp://127.0.0.1:5556
 */
import { Pub0, Sub0 } from "@sprocket/pubsub";
import { ipc } from "@sprocket/transport-ipc";
import { tcp } from "@sprocket/transport-tcp";

const transports = [tcp(), ipc()];
const END = "that is all";

async function publish(pub: Pub0, audience: number): Promise<void> {
  // A publisher never waits for anybody: what it says while nobody is there is heard by nobody. So wait for them.
  await pub.waitForPipes(audience);
  for (let news = 1; news <= 3; news++) await pub.send(`news ${news}`);
  await pub.send(END);
}

async function subscribe(name: string, url: string): Promise<void> {
  // The empty topic stands for everything; without a topic a subscriber receives nothing.
  await using sub = new Sub0({ transports, topics: "" });
  await sub.dial(url);
  // A loop over a socket ends when the socket closes. That the publisher is done it has to say.
  for await (const message of sub.messages()) {
    if (message.text() === END) break;
    console.log(`${name} heard ${message.text()}`);
  }
}

const [role = "both", url = "tcp://127.0.0.1:0"] = process.argv.slice(2);
if (role === "dial") {
  await subscribe("subscriber", url);
} else {
  // Closing delivers what was sent before.
  await using pub = new Pub0({ transports });
  const listener = await pub.listen(url);
  console.log(`listening at ${listener.url}`);
  if (role === "listen") await publish(pub, 1);
  else await Promise.all([publish(pub, 2), subscribe("ada", listener.url), subscribe("bob", listener.url)]);
}
