/** Every example, run by itself, prints what it promises and ends well. */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { Program } from "./support/program.js";

type Line = string | RegExp;

interface Expected {
  readonly lines: readonly Line[];
  /** They come from several sides at once. */
  readonly anyOrder?: boolean;
}

const aTcpAddress = String.raw`tcp:\/\/127\.0\.0\.1:\d+`;
const aDate = String.raw`\d{4}-\d\d-\d\dT[\d:.]+Z`;
const abstractNames = process.platform === "linux" && Number(process.versions.node.split(".")[0]) >= 22;

const examples: Readonly<Record<string, Expected>> = {
  pair: {
    lines: [
      "right received ping",
      "left received 4 bytes: pong",
      "left can send: true",
      "left has something to read: false",
    ],
  },
  "pair-ping": {
    lines: [
      new RegExp(`^listening at ${aTcpAddress}$`),
      "listener received ping 1",
      "dialer received pong 1",
      "listener received ping 2",
      "dialer received pong 2",
      "listener received ping 3",
      "dialer received pong 3",
    ],
  },
  pair1: {
    lines: [
      'ada received "hello, first guest"',
      'bob received "hello, second guest"',
      'the hub received "thanks" from the second guest: true',
      'bob received "you are welcome"',
    ],
  },
  "pair1-chat": {
    lines: [
      'ada heard "welcome, all of you"',
      'bob heard "welcome, all of you"',
      'the host heard "ada says hello"',
      'the host heard "bob says hello"',
    ],
    anyOrder: true,
  },
  reqrep: {
    lines: [
      new RegExp(`^listening at ${aTcpAddress}$`),
      new RegExp(`^the reply is: ${aDate}$`),
      'the reply is: I do not know "weather".',
      new RegExp(`^the reply is: ${aDate}$`),
    ],
  },
  contexts: {
    lines: [
      'who asked "quick" got "answer to slow"',
      "the second answer fails: SP_ESTATE",
      'who asked "slow" got nothing: true',
      "with contexts: ten requests in work at once, 10 right answers",
      "with serve(): ten requests in work at once, 10 right answers",
    ],
  },
  pubsub: {
    lines: [
      new RegExp(`^listening at ${aTcpAddress}$`),
      "ada heard news 1",
      "ada heard news 2",
      "ada heard news 3",
      "bob heard news 1",
      "bob heard news 2",
      "bob heard news 3",
    ],
    anyOrder: true,
  },
  "pubsub-topics": {
    lines: [
      "weather/rain 4 mm",
      "sport/2:1",
      "stocks/all up",
      "in the context: sport/3:2",
      "in the socket: weather/sun",
    ],
  },
  "pubsub-threads": {
    lines: [
      'the subscriber of topic1 received "one"',
      'the subscriber of topic1 received "two"',
      'the subscriber of topic2 received "one"',
      'the subscriber of topic2 received "two"',
    ],
    anyOrder: true,
  },
  "pubsub-addresses": {
    lines: [
      "ipc: hello, everybody",
      "tcp: hello, everybody",
      "tcp4: hello, everybody",
      /^tcp6: (hello, everybody|there is no IPv6 here)$/,
      "inproc: hello, everybody",
    ],
    anyOrder: true,
  },
  pipeline: {
    lines: [
      new RegExp(`^jobs at ${aTcpAddress}, results at ${aTcpAddress}$`),
      ...[1, 2, 3, 4, 5, 6].map((job) => new RegExp(`^job ${job} done by (ada|bob)$`)),
    ],
    anyOrder: true,
  },
  survey: {
    lines: ["answer: today, says ada", "answer: today, says bob", "the survey is over", "late answers: 1"],
  },
  "bus-mesh": {
    lines: [
      "a heard: hello from b, hello from c, hello from d",
      "b heard: hello from a, hello from c, hello from d",
      "c heard: hello from a, hello from b, hello from d",
      "d heard: hello from a, hello from b, hello from c",
    ],
    anyOrder: true,
  },
  reconnect: {
    lines: [
      "connected",
      "the answer came: one, says process 1",
      "the connection is gone",
      "sent to nobody: the message waits",
      "connected",
      "the answer came: two, says process 2",
      "the connection is gone",
    ],
  },
  abstract: {
    lines: abstractNames ? [/^listening at abstract:\/\/./, "received hello"] : [/^not here: ./],
  },
  device: {
    lines: [
      /^one: first, answered by (ada|bob)$/,
      /^one: second, answered by (ada|bob)$/,
      /^two: first, answered by (ada|bob)$/,
      /^two: second, answered by (ada|bob)$/,
      "the broker has ended",
    ],
  },
  poll: { lines: ["ready at first: 0", "jobs: a job", "news: news"] },
  tls: {
    lines: [
      /^listening at tls\+tcp:\/\/localhost:\d+$/,
      "the reply is: hello, ada",
      "the service turned somebody away: SP_EPEERAUTH",
      "eve got no answer",
      // Who leaves need not say why.
      /^the service turned somebody away: SP_(?:EPEERAUTH|ECONNSHUT|ECONNRESET)$/,
      "eve left: SP_EPEERAUTH",
    ],
    // Which side of a broken connection is the first to say so is nobody's promise.
    anyOrder: true,
  },
  ws: {
    lines: [
      "the page says: a page",
      "a subscriber came: ada",
      "it heard: tick",
      "it has 17 characters",
      "without a token: SP_EPERM",
      "a page of elsewhere: SP_EPERM",
    ],
  },
  raw: {
    lines: [
      "first: 8 header bytes",
      "  word 1 is the id of the pipe: true",
      "  word 2 is a request id, with the high bit: true",
      "second: 8 header bytes",
      "  word 1 is the id of the pipe: true",
      "  word 2 is a request id, with the high bit: true",
      "answer to first",
      "answer to second",
    ],
  },
  errors: {
    lines: [
      "receive a reply before sending a request: BadStateError (SP_ESTATE)",
      /^ {2}There is no request/,
      "reply before receiving a request: BadStateError (SP_ESTATE)",
      /^ {2}There is nothing to answer/,
      "receive on a publisher: NotSupportedError (SP_ENOTSUP)",
      /^ {2}Pub0 cannot receive/,
      "receive when nothing comes: TimeoutError (SP_ETIMEDOUT)",
      /^ {2}Pair0 "phone" received nothing/,
      "send when nobody is there: TimeoutError (SP_ETIMEDOUT)",
      /^ {2}Pair0 "phone" could not send/,
      "dial where nobody listens: ConnectionRefusedError (SP_ECONNREFUSED)",
      /^ {2}Nobody listens/,
      "dial without the transport: NotSupportedError (SP_ENOTSUP)",
      /^ {2}.*Install @sprocket\/transport-tcp/,
      "give an option that does not exist: NotSupportedError (SP_ENOTSUP)",
      /^ {2}.*Did you mean receiveTimeout/,
      "use a closed socket: ClosedError (SP_ECLOSED)",
      /^ {2}Pair0 "phone" is closed/,
    ],
  },
};

