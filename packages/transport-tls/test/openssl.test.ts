/** The system's openssl as an independent peer: what is inside TLS is SP, byte for byte. */
import { Message } from "@sprocket/core";
import type { PipeSink, TransportPipe } from "@sprocket/core/plugin";
import { concat, frame, spHeader, until } from "@sprocket/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { noOpenssl } from "./support/openssl.js";
import { pki } from "./support/pki.js";
import { Program } from "./support/program.js";
import { World } from "./support/world.js";

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.close());

function messagesOf(pipe: TransportPipe): string[] {
  const messages: string[] = [];
  const sink: PipeSink = {
    onMessage: (message) => messages.push(message.text()),
    onDrain: () => undefined,
    onClose: () => undefined,
  };
  pipe.start(sink);
  return messages;
}

/** A greeting of PAIR v0 and one message. */
const said = Buffer.from(concat(spHeader(0x10), frame("tcp", "from sprocket")));
const hello = concat(spHeader(0x10), frame("tcp", "from openssl"));

describe.skipIf(noOpenssl).each(["-tls1_2", "-tls1_3"])("openssl with %s (needs openssl)", (version) => {
  test("as a dialer it gets a greeting and a frame, and nothing else", async () => {
    const listening = await world.listen({ ...pki.server, ca: pki.ca, authMode: "required" });
    const program = new Program(world, "openssl", [
      ...["s_client", "-connect", `127.0.0.1:${listening.port}`, "-quiet", "-verify_return_error", version],
      ...["-CAfile", pki.ours.file(pki.ca)],
      ...["-cert", pki.ours.file(pki.client.cert), "-key", pki.ours.file(pki.client.key)],
    ]);
    program.write(hello);
    const pipe = await listening.pipe();
    const messages = messagesOf(pipe);
    pipe.send(new Message("from sprocket"));
    await until(() => program.output.length >= said.length && messages.length === 1, "the messages", 10_000);
    expect(messages).toEqual(["from openssl"]);
    expect(program.output).toEqual(said);
    expect(pipe.properties.get("tls.peerCommonName")).toBe("dialer");
    // An end in good order: openssl leaves as well.
    pipe.close();
    expect(await program.exit()).toBe(0);
  });

  test("as a listener it gets a greeting and a frame", async () => {
    const program = new Program(world, "openssl", [
      ...["s_server", "-accept", "127.0.0.1:0", version],
      ...["-cert", pki.ours.file(pki.server.cert), "-key", pki.ours.file(pki.server.key)],
    ]);
    await program.printed("ACCEPT ");
    await until(() => /ACCEPT .*:\d+\n/.test(program.output.toString("latin1")), "the port", 10_000);
    const [, port] = /ACCEPT .*:(\d+)\n/.exec(program.output.toString("latin1")) ?? [];
    const attempt = world.dial(`tls+tcp://localhost:${port}`, { ca: pki.ca });
    attempt.catch(() => undefined);
    // Ours comes first: it waits for nobody.
    await program.printed(Buffer.from(spHeader(0x10)).toString("latin1"));
    program.write(hello);
    const pipe = await attempt;
    const messages = messagesOf(pipe);
    pipe.send(new Message("from sprocket"));
    await program.printed(said.toString("latin1"));
    await until(() => messages.length === 1, "the message of openssl");
    expect(messages).toEqual(["from openssl"]);
  });
});

describe.skipIf(noOpenssl)("openssl that renegotiates (needs openssl)", () => {
  test("is turned away, and others are served", async () => {
    const listening = await world.listen(pki.server);
    const program = new Program(world, "openssl", [
      ...["s_client", "-connect", `127.0.0.1:${listening.port}`, "-tls1_2"],
      ...["-CAfile", pki.ours.file(pki.ca)],
    ]);
    await program.printed("Verify return code: 0");
    program.write("R\n");
    await program.exit();
    expect(program.errors).toMatch(/no.renegotiation/i);
    await listening.reject();
    await world.dial(listening.url, { ca: pki.ca });
  });
});
