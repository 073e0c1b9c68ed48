/** Nothing is missing: what the packages give, `sprocket` gives, and every socket of it is plugged in. */
import * as bus from "@sprocket/bus";
import * as core from "@sprocket/core";
import { Socket } from "@sprocket/core/plugin";
import * as pair from "@sprocket/pair";
import * as pipeline from "@sprocket/pipeline";
import * as pubsub from "@sprocket/pubsub";
import * as reqrep from "@sprocket/reqrep";
import * as survey from "@sprocket/survey";
import * as ipc from "@sprocket/transport-ipc";
import * as tcp from "@sprocket/transport-tcp";
import * as tls from "@sprocket/transport-tls";
import * as ws from "@sprocket/transport-ws";
import { expect, test } from "vitest";
import * as sprocket from "../src/index.js";
import { classes, keep } from "./support.js";

const packages: Record<string, object> = {
  core,
  bus,
  pair,
  pipeline,
  pubsub,
  reqrep,
  survey,
  tcp,
  ipc,
  tls,
  ws,
};
const given: Readonly<Record<string, unknown>> = { ...sprocket };

test.each(Object.entries(packages))("everything that %s exports is there", (_name, exported) => {
  expect(Object.keys(given)).toEqual(expect.arrayContaining(Object.keys(exported)));
});

test("nothing else is there but the list of transports", () => {
  const known = new Set(Object.values(packages).flatMap((exported) => Object.keys(exported)));
  expect(Object.keys(given).filter((name) => !known.has(name))).toEqual(["defaultTransports"]);
});

test("every socket class extends the one of its package, under its name", () => {
  const plain: Readonly<Record<string, unknown>> = Object.assign({}, ...Object.values(packages));
  const isSocket = (value: unknown): boolean =>
    typeof value === "function" && value.prototype instanceof Socket;
  const names = Object.keys(plain).filter((name) => isSocket(plain[name]));
  expect(names.sort()).toEqual(Object.keys(classes).sort());
  for (const [name, type] of Object.entries(classes)) {
    expect(given[name]).toBe(type);
    expect(type.name).toBe(name);
    expect(Object.getPrototypeOf(type)).toBe(plain[name]);
  }
});

test.each(Object.entries(classes))("%s has every transport of the runtime", async (_name, Class) => {
  const socket = keep(new Class());
  const { url } = await socket.listen("tcp://127.0.0.1:0");
  expect(url).toMatch(/^tcp:\/\/127\.0\.0\.1:[1-9]/);
  // Each scheme finds its transport, which says what is wrong with the address.
  for (const scheme of Object.keys(sprocket.capabilities()).filter((each) => each !== "inproc")) {
    await expect(socket.dial(`${scheme}://`), scheme).rejects.not.toThrow("not plugged in");
  }
});
