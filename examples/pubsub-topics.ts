/**
 * Topics: a subscriber receives what begins with one of its topics.
 *
 *     Pub0 ──"weather/rain"──► Sub0   topics: "weather/"
 *          ──"sport/…"───────► Sub0   not for this one
 *
 * A topic is nothing but the beginning of the message, bytes or UTF-8. It stays in the message, and the publisher does not
 * know who wants what: the subscriber throws away what it did not ask for.
 *
 *     node examples/dist/pubsub-topics.js
 */
import { Pub0, Sub0 } from "@sprocket/pubsub";

await using pub = new Pub0();
await using sub = new Sub0({ topics: ["weather/", "sport/"] });
await pub.listen("inproc://news");
await sub.dial("inproc://news");
await pub.waitForPipes(1);

await pub.send("weather/rain 4 mm");
await pub.send("stocks/all down");
await pub.send("sport/2:1");
console.log((await sub.receiveMessage()).text());
console.log((await sub.receiveMessage()).text());

// From now on, not from before; and no longer.
sub.unsubscribe("sport/");
const stocks = sub.subscribe("stocks/");
await pub.send("sport/3:1");
await pub.send("stocks/all up");
console.log((await sub.receiveMessage()).text());
stocks.unsubscribe();

// A context is a second reader on the same connection, with topics and a queue of its own.
using sport = sub.context({ topics: "sport/" });
await pub.send("sport/3:2");
await pub.send("weather/sun");
console.log(`in the context: ${(await sport.receiveMessage()).text()}`);
console.log(`in the socket: ${(await sub.receiveMessage()).text()}`);
