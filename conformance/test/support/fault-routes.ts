/** The transports whose connections are spoiled, and how many bytes go by on each before the first message may. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Transport } from "@sprocket/core";
import { Pair0 } from "@sprocket/pair";
import { tcp } from "@sprocket/transport-tcp";
import { tls } from "@sprocket/transport-tls";
import { ws } from "@sprocket/transport-ws";
import { keep } from "./world.js";

export interface FaultRoute {
  readonly name: "tcp" | "tls+tcp" | "ws";
  readonly transports: readonly Transport[];
  /** At this port of this machine; 0: the system chooses. */
  url(port: number): string;
  /** For a process of its own: certificate and key, where it takes them. */
  readonly credentials: readonly string[];
}

/** Bytes of the handshakes, dialer to listener and back. */
export interface Greeting {
  readonly up: number;
  readonly down: number;
}

export const overTcp: FaultRoute = {
  name: "tcp",
  transports: [tcp()],
  url: (port) => `tcp://127.0.0.1:${port}`,
  credentials: [],
};

export const overWs: FaultRoute = {
  name: "ws",
  transports: [ws()],
  url: (port) => `ws://127.0.0.1:${port}/`,
  credentials: [],
};

/** Undefined where there is no openssl, which makes the certificate. */
export const overTls: FaultRoute | undefined = route();

function route(): FaultRoute | undefined {
  const pem = certificate();
  if (pem === undefined) return undefined;
  const { cert, key } = pem;
  return {
    name: "tls+tcp",
    transports: [tls({ ca: cert, cert, key })],
    url: (port) => `tls+tcp://127.0.0.1:${port}`,
    credentials: [cert, key],
  };
}

/** One that vouches for itself. */
function certificate(): { readonly cert: string; readonly key: string } | undefined {
  const folder = mkdtempSync(join(tmpdir(), "sp-"));
  const [cert, key] = [join(folder, "cert"), join(folder, "key")] as const;
  try {
    execFileSync(
      "openssl",
      [
        ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"],
        ...["-subj", "/CN=faults", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert],
      ],
      { stdio: "pipe", timeout: 20_000 },
    );
    return { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
  } catch (error) {
    if (process.env.SPROCKET_REQUIRE_PEERS === "1") {
      throw new Error(
        "openssl is missing and SPROCKET_REQUIRE_PEERS=1 asks for it: apt-get install openssl",
        {
          cause: error,
        },
      );
    }
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function portOf(url: string): number {
  return Number(/:(\d+)\/?$/.exec(url)?.[1]);
}

/** Counts them on one sound connection. A signature may be a byte or two shorter or longer the next time. */
export async function greetingOf({ transports, url }: FaultRoute): Promise<Greeting> {
  const left = keep(new Pair0({ transports }));
  const listener = await left.listen(url(0));
  let [up, down] = [0, 0];
  const relay = createServer((dialer) => {
    const target = connect(portOf(listener.url), "127.0.0.1");
    dialer.on("data", (chunk) => {
      up += chunk.length;
      target.write(chunk);
    });
    target.on("data", (chunk) => {
      down += chunk.length;
      dialer.write(chunk);
    });
    for (const [socket, other] of [
      [dialer, target],
      [target, dialer],
    ] as const) {
      socket.on("error", () => undefined);
      socket.once("close", () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => relay.listen(0, "127.0.0.1", resolve));
  const { port } = relay.address() as { port: number };
  const right = keep(new Pair0({ transports }));
  await right.dial(url(port));
  await left.waitForPipes(1);
  const greeting = { up, down };
  right.destroy();
  left.destroy();
  await new Promise((resolve) => relay.close(resolve));
  return greeting;
}
