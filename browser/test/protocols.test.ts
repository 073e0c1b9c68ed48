/** Every protocol, from a page to a Sprocket server, in both of its roles. */

import type { Page } from "playwright-core";
import type { Receiver, Respondent0, Sender, Socket, Surveyor0 } from "sprocket";
import * as sprocketHere from "sprocket";
import { expect } from "vitest";
import { browserTest, patience } from "../src/suite.js";

const words = ["", "hello", "zwölf 😀", "x".repeat(70_000)];

type Name = Extract<keyof typeof sprocketHere, `${string}${0 | 1}`>;
const classes: Pick<typeof sprocketHere, Name> = sprocketHere;

/** What a page does. */
type Part = "talk" | "send" | "receive" | "ask" | "answer";
type Talker = Socket & Sender & Receiver;

const pairs: readonly (readonly [page: Name, server: Name, part: Part])[] = [
  ["Pair0", "Pair0", "talk"],
  ["Pair1", "Pair1", "talk"],
  ["Bus0", "Bus0", "talk"],
  ["Push0", "Pull0", "send"],
  ["Pull0", "Push0", "receive"],
  ["Pub0", "Sub0", "send"],
  ["Sub0", "Pub0", "receive"],
  ["Req0", "Rep0", "ask"],
  ["Rep0", "Req0", "answer"],
  ["Surveyor0", "Respondent0", "ask"],
  ["Respondent0", "Surveyor0", "answer"],
];

/** Plays a part in the page. @returns what the page heard */
function play(page: Page, name: Name, part: Part, url: string): Promise<string[]> {
  const given = { name, part, url, words, patience };
  return page.evaluate(async ({ name, part, url, words, patience }) => {
    const Class = sprocket[name] as new (options: object) => Talker;
    const topics = name === "Sub0" ? { topics: "" } : {};
    const socket = new Class({ receiveTimeout: patience, sendTimeout: patience, ...topics });
    await socket.dial(url, { mode: "connect" });
    const heard: string[] = [];
    const receive = async (): Promise<unknown> => heard.push((await socket.receiveMessage()).text());
    if (part === "answer") {
      (socket as unknown as Respondent0).serve((question) => `re: ${question.text()}`);
      return heard;
    }
    for (const word of words) {
      if (part !== "receive") await socket.send(word);
      if (part !== "send") await receive();
    }
    await socket.close();
    return heard;
  }, given);
}

/** The other part, here. @returns what we heard */
async function playHere(socket: Talker, part: Part): Promise<string[]> {
  const heard: string[] = [];
  if (part === "ask") {
    (socket as unknown as Respondent0).serve((question) => `re: ${question.text()}`);
    return heard;
  }
  await socket.waitForPipes(1, { timeout: patience });
  for (const word of words) {
    if (part === "send" || part === "talk") heard.push((await socket.receiveMessage()).text());
    if (part !== "send") await socket.send(word);
    if (part === "answer") heard.push((await socket.receiveMessage()).text());
  }
  return heard;
}

for (const [name, peer, part] of pairs) {
  browserTest(`${name} in a page, ${peer} on a server`, async ({ open, socket, listen }) => {
    const Class = classes[peer] as new (options: object) => Talker;
    const topics = peer === "Sub0" ? { topics: "" } : {};
    const surveyTime = peer === "Surveyor0" ? { surveyTime: patience } : {};
    const server = socket(new Class({ receiveTimeout: patience, ...topics, ...surveyTime }));
    const url = await listen(server);
    const page = await open();
    const [there, here] = await Promise.all([play(page, name, part, url), playHere(server, part)]);
    const answers = words.map((word) => `re: ${word}`);
    const expected = {
      talk: { there: words, here: words },
      send: { there: [], here: words },
      receive: { there: words, here: [] },
      ask: { there: answers, here: [] },
      answer: { there: [], here: answers },
    } as const;
    expect({ there, here }).toEqual(expected[part]);
  });
}

browserTest("helpers of a page: request, survey, contexts, iteration", async ({ open, socket, listen }) => {
  const rep = socket(new sprocketHere.Rep0());
  rep.serve((request) => `re: ${request.text()}`, { concurrency: 8 });
  const respondent = socket(new sprocketHere.Respondent0());
  respondent.serve(() => "here");
  const pub = socket(new sprocketHere.Pub0());
  const urls = [await listen(rep), await listen(respondent), await listen(pub)];
  const page = await open();
  const heard = page.evaluate(
    async ([rep = "", respondent = "", pub = ""]) => {
      const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
      const req = new sprocket.Req0();
      await req.dial(rep, { mode: "connect" });
      const numbers = Array.from({ length: 50 }, (_, at) => `${at}`);
      const replies = await Promise.all(numbers.map(async (each) => text(await req.request(each))));
      const surveyor: Surveyor0 = new sprocket.Surveyor0({ surveyTime: 20_000 });
      await surveyor.dial(respondent, { mode: "connect" });
      const answers: string[] = [];
      for await (const answer of surveyor.survey("who?")) {
        answers.push(answer.text());
        break;
      }
      const sub = new sprocket.Sub0({ topics: ["a/", "end"] });
      await sub.dial(pub, { mode: "connect" });
      const news: string[] = [];
      for await (const bytes of sub) {
        news.push(text(bytes));
        if (text(bytes) === "end") break;
      }
      return { wrong: replies.filter((reply, at) => reply !== `re: ${at}`), answers, news };
    },
    urls as [string, string, string],
  );
  await pub.waitForPipes(1, { timeout: patience });
  for (const word of ["b/no", "a/1", "a/2", "end"]) await pub.send(word);
  expect(await heard).toEqual({ wrong: [], answers: ["here"], news: ["a/1", "a/2", "end"] });
});
