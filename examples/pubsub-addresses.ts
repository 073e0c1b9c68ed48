/**
 * One socket, five addresses. A socket may listen at any number of addresses, of any transports, and dial as well; a
 * message goes to all who are connected, however they came.
 *
 *                ┌─ ipc://…      ──► Sub0
 *                ├─ tcp://…      ──► Sub0
 *     Pub0 ──────┼─ tcp4://…     ──► Sub0
 *                ├─ tcp6://…     ──► Sub0
 *                └─ inproc://…   ──► Sub0
 *
 *     node examples/dist/pubsub-addresses.js
 */
import { AddressInvalidError } from "@sprocket/core";
import { Pub0, Sub0 } from "@sprocket/pubsub";
import { ipc } from "@sprocket/transport-ipc";
import { tcp } from "@sprocket/transport-tcp";
import { ipcAddress } from "./ipc-address.js";

const transports = [ipc(), tcp()];

await using address = await ipcAddress();
await using pub = new Pub0({ transports });

const urls: string[] = [];
for (const url of [
  address.url,
  "tcp://127.0.0.1:0", // the family that fits the address
  "tcp4://127.0.0.1:0", // IPv4 only
  "tcp6://[::1]:0", // IPv6 only; an IPv6 address stands in brackets
  "inproc://news", // this process only
]) {
  try {
    const listener = await pub.listen(url);
    urls.push(listener.url);
  } catch (error) {
    // A machine without IPv6.
    if (!(url.startsWith("tcp6:") && error instanceof AddressInvalidError)) throw error;
    console.log("tcp6: there is no IPv6 here");
  }
}

const subscribers = await Promise.all(
  urls.map(async (url) => {
    const sub = new Sub0({ transports, topics: "" });
    await sub.dial(url);
    return { scheme: url.slice(0, url.indexOf(":")), sub };
  }),
);

await pub.waitForPipes(urls.length);
await pub.send("hello, everybody");

for (const { scheme, sub } of subscribers) {
  const message = await sub.receiveMessage();
  console.log(`${scheme}: ${message.text()}`);
  await sub.close();
}
