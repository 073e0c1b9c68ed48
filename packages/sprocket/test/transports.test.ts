/** `transports` adds to what is there, and what is given wins. */
import { MockTransport } from "@sprocket/testing";
import { expect, test } from "vitest";
import {
  ConnectionRefusedError,
  capabilities,
  defaultTransports,
  Pair0,
  type SocketOptions,
  type Transport,
} from "../src/index.js";
import { keep } from "./support.js";

test("a transport that is given is there beside the others", async () => {
  const mock = new MockTransport();
  const socket = keep(new Pair0({ transports: [mock] }));
  await socket.listen("mock://x");
  const { url } = await socket.listen("tcp://127.0.0.1:0");
  expect(url).toMatch(/^tcp:/);
});

test("a transport that is given answers its schemes in place of ours", async () => {
  const reasons: string[] = [];
  const own: Transport = {
    name: "own",
    schemes: ["tcp"],
    check: (url) => void reasons.push(url.href),
    dial: () => Promise.reject(new ConnectionRefusedError("Not today.")),
  };
  const socket = keep(new Pair0({ transports: [own] }));
  await expect(socket.dial("tcp://x:1", { mode: "connect" })).rejects.toThrow("Not today.");
  expect(reasons).toEqual(["tcp://x:1"]);
  await socket.listen("tcp4://127.0.0.1:0");
});

test.each([[undefined], [[]]])("with transports: %j there are those of the runtime", async (given) => {
  const socket = keep(new Pair0({ transports: given }));
  await socket.listen("tcp://127.0.0.1:0");
});

test("the transports of the runtime are made once, and nobody can change the list", () => {
  expect(defaultTransports()).toBe(defaultTransports());
  expect(Object.isFrozen(defaultTransports())).toBe(true);
  expect(defaultTransports().map(({ name }) => name)).toEqual(["tcp", "ipc", "tls", "ws"]);
});

test("capabilities counts those that are given", () => {
  expect(capabilities([new MockTransport()])).toMatchObject({
    mock: { transport: "mock" },
    tcp: { transport: "tcp" },
  });
});

test("options are left as they were given, and only own ones are read", async () => {
  const options = Object.freeze({ name: "calc", receiveTimeout: 5 });
  expect(keep(new Pair0(options)).name).toBe("calc");
  expect(Object.keys(options)).toEqual(["name", "receiveTimeout"]);
  const inherited: SocketOptions = Object.create({ transports: ["no transport"], name: "inherited" });
  expect(keep(new Pair0(inherited)).name).not.toBe("inherited");
});

test.each([
  [{ transports: "tcp" }, "SP_EBADTYPE", "must be an array"],
  [{ transports: {} }, "SP_EBADTYPE", "must be an array"],
  [{ transports: [() => 1] }, "SP_EBADTYPE", "call the factory"],
  [{ transports: [null] }, "SP_EBADTYPE", "is no transport"],
  [{ recv_timeout: 5 }, "SP_ENOTSUP", "receiveTimeout"],
  [null, "SP_EBADTYPE", "must be an object"],
  ["tcp", "SP_EBADTYPE", "must be an object"],
  [[], "SP_EBADTYPE", "must be an object"],
])("bad options are refused as by the class itself: %j", (given, code, text) => {
  expect(() => new Pair0(given as never)).toThrow(expect.objectContaining({ code }));
  expect(() => new Pair0(given as never)).toThrow(text);
});
