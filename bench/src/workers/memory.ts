/**
 * One end of many idle connections: `<sprocket|net> <server|client> <url> <connections>`. Prints its memory twice, with
 * nothing connected and with everything connected, as "memory <json>"; the server waits for all, the client makes all.
 */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { Rep0, Req0 } from "@sprocket/reqrep";
import { tcp } from "@sprocket/transport-tcp";

process.stdin.resume();
process.stdin.on("end", () => process.exit());

const [kind, role, url = "", given] = process.argv.slice(2);
const connections = Number(given);
/** Connected at the same time; more would measure the backlog of the listener. */
const group = 50;

/** After a full collection, when the runtime offers one. */
async function report(): Promise<void> {
  for (let round = 0; round < 3; round++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  console.log(`memory ${JSON.stringify({ rss, heap: heapUsed + external })}`);
}

async function connectAll(one: () => Promise<unknown>): Promise<void> {
  for (let done = 0; done < connections; done += group) {
    await Promise.all(Array.from({ length: Math.min(group, connections - done) }, one));
  }
}

const kept: Socket[] = [];

const programs: Readonly<Record<string, () => Promise<void>>> = {
  "sprocket server": async () => {
    const rep = new Rep0({ transports: [tcp()] });
    const listener = await rep.listen(url);
    await report();
    console.log(`listening ${listener.url}`);
    await rep.waitForPipes(connections);
    await report();
  },
  "sprocket client": async () => {
    const req = new Req0({ transports: [tcp()] });
    await report();
    await connectAll(() => req.dial(url));
    await report();
  },
  "net server": async () => {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    await report();
    const all = new Promise<void>((resolve) => {
      server.on("connection", (socket) => {
        socket.on("data", () => {});
        if (kept.push(socket) === connections) resolve();
      });
    });
    console.log(`listening tcp://127.0.0.1:${(server.address() as AddressInfo).port}`);
    await all;
    await report();
  },
  "net client": async () => {
    await report();
    const port = Number(url.split(":").pop());
    await connectAll(async () => {
      const socket = connect(port, "127.0.0.1");
      socket.on("data", () => {});
      kept.push(socket);
      await once(socket, "connect");
    });
    await report();
  },
};

await programs[`${kind} ${role}`]?.();
