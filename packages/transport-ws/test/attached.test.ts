/** `ws({ server })`: on an HTTP server of the application's, beside everything else that it does. */
import { once } from "node:events";
import { createServer, get, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { AddressInUseError, AddressInvalidError, ClosedError, InvalidOperationError } from "@sprocket/core";
import { Pair0 } from "@sprocket/pair";
import { Rep0, Req0 } from "@sprocket/reqrep";
import { until } from "@sprocket/testing";
import express from "express";
import fastify from "fastify";
import { createServer as createVite } from "vite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { ws } from "../src/index.js";
import { World } from "./support/world.js";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.close());

function keep<Kind extends { destroy(): void }>(socket: Kind): Kind {
  world.defer(() => socket.destroy());
  return socket;
}

async function started(server = createServer((_, response) => response.end("a page"))): Promise<Server> {
  if (!server.listening) server.listen(0, "127.0.0.1");
  if (!server.listening) await once(server, "listening");
  world.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

async function page(port: number, path = "/"): Promise<string> {
  const [response] = await once(get({ host: "127.0.0.1", port, path, agent: false }), "response");
  let text = "";
  for await (const chunk of response) text += chunk;
  return text;
}

/** A replier on it answers; so do its own pages. */
async function speaks(server: Server, path: string): Promise<void> {
  const rep = keep(new Rep0({ transports: [ws({ server })] }));
  const { url } = await rep.listen(`ws://127.0.0.1${path}`);
  expect(url).toBe(`ws://127.0.0.1:${portOf(server)}${path}`);
  rep.serve((request) => `${request.text()} back`);
  const req = keep(new Req0({ transports: [ws()] }));
  await req.dial(url);
  expect(Buffer.from(await req.request("there", { timeout: 5_000 })).toString()).toBe("there back");
}

describe("servers of", () => {
  test("node:http", async () => {
    const server = await started();
    await speaks(server, "/rpc");
    expect(await page(portOf(server))).toBe("a page");
  });

  test("express", async () => {
    const app = express();
    app.get("/hello", (_, response) => void response.send("express"));
    const server = await started(app.listen(0, "127.0.0.1"));
    await speaks(server, "/rpc");
    expect(await page(portOf(server), "/hello")).toBe("express");
  });

  test("fastify", async () => {
    const app = fastify();
    app.get("/hello", async () => "fastify");
    await app.listen({ port: 0, host: "127.0.0.1" });
    world.defer(() => app.close());
    await speaks(app.server, "/rpc");
    expect(await page(portOf(app.server), "/hello")).toBe("fastify");
  });

  test("vite, whose own WebSocket goes on, also at a path that both have", async () => {
    const vite = await createVite({
      configFile: false,
      logLevel: "silent",
      root: import.meta.dirname,
      server: { port: 0, host: "127.0.0.1", watch: null },
      optimizeDeps: { noDiscovery: true },
    });
    await vite.listen();
    world.defer(() => vite.close());
    const server = vite.httpServer as Server;
    const port = portOf(server);
    await speaks(server, "/rpc");
    const pair = keep(new Pair0({ transports: [ws({ server })] }));
    await pair.listen("ws://127.0.0.1/");
    for (const path of ["/", "/rpc"]) {
      const ours = keep(new Pair0({ transports: [ws()] }));
      if (path === "/") await ours.dial(`ws://127.0.0.1:${port}${path}`);
    }
    const hmr = new WebSocket(`ws://127.0.0.1:${port}/?token=${vite.config.webSocketToken}`, "vite-hmr");
    world.defer(() => hmr.terminate());
    const [greeting] = await once(hmr, "message");
    expect(JSON.parse(String(greeting))).toEqual({ type: "connected" });
    vite.ws.send({ type: "full-reload" });
    const [update] = await once(hmr, "message");
    expect(JSON.parse(String(update)).type).toBe("full-reload");
  });
});

test("several sockets share a server by their paths, and one path has one socket", async () => {
  const server = await started();
  const transports = [ws({ server })];
  const [one, two] = [keep(new Pair0({ transports })), keep(new Rep0({ transports }))];
  await one.listen("ws:///one");
  const { url } = await two.listen("ws://127.0.0.1/two");
  await expect(one.listen(url)).rejects.toThrow(AddressInUseError);
  await expect(one.listen("ws:///two/")).rejects.toThrow(AddressInUseError);
  await two.close();
  await one.listen(url);
});

test("other upgrade handlers get what is theirs", async () => {
  const server = await started();
  const theirs = new WebSocketServer({ noServer: true });
  server.on("upgrade", (request, socket, head) => {
    if (request.url !== "/theirs") return;
    theirs.handleUpgrade(request, socket, head, (websocket) => websocket.send("theirs"));
  });
  await speaks(server, "/ours");
  const websocket = new WebSocket(`ws://127.0.0.1:${portOf(server)}/theirs`);
  world.defer(() => websocket.terminate());
  expect(String((await once(websocket, "message"))[0])).toBe("theirs");
});

test("where nobody else handles upgrades, a request for another path is answered", async () => {
  const server = await started();
  await speaks(server, "/ours");
  const raw = await world.raw(`ws://127.0.0.1:${portOf(server)}/other`);
  expect((await raw.ask()).status).toBe(404);
  await raw.peer.expectClosed();
});

test("once the last listener has closed, nothing of it is left on the server", async () => {
  const server = await started();
  const before = server.eventNames().map((name) => [name, server.listenerCount(name)]);
  const pair = new Pair0({ transports: [ws({ server })] });
  await pair.listen("ws:///a");
  await pair.listen("ws:///b");
  await pair.close();
  expect(server.eventNames().map((name) => [name, server.listenerCount(name)])).toEqual(before);
  expect(await page(portOf(server))).toBe("a page");
});

test("a server that does not listen yet may come later", async () => {
  const server = createServer();
  const rep = keep(new Rep0({ transports: [ws({ server })] }));
  await rep.listen("ws:///rpc");
  rep.serve((request) => request.body);
  await started(server);
  const req = keep(new Req0({ transports: [ws()] }));
  await req.dial(`ws://127.0.0.1:${portOf(server)}/rpc`);
  expect(await req.request("x", { timeout: 5_000 })).toHaveLength(1);
});

test("when the server closes, the listener does, and says so", async () => {
  const server = await started();
  const pair = keep(new Pair0({ transports: [ws({ server })] }));
  const errors: Error[] = [];
  pair.addEventListener("handshakeerror", ({ error }) => errors.push(error));
  const listener = await pair.listen("ws:///rpc");
  server.close();
  await until(() => errors.length === 1, "the event");
  expect(errors[0]).toBeInstanceOf(ClosedError);
  expect(listener.closed).toBe(true);
});

test("a URL that says something else than the server is refused", async () => {
  const server = await started();
  const pair = keep(new Pair0({ transports: [ws({ server })] }));
  await expect(
    pair.listen(`ws://127.0.0.1:${portOf(server) === 65535 ? 1 : portOf(server) + 1}/x`),
  ).rejects.toThrow(AddressInvalidError);
  await expect(pair.listen("wss://127.0.0.1/x")).rejects.toThrow(InvalidOperationError);
});
