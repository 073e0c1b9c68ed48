import { Pair0, Pair1 } from "@sprocket/pair";
import { Rep0, Req0 } from "@sprocket/reqrep";
import { describe, expect } from "vitest";
import { type Talker, text } from "../src/exchange.js";
import { pattern } from "../src/pattern.js";
import { tool } from "../src/requirements.js";
import { meetingsWith, transports } from "../src/routes.js";
import { type Endpoint, patience } from "../src/scene.js";
import { test, withProgram } from "../src/suite.js";

const options = { transports, receiveTimeout: patience };

/** How a tool spells what we ask of it. */
interface Dialect {
  readonly name: "nngcat" | "nanocat";
  readonly listen: string;
  readonly dial: string;
  /** Protocol flags of PAIR, with the class of ours that talks to them. */
  readonly pairs: Readonly<Record<string, () => Endpoint & Talker>>;
}

const dialects: readonly Dialect[] = [
  {
    name: "nngcat",
    listen: "--listen",
    dial: "--dial",
    pairs: { "--pair0": () => new Pair0(options), "--pair1": () => new Pair1(options) },
  },
  { name: "nanocat", listen: "--bind", dial: "--connect", pairs: { "--pair": () => new Pair0(options) } },
];

type Rendering = (message: Uint8Array) => Buffer;

const ascii = (message: Uint8Array): string => [...message].map((byte) => printable(byte) ?? ".").join("");

const quoted =
  (short: Readonly<Record<number, string>>): Rendering =>
  (message) =>
    Buffer.from(
      `"${[...message].map((byte) => short[byte] ?? printable(byte) ?? escaped(byte)).join("")}"\n`,
    );

const shortEscapes = { 10: "\\n", 13: "\\r", 34: '\\"', 92: "\\\\" };

/** What both tools print for one message. */
const commonFormats: Readonly<Record<string, Rendering>> = {
  raw: (message) => Buffer.from(message),
  hex: (message) => Buffer.from(`"${[...message].map(escaped).join("")}"\n`),
  msgpack: (message) => {
    const head = Buffer.alloc(message.length < 256 ? 2 : 3);
    if (message.length < 256) head.writeUInt16BE(0xc400 + message.length);
    else head.writeUIntBE(0xc50000 + message.length, 0, 3);
    return Buffer.concat([head, message]);
  },
};

/** Where they differ. */
const ownFormats: Readonly<Record<Dialect["name"], Readonly<Record<string, Rendering>>>> = {
  nngcat: {
    ascii: (message) => Buffer.from(ascii(message)),
    quoted: quoted({ ...shortEscapes, 9: "\\t" }),
  },
  nanocat: {
    ascii: (message) => Buffer.from(`${ascii(message)}\n`),
    quoted: quoted(shortEscapes),
  },
};

function printable(byte: number): string | undefined {
  return byte >= 32 && byte < 127 ? String.fromCharCode(byte) : undefined;
}

function escaped(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, "0")}`;
}

for (const { name, listen, dial, pairs } of dialects) {
  withProgram(name, tool(name), (file) => {
    const at = (role: "listen" | "dial", url: string): string[] => [role === "listen" ? listen : dial, url];

    // What both have. nngcat with TLS is a matter of the tests of `sprocket cat`.
    for (const meeting of meetingsWith("nanomsg")) {
      describe(`over ${meeting.route}, ${meeting.side}`, () => {
        for (const [flag, open] of Object.entries(pairs)) {
          test(`${flag} and our socket exchange messages`, async ({ scene }) => {
            const pair = scene.socket(open());
            const cat = await scene.meetTool(pair, meeting, file, (role, url) => [
              flag,
              ...at(role, url),
              "--raw",
              "--data",
              `from ${name}`,
            ]);
            expect(text(await pair.receive())).toBe(`from ${name}`);
            const sent = pattern(5_000, 1);
            await pair.send(sent);
            const printed = await cat.printed((output) => output.length >= sent.length);
            expect(Buffer.compare(printed, sent)).toBe(0);
          });
        }

        test("--rep answers our requests", async ({ scene }) => {
          const req = scene.socket(new Req0(options));
          const cat = await scene.meetTool(req, meeting, file, (role, url) => [
            "--rep",
            ...at(role, url),
            "--raw",
            "--data",
            "the answer",
          ]);
          expect(text(await req.request("first?", { timeout: patience }))).toBe("the answer");
          expect(text(await req.request("second?", { timeout: patience }))).toBe("the answer");
          const printed = await cat.printed((output) => output.length >= 13);
          expect(printed.toString()).toBe("first?second?");
        });

        test("--req is answered by us and prints the answer", async ({ scene }) => {
          const rep = scene.socket(new Rep0(options));
          const cat = await scene.meetTool(rep, meeting, file, (role, url) => [
            "--req",
            ...at(role, url),
            "--raw",
            "--data",
            "the question",
          ]);
          expect(text(await rep.receive())).toBe("the question");
          await rep.send("the answer");
          expect((await cat.exit()).code).toBe(0);
          expect(cat.output.toString()).toBe("the answer");
        });
      });
    }

    const everyByte = Uint8Array.from({ length: 256 }, (_, index) => index);
    const pairFlag = Object.keys(pairs)[0] as string;
    for (const [format, render] of Object.entries({ ...commonFormats, ...ownFormats[name] })) {
      test(`--${format} prints our messages byte for byte`, async ({ scene }) => {
        const pair = scene.socket(new Pair0(options));
        const cat = await scene.meetTool(pair, { route: "ipc", side: "we listen" }, file, (role, url) => [
          pairFlag,
          ...at(role, url),
          `--${format}`,
        ]);
        const messages = [everyByte, new Uint8Array(0), everyByte.subarray(65, 70)];
        const expected = Buffer.concat(messages.map(render));
        await pair.waitForPipes(1, { timeout: patience });
        for (const message of messages) await pair.send(message);
        const printed = await cat.printed((output) => output.length >= expected.length);
        expect(printed.toString("latin1")).toBe(expected.toString("latin1"));
      });
    }
  });
}
