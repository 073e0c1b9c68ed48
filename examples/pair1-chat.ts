/**
 * A chat: what the host types goes to every guest, what a guest types goes to the host.
 *
 *     guest ──► host ──► guest
 *                └─────► guest
 *
 * Alone, with a host and two guests that talk by themselves:    node examples/dist/pair1-chat.js
 * In as many terminals as you like; the end of input (Ctrl-D) is good-bye:
 *     node examples/dist/pair1-chat.js listen tcp://127.0.0.1:5555
 *     node examples/dist/pair1-chat.js dial tcp://127.0.0.1:5555
 */
import { createInterface } from "node:readline";
import { Pair1 } from "@sprocket/pair";
import { ipc } from "@sprocket/transport-ipc";
import { tcp } from "@sprocket/transport-tcp";

const transports = [tcp(), ipc()];

/** Prints what comes, until the socket closes. */
async function show(socket: Pair1): Promise<void> {
  for await (const message of socket.messages()) console.log(`< ${message.text()}`);
}

async function host(url: string): Promise<void> {
  await using socket = new Pair1({ transports, polyamorous: true });
  const listener = await socket.listen(url);
  console.log(`listening at ${listener.url}`);
  // Who comes and goes is an event.
  socket.addEventListener("pipeopen", () => console.log(`${socket.pipes.size} here`));
  const shown = show(socket);
  for await (const line of createInterface(process.stdin)) {
    for (const pipe of socket.pipes) pipe.send(line);
  }
  await socket.close();
  await shown;
}

async function guest(url: string): Promise<void> {
  await using socket = new Pair1({ transports });
  await socket.dial(url);
  const shown = show(socket);
  for await (const line of createInterface(process.stdin)) await socket.send(line);
  await socket.close();
  await shown;
}

async function alone(): Promise<void> {
  await using socket = new Pair1({ polyamorous: true });
  await socket.listen("inproc://chat");
  const guests = ["ada", "bob"].map(async (name) => {
    await using guest = new Pair1();
    await guest.dial("inproc://chat");
    const heard = await guest.receiveMessage();
    console.log(`${name} heard "${heard.text()}"`);
    await guest.send(`${name} says hello`);
  });
  await socket.waitForPipes(2);
  for (const pipe of socket.pipes) pipe.send("welcome, all of you");
  for (let heard = 0; heard < 2; heard++)
    console.log(`the host heard "${(await socket.receiveMessage()).text()}"`);
  await Promise.all(guests);
}

const [role, url = "tcp://127.0.0.1:0"] = process.argv.slice(2);
if (role === "listen") await host(url);
else if (role === "dial") await guest(url);
else await alone();
