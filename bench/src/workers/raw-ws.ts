/**
 * The package `ws` alone, as it is used most: one `send` for each message, which waits while a megabyte is under way. What
 * the client sends is masked, as the standard wants. Modes: pair (the client sends), pair-back (the server sends).
 */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { WebSocket, WebSocketServer } from "ws";
import { Arrivals, announce, body, readTask } from "./worker.js";

const task = readTask();
const highWater = 1_024 * 1_024;
const settings = { perMessageDeflate: false, maxPayload: 0 };

async function sendAll(socket: WebSocket): Promise<void> {
  const bytes = body(task.size);
  for (let left = task.warmUp + task.count; left > 0; left--) {
    if (socket.bufferedAmount < highWater) socket.send(bytes);
    else await new Promise((resolve) => socket.send(bytes, resolve));
  }
}

function count(socket: WebSocket): void {
  const arrivals = new Arrivals(task);
  socket.on("message", (data: Buffer) => arrivals.body(data));
}

const back = task.mode === "pair-back";
if (task.role === "server") {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0, ...settings });
  server.on("connection", (socket) => (back ? void sendAll(socket) : count(socket)));
  await once(server, "listening");
  announce(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/`);
} else {
  const socket = new WebSocket(task.url, settings);
  if (back) count(socket);
  await once(socket, "open");
  if (!back) await sendAll(socket);
}
