/**
 * Many connections between two processes: from one socket that dials, or many, to one that listens. Both print what memory
 * they use before and after, as "memory <json>"; the server prints "all" when everybody has come. At the end the client
 * sends one request over each connection, all at the same time, and reports how long the replies took.
 *
 * Modes: sprocket (one REQ, one REP), net, zeromq (one PUSH, one PULL, which ask nothing: a DEALER connects but once to an
 * address).
 */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { Rep0, Req0 } from "@sprocket/reqrep";
import { tcp } from "@sprocket/transport-tcp";
import { announce, body, go, readTask, reportTimes } from "./worker.js";

const task = readTask();
const { peers: connections } = task;
const bytes = body(task.size);
/** Connected at the same time; more would measure the backlog of the listener. */
const group = 50;

/** After a full collection, when the runtime offers one. */
async function reportMemory(): Promise<void> {
  for (let round = 0; round < 3; round++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  console.log(`memory ${JSON.stringify({ rss, heap: heapUsed + external })}`);
}

/** What all dialers do: `dial` each connection, then `ask` once over each. */
async function dialAll(
  dial: () => Promise<unknown>,
  ask: (index: number) => Promise<unknown>,
): Promise<void> {
  await reportMemory();
  await go();
  for (let done = 0; done < connections; done += group) {
    await Promise.all(Array.from({ length: Math.min(group, connections - done) }, dial));
  }
  await reportMemory();
  await go();
  const times = new Float64Array(connections);
  await Promise.all(
    Array.from({ length: connections }, async (_, index) => {
      const started = performance.now();
      await ask(index);
      times[index] = (performance.now() - started) * 1_000;
    }),
  );
  reportTimes(times);
}

async function reportAll(): Promise<void> {
  console.log("all");
  await reportMemory();
}

async function handshakes(events: AsyncIterable<{ readonly type: string }>): Promise<void> {
  let count = 0;
  for await (const { type } of events) if (type === "handshake" && ++count === connections) return;
}

const programs: Readonly<Record<string, () => Promise<void>>> = {
  "sprocket server": async () => {
    const rep = new Rep0({ transports: [tcp()] });
    await reportMemory();
    announce((await rep.listen(task.url)).url);
    await rep.waitForPipes(connections);
    await reportAll();
    rep.serve((request) => request.body, { concurrency: Number.POSITIVE_INFINITY });
  },
  "sprocket client": async () => {
    const req = new Req0({ transports: [tcp()] });
    await dialAll(
      () => req.dial(task.url),
      () => req.request(bytes),
    );
  },
  "net server": async () => {
    let count = 0;
    const server = createServer({ noDelay: true }, (socket) => {
      socket.on("data", (chunk: Buffer) => socket.write(chunk));
      if (++count === connections) void reportAll();
    });
    await reportMemory();
    server.listen({ port: 0, host: "127.0.0.1", backlog: 512 });
    await once(server, "listening");
    announce(`tcp://127.0.0.1:${(server.address() as AddressInfo).port}`);
  },
  "net client": () => {
    const port = Number(task.url.split(":").pop());
    const sockets: Socket[] = [];
    return dialAll(
      async () => {
        const socket = connect({ port, host: "127.0.0.1", noDelay: true });
        socket.on("data", () => {});
        sockets.push(socket);
        await once(socket, "connect");
      },
      (index) => {
        const socket = sockets[index] as Socket;
        socket.write(bytes);
        return once(socket, "data");
      },
    );
  },
  "zeromq server": async () => {
    const { Pull } = await import("zeromq");
    const pull = new Pull();
    await reportMemory();
    await pull.bind(task.url.replace(/:0$/, ":*"));
    announce(pull.lastEndpoint ?? task.url);
    await handshakes(pull.events);
    await reportAll();
  },
  "zeromq client": async () => {
    const { Push } = await import("zeromq");
    const push = new Push();
    const connected = handshakes(push.events);
    let dialed = 0;
    await dialAll(
      async () => {
        push.connect(task.url);
        if (++dialed === connections) await connected;
      },
      () => Promise.reject(new Error("A PUSH asks nothing.")),
    );
  },
};

await programs[`${task.mode} ${task.role}`]?.();
