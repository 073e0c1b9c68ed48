/**
 * One Pair1 with many peers. A pair has one peer, unless it is made polyamorous; then it answers each by its pipe.
 *
 *     hub ──► ada
 *     hub ──► bob
 *
 *     node examples/dist/pair1.js
 */
import { Pair1 } from "@sprocket/pair";

await using hub = new Pair1({ polyamorous: true });
await using ada = new Pair1();
await using bob = new Pair1();

await hub.listen("inproc://hub");
await ada.dial("inproc://hub");
await bob.dial("inproc://hub");

// What others use a sleep for.
await hub.waitForPipes(2);

// A pipe is the connection with one peer. pipe.send() reaches that peer alone.
const [first, second] = hub.pipes;
first?.send("hello, first guest");
second?.send("hello, second guest");
console.log(`ada received "${(await ada.receiveMessage()).text()}"`);
console.log(`bob received "${(await bob.receiveMessage()).text()}"`);

// A message knows the pipe it came from, so it can be answered.
await bob.send("thanks");
const thanks = await hub.receiveMessage();
console.log(`the hub received "${thanks.text()}" from the second guest: ${thanks.pipe === second}`);
thanks.pipe?.send("you are welcome");
console.log(`bob received "${(await bob.receiveMessage()).text()}"`);
