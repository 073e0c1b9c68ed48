/**
 * A broker: requesters know one address, repliers come and go at another, and nobody knows how many there are.
 *
 *     Req0 ─┐                              ┌─ Rep0
 *           ├─► RawRep0 ─ device ─ RawReq0 ─┤
 *     Req0 ─┘                              └─ Rep0
 *
 * A device passes messages on between two raw sockets. Each hop writes its way back into the header, so a reply finds the
 * one who asked.
 *
 *     node examples/dist/device.js
 */
import { device } from "@sprocket/core";
import { RawRep0, RawReq0, Rep0, Req0 } from "@sprocket/reqrep";
import { tcp } from "@sprocket/transport-tcp";

const transports = [tcp()];

// The broker.
const front = new RawRep0({ transports });
const back = new RawReq0({ transports });
const { url: forRequesters } = await front.listen("tcp://127.0.0.1:0");
const { url: forRepliers } = await back.listen("tcp://127.0.0.1:0");
const running = device(front, back);

// Two repliers. They dial, though they are the ones who serve.
const repliers = await Promise.all(
  ["ada", "bob"].map(async (name) => {
    const rep = new Rep0({ transports });
    await rep.dial(forRepliers);
    rep.serve((request) => `${request.text()}, answered by ${name}`);
    return rep;
  }),
);
await back.waitForPipes(2);

// Two requesters.
for (const name of ["one", "two"]) {
  await using req = new Req0({ transports });
  await req.dial(forRequesters);
  const replies = await Promise.all([req.request(`${name}: first`), req.request(`${name}: second`)]);
  for (const reply of replies) console.log(new TextDecoder().decode(reply));
}

// The device ends when one of its sockets closes.
await front.close();
await running;
console.log("the broker has ended");
await back.close();
await Promise.all(repliers.map((rep) => rep.close()));
