/**
 * Everybody talks to everybody: four nodes, each connected with the three others.
 *
 *     a ─── b
 *     │ ╲ ╱ │
 *     │ ╱ ╲ │
 *     d ─── c
 *
 * A bus reaches direct neighbours only, nothing is passed on. So each pair needs one connection: a node dials those that
 * come after it.
 *
 * Alone, with four nodes in one process:    node examples/dist/bus-mesh.js
 * In four terminals, in any order; a name, the own address, then the addresses to dial:
 *     node examples/dist/bus-mesh.js a tcp://127.0.0.1:6001 tcp://127.0.0.1:6002 tcp://127.0.0.1:6003 tcp://127.0.0.1:6004
 *     node examples/dist/bus-mesh.js b tcp://127.0.0.1:6002 tcp://127.0.0.1:6003 tcp://127.0.0.1:6004
 *     node examples/dist/bus-mesh.js c tcp://127.0.0.1:6003 tcp://127.0.0.1:6004
 *     node examples/dist/bus-mesh.js d tcp://127.0.0.1:6004
 */
import { Bus0 } from "@sprocket/bus";
import { ipc } from "@sprocket/transport-ipc";
import { tcp } from "@sprocket/transport-tcp";

const NODES = 4;

async function node(name: string, own: string, later: readonly string[]): Promise<void> {
  await using bus = new Bus0({ transports: [tcp(), ipc()], reconnectTimeMin: 100 });
  await bus.listen(own);
  // In the background: the others may not be up yet.
  for (const url of later) await bus.dial(url, { mode: "background" });
  await bus.waitForPipes(NODES - 1);

  await bus.send(`hello from ${name}`);
  const heard: string[] = [];
  while (heard.length < NODES - 1) heard.push((await bus.receiveMessage()).text());
  console.log(`${name} heard: ${heard.sort().join(", ")}`);
}

const [name, own, ...later] = process.argv.slice(2);
if (name !== undefined && own !== undefined) {
  await node(name, own, later);
} else {
  const names = ["a", "b", "c", "d"];
  const urls = names.map((each) => `inproc://${each}`);
  await Promise.all(names.map((each, at) => node(each, urls[at] as string, urls.slice(at + 1))));
}
