/**
 * Ping-pong between two programs.
 *
 *     dialer   ──"ping 1"──► listener
 *     dialer   ◄──"pong 1"── listener
 *
 * Alone, with both sides in one process:    node examples/dist/pair-ping.js
 * In two terminals, in either order:        node examples/dist/pair-ping.js listen tcp://127.0.0.1:5555
 *                                           node examples/dist/pair-ping.js dial tcp://127.0.0.1:5555
 */
import { Pair0 } from "@sprocket/pair";
import { ipc } from "@sprocket/transport-ipc";
import { tcp } from "@sprocket/transport-tcp";

const ROUNDS = 3;
const transports = [tcp(), ipc()];

async function answer(pair: Pair0): Promise<void> {
  for (let round = 1; round <= ROUNDS; round++) {
    const ping = await pair.receiveMessage();
    console.log(`listener received ${ping.text()}`);
    await pair.send(`pong ${round}`);
  }
}

async function ask(url: string): Promise<void> {
  await using pair = new Pair0({ transports });
  // When nobody listens yet, dial() goes on trying in the background, and send() waits for the connection.
  await pair.dial(url);
  for (let round = 1; round <= ROUNDS; round++) {
    await pair.send(`ping ${round}`);
    const pong = await pair.receiveMessage();
    console.log(`dialer received ${pong.text()}`);
  }
}

const [role = "both", url = "tcp://127.0.0.1:0"] = process.argv.slice(2);
if (role === "dial") {
  await ask(url);
} else {
  await using pair = new Pair0({ transports });
  // Port 0 asks the system for a free port; the listener's url tells which one it is.
  const listener = await pair.listen(url);
  console.log(`listening at ${listener.url}`);
  await Promise.all([answer(pair), role === "both" && ask(listener.url)]);
}
