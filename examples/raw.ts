/**
 * What travels in front of a message: raw sockets show the header words that Req0 and Rep0 keep to themselves.
 *
 *     Req0 ──[1|request id] "hello"──► RawRep0 receives a header of [pipe id] [1|request id]
 *     Req0 ◄──[1|request id] "world"── RawRep0 sends with the same header: its first word says where to
 *
 * Devices are made of raw sockets. An application needs them only when it wants to answer later, elsewhere, or in another
 * order than Rep0 allows.
 *
 *     node examples/dist/raw.js
 */
import { Message } from "@sprocket/core";
import { RawRep0, Req0 } from "@sprocket/reqrep";

await using rep = new RawRep0();
await using req = new Req0();
await rep.listen("inproc://raw");
await req.dial("inproc://raw");
const answers = Promise.all([req.request("first"), req.request("second")]);

const first = await rep.receive();
const second = await rep.receive();
for (const message of [first, second]) {
  const words = new DataView(message.header.buffer, message.header.byteOffset, message.header.length);
  const fromPipe = words.getUint32(0) === message.pipe?.id;
  const idBit = words.getUint32(4) >= 0x8000_0000;
  console.log(`${message.text()}: ${message.header.length} header bytes`);
  console.log(`  word 1 is the id of the pipe: ${fromPipe}`);
  console.log(`  word 2 is a request id, with the high bit: ${idBit}`);
}

// Two requests in hand, answered in the other order. Each answer takes the header of its request.
await rep.send(new Message("answer to second", { header: second.header }));
await rep.send(new Message("answer to first", { header: first.header }));
for (const answer of await answers) console.log(new TextDecoder().decode(answer));