/** Example files that are no program of their own. */
const parts = new Set(["certificates", "ipc-address"]);

/** What was not printed, and what should not have been. */
function differences(
  printed: readonly string[],
  { lines, anyOrder = false }: Expected,
): { missing: readonly Line[]; surplus: readonly string[] } {
  const missing = [...lines];
  const surplus: string[] = [];
  const fits = (line: Line | undefined, text: string): boolean =>
    line instanceof RegExp ? line.test(text) : line === text;
  for (const text of printed) {
    const at = anyOrder ? missing.findIndex((line) => fits(line, text)) : fits(missing[0], text) ? 0 : -1;
    if (at < 0) surplus.push(text);
    else missing.splice(at, 1);
  }
  return { missing, surplus };
}

/** Programs of the system without which an example cannot run. */
const needs: Readonly<Record<string, string>> = { tls: "openssl" };

const runnable = Object.entries(examples).filter(([name]) => isThere(needs[name]));
for (const [name] of Object.entries(examples).filter(([name]) => !isThere(needs[name]))) {
  test.skip(`${name} (SKIPPED: ${needs[name]} is missing)`, () => {});
}

function isThere(program: string | undefined): boolean {
  if (program === undefined) return true;
  const { error } = spawnSync(program, ["version"]);
  // With SPROCKET_REQUIRE_PEERS=1 the example runs, and fails.
  return error === undefined || process.env.SPROCKET_REQUIRE_PEERS === "1";
}

test.each(runnable)("%s", async (name, expected) => {
  await using program = new Program(name);
  const { ended, lines, stderr } = await program.end();
  expect({ ended, stderr }).toEqual({ ended: 0, stderr: "" });
  expect(differences(lines, expected)).toEqual({ missing: [], surplus: [] });
});

test("every example is run here", () => {
  const folder = fileURLToPath(new URL("..", import.meta.url));
  const files = readdirSync(folder).filter((file) => file.endsWith(".ts"));
  const names = files.map((file) => file.slice(0, -".ts".length)).filter((name) => !parts.has(name));
  expect(Object.keys(examples).sort()).toEqual(names.sort());
});
