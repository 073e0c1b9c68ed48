/**
 * What a test makes, it makes here: everything is closed when the test is over, in the opposite order.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Socket, SocketEvent, SocketEventType } from "@sprocket/core";
import { FaultProxy, type FaultProxyOptions, RawListener, RawPeer, within } from "@sprocket/testing";
import { ipc } from "@sprocket/transport-ipc";
import { tcp } from "@sprocket/transport-tcp";
import { ws } from "@sprocket/transport-ws";
import { freePort } from "../../../scripts/free-port.js";

/** Only broken code waits as long. */
const PATIENCE = 10_000;

/** Every transport of this workspace that needs no certificates but inproc, which is always there. */
export const transports = [tcp(), ipc(), ws()];

/** Where to listen, for behaviour that must hold on each stream transport; `lasting`: once, or again and again. */
export const streams = [
  {
    name: "tcp",
    url: (): string => "tcp://127.0.0.1:0",
    lasting: async (): Promise<string> => `tcp://127.0.0.1:${await freePort()}`,
  },
  { name: "ipc", url: (): string => ipcUrl(), lasting: async (): Promise<string> => ipcUrl() },
] as const;

/** The same, ws and inproc. */
export const everywhere = [
  ...streams,
  { name: "ws", url: (): string => "ws://127.0.0.1:0/x" },
  { name: "inproc", url: (): string => `inproc://conformance-${++inprocNames}` },
] as const;

let inprocNames = 0;
const cleanups: (() => unknown)[] = [];

/** Runs when the test is over, before its handles are counted; the latest first. */
export function defer(cleanup: () => unknown): void {
  cleanups.push(cleanup);
}

/** By the setup, after each test. */
export async function cleanUp(): Promise<void> {
  for (let cleanup = cleanups.pop(); cleanup !== undefined; cleanup = cleanups.pop()) await cleanup();
}

/** Destroys the socket when the test is over. */
export function keep<Kind extends { destroy(): void }>(socket: Kind): Kind {
  defer(() => socket.destroy());
  return socket;
}

/** A folder of its own, removed when the test is over. */
export function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "sp-"));
  defer(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** An ipc address that nobody has used. */
export function ipcUrl(): string {
  if (process.platform === "win32")
    return `ipc://sprocket-${process.pid}-${Math.random().toString(36).slice(2)}`;
  return `ipc://${join(freshFolder(), "s")}`;
}

/** A raw peer that has connected and said nothing. */
export async function rawConnect(url: string): Promise<RawPeer> {
  const peer = await RawPeer.connect(url);
  defer(() => peer.close());
  return peer;
}

/** A raw peer that has shaken hands as `protocol`. */
export async function rawPeer(url: string, protocol: number): Promise<RawPeer> {
  const peer = await rawConnect(url);
  await peer.handshake(protocol);
  return peer;
}

/** A raw listener for our dialers. */
export async function rawListen(url?: string): Promise<RawListener> {
  const listener = await RawListener.listen(url);
  defer(() => listener.close());
  return listener;
}

export async function proxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const between = await FaultProxy.start(options);
  defer(() => between.close());
  return between;
}

/** The next event of this type. Call it before what sets the event off. */
export function nextEvent<Type extends SocketEventType>(
  socket: Socket,
  type: Type,
  patience = PATIENCE,
): Promise<SocketEvent<Type>> {
  const event = new Promise<SocketEvent<Type>>((resolve) => {
    socket.addEventListener(type, resolve, { once: true });
  });
  return within(patience, event, `event ${type}`);
}

/** Every event of these types from now on, in order. */
export function record<Type extends SocketEventType>(
  socket: Socket,
  ...types: readonly Type[]
): SocketEvent<Type>[] {
  const events: SocketEvent<Type>[] = [];
  for (const type of types) {
    socket.addEventListener(type, (event) => {
      events.push(event as SocketEvent<Type>);
    });
  }
  return events;
}

/** Every pipe event from now on, as words: what reference 5.6 calls the sequence of a pipe. */
export function recordPipes(socket: Socket): string[] {
  const words: string[] = [];
  socket.addEventListener("pipeopen", () => words.push("open"));
  socket.addEventListener("pipeclose", () => words.push("close"));
  socket.addEventListener("pipereject", () => words.push("reject"));
  return words;
}

/** A promise that must reject, as its error. */
export async function failure(promise: Promise<unknown>): Promise<Error & { code?: string }> {
  const outcome = await within(
    PATIENCE,
    promise.then(
      () => undefined,
      (error: unknown) => error,
    ),
    "the rejection",
  );
  if (outcome === undefined) throw new Error("it was expected to reject, and resolved");
  return outcome as Error & { code?: string };
}

/** Must be awaited where a receive should succeed: fails with words when nothing comes. */
export async function text(promise: Promise<Uint8Array>): Promise<string> {
  return new TextDecoder().decode(await within(PATIENCE, promise, "a message"));
}

/** Turns of the event loop: for what must not happen. */
export async function turns(count = 20): Promise<void> {
  for (let round = 0; round < count; round++) await new Promise<void>((resolve) => setImmediate(resolve));
}

/**
 * Does it, and fails when it takes longer than `ms`. A machine that was busy with something else gets two more chances:
 * what is slow by itself is slow each time.
 */
export async function promptly(action: () => Promise<unknown>, ms = 1_000): Promise<void> {
  let fastest = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 3 && fastest > ms; attempt++) {
    const begun = performance.now();
    await action();
    fastest = Math.min(fastest, performance.now() - begun);
  }
  if (fastest > ms) throw new Error(`took ${Math.round(fastest)} ms at best, not ${ms}`);
}
