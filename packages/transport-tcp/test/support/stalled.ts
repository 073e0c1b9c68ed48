/** An address at which connecting neither succeeds nor fails, as behind a firewall that drops packets. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { within } from "@sprocket/testing";
import type { World } from "./world.js";

/** Full for certain: a connection to a loopback address that is not there after so many ms waits for room. */
const FULL = 300;

export async function stalledPort(world: World, host = "127.0.0.1", wanted = 0): Promise<number> {
  const child = fork(new URL("./never-accepts.js", import.meta.url), [host, String(wanted)], {
    execArgv: [],
  });
  world.defer(async () => {
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  });
  const [port] = (await within(10_000, once(child, "message"), "the port of a child process")) as [number];
  child.kill("SIGSTOP");
  for (;;) {
    const socket = connect(port, host);
    socket.on("error", () => undefined);
    world.defer(() => socket.destroy());
    const connected = await Promise.race([
      once(socket, "connect").then(() => true),
      // A turn later: what came while this process got no time counts.
      new Promise<boolean>((resolve) => setTimeout(() => setImmediate(resolve, false), FULL)),
    ]);
    if (!connected) return port;
  }
}
