/**
 * A peer dies and comes back. The dialer connects again by itself; what it sends meanwhile waits for the connection.
 *
 *     dialer ──"one"──► listener
 *                       ✗ killed, started again at the same address
 *     dialer ──"two"──► listener
 *
 * Alone, with the listener in a process of its own:    node examples/dist/reconnect.js
 * In two terminals; type lines into the second, and kill and restart whichever you like in between:
 *     node examples/dist/reconnect.js listen tcp://127.0.0.1:5555
 *     node examples/dist/reconnect.js dial tcp://127.0.0.1:5555
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Pair0 } from "@sprocket/pair";
import { ipc } from "@sprocket/transport-ipc";
import { tcp } from "@sprocket/transport-tcp";
import { ipcAddress } from "./ipc-address.js";

const transports = [tcp(), ipc()];

/** Sends back what it receives, until it is killed. */
async function echo(url: string): Promise<void> {
  await using pair = new Pair0({ transports });
  const listener = await pair.listen(url);
  console.log(`listening at ${listener.url}`);
  // A process that was forked tells its parent; one in a terminal has none.
  process.send?.("ready");
  for await (const message of pair.messages())
    await pair.send(`${message.text()}, says process ${process.pid}`);
}

function dialer(): Pair0 {
  // At most 100 ms between attempts; the default is a second.
  const pair = new Pair0({ transports, reconnectTimeMin: 100 });
  pair.addEventListener("connected", () => console.log("connected"));
  pair.addEventListener("pipeclose", () => console.log("the connection is gone"));
  return pair;
}

async function typed(url: string): Promise<void> {
  await using pair = dialer();
  await pair.dial(url);
  for await (const line of createInterface(process.stdin)) {
    await pair.send(line);
    // What was under way when a connection broke is lost: a pair promises no more.
    const answer = await pair.receiveMessage({ timeout: 10_000 }).catch(() => undefined);
    console.log(answer?.text() ?? "no answer");
  }
}

async function alone(): Promise<void> {
  await using address = await ipcAddress();
  const start = async () => {
    const child = fork(fileURLToPath(import.meta.url), ["listen", address.url], {
      stdio: ["ignore", "ignore", 2, "ipc"],
    });
    await once(child, "message");
    return child;
  };
  const first = await start();
  await using pair = dialer();
  await pair.dial(address.url);
  await pair.send("one");
  console.log(`the answer came: ${(await pair.receiveMessage()).text().replace(String(first.pid), "1")}`);

  // Killed in the hardest way: no good-bye.
  const gone = new Promise((resolve) => pair.addEventListener("pipeclose", resolve, { once: true }));
  first.kill("SIGKILL");
  await gone;
  const sent = pair.send("two");
  console.log("sent to nobody: the message waits");

  const second = await start();
  await sent;
  console.log(`the answer came: ${(await pair.receiveMessage()).text().replace(String(second.pid), "2")}`);
  await pair.close();
  second.kill("SIGKILL");
}

const [role, url = "tcp://127.0.0.1:0"] = process.argv.slice(2);
if (role === "listen") await echo(url);
else if (role === "dial") await typed(url);
else await alone();
