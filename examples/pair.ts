/**
 * The smallest program: two sockets that talk both ways.
 *
 *     left ──"ping"──► right
 *     left ◄──"pong"── right
 *
 *     node examples/dist/pair.js
 */
import { Pair0 } from "@sprocket/pair";

// `await using` closes a socket at the end of its block, here of the program.
await using left = new Pair0();
await using right = new Pair0();

// inproc:// stays within this process and needs no transport. pair-ping.ts does the same over a network.
await left.listen("inproc://table");
await right.dial("inproc://table");

// A send resolves once the message is on its way; a string travels as UTF-8.
await left.send("ping");

// receive() gives bytes; receiveMessage() gives them with text(), json() and the pipe that they came through.
const ping = await right.receiveMessage();
console.log(`right received ${ping.text()}`);

await right.send("pong");
const pong = await left.receive();
console.log(`left received ${pong.length} bytes: ${new TextDecoder().decode(pong)}`);

// Both calls exist in a form that never waits and says at once whether it could.
console.log(`left can send: ${left.trySend("are you there?")}`);
console.log(`left has something to read: ${left.tryReceive() !== undefined}`);
