/**
 * Abstract sockets: names that live in the kernel of Linux, without a file. Nothing is left behind, not even by a program
 * that was killed.
 *
 *     node examples/dist/abstract.js
 */
import { NotSupportedError } from "@sprocket/core";
import { Pair0 } from "@sprocket/pair";
import { ipc } from "@sprocket/transport-ipc";

const transports = [ipc()];

await using left = new Pair0({ transports });
await using right = new Pair0({ transports });
try {
  // `abstract://` alone asks for a free name; `abstract://lobby` takes that one, `%00` and the like stand for bytes.
  const listener = await left.listen("abstract://");
  console.log(`listening at ${listener.url}`);
  await right.dial(listener.url);
  await right.send("hello");
  console.log(`received ${(await left.receiveMessage()).text()}`);
} catch (error) {
  if (!(error instanceof NotSupportedError)) throw error;
  console.log(`not here: ${error.message}`);
}
