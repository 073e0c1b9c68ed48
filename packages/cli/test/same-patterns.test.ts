// Conversations of many: publish/subscribe, pipeline, survey and bus, each begun by the dialer and by the listener, over
// ipc and tcp in turn.
//
// Who dials may speak at once, for it has a peer by then. Who listens cannot know when the peers are there: it repeats
// itself until the test has seen enough.

import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { ipcUrl, removeFolders, tcpUrl } from "./support/addresses.js";
import { killAll, start } from "./support/child.js";
import { expectSameOutcome, type Scene } from "./support/scene.js";
import { describeWithNngcat, mustBeBuilt, nngcat, sprocket, type Tool } from "./support/tools.js";

beforeAll(mustBeBuilt);
afterEach(killAll);
afterAll(removeFolders);

const patience = { timeout: 90_000 };

const scenes: readonly Scene[] = [
  {
    title: "publishers dial a subscriber with topics",
    listener: ["--sub", "--subscribe", "he", "--subscribe", "x", "-Q", "--count", "1"],
    dialers: [
      ["--pub", "-D", "other"],
      ["--pub", "-D", "hello"],
    ],
  },
  {
    title: "subscribers dial a publisher: without topics, with several, with none that fits",
    listener: ["--pub", "-D", "hello", "--interval", "1"],
    dialers: [
      ["--sub", "-Q", "--count", "1"],
      ["--sub", "--subscribe", "x", "--subscribe=he", "-Q", "--count", "1"],
      ["--sub", "--subscribe", "hello!", "-Q", "--recv-timeout", "2"],
    ],
    until: "Listening",
  },
  {
    title: "pushers dial a puller",
    listener: ["--pull", "-Q", "--count", "4"],
    dialers: [
      ["--push", "-D", "job", "--count", "2"],
      ["--push", "-D", "job", "--interval", "1", "--count", "2"],
    ],
  },
  {
    title: "pullers dial a pusher",
    listener: ["--push", "-D", "job", "--interval", "1"],
    dialers: [
      ["--pull", "-Q", "--count", "1"],
      ["--pull", "--hex", "--count", "1"],
    ],
    until: "Listening",
  },
  {
    title: "surveyors dial a respondent",
    listener: ["--respondent", "-D", "here", "-Q", "--count", "2"],
    dialers: [
      ["--surveyor", "-D", "who?", "-Q"],
      ["--surveyor", "-D", "who?", "-Q", "--interval", "1", "--count", "1"],
    ],
  },
  {
    title: "surveyors dial a respondent that has nothing to say",
    listener: ["--respondent", "-Q", "--count", "3"],
    dialers: [
      ["--surveyor", "-D", "who?", "-Q"],
      ["--surveyor", "-D", "who?", "-Q", "--interval", "1", "--count", "2"],
    ],
  },
  {
    title: "respondents dial a surveyor",
    listener: ["--surveyor", "-D", "who?", "-Q", "--interval", "1"],
    dialers: [
      ["--respondent", "-Q", "--count", "1"],
      ["--respondent", "-D", "here", "-Q", "--count", "1"],
      ["--respondent", "-D", "here", "-A", "--count", "1"],
    ],
    until: '"here"\n"here"\n',
  },
  {
    title: "speakers dial a bus",
    listener: ["--bus", "-Q", "--count", "2"],
    dialers: [
      ["--bus", "-D", "one", "-Q", "--recv-timeout", "1"],
      ["--bus", "-D", "two", "-Q", "--interval", "1", "--count", "1"],
    ],
  },
  {
    title: "hearers dial a bus",
    listener: ["--bus", "-D", "tick", "-Q", "--interval", "1"],
    dialers: [
      ["--bus", "-Q", "--count", "1"],
      ["--bus", "-A", "--count", "2"],
    ],
    until: "Listening",
  },
];

describeWithNngcat("sprocket cat and nngcat go the same way among many", () => {
  for (const scene of scenes) {
    it(scene.title, patience, () => expectSameOutcome(scene));
  }

  it("a surveyor takes the answers of all respondents, survey for survey", patience, async () => {
    const casts: readonly (readonly [Tool, Tool])[] = [
      [nngcat, nngcat],
      [nngcat, sprocket],
      [sprocket, nngcat],
    ];
    await Promise.all(
      casts.map(async ([responding, asking]) => {
        const urls = [ipcUrl(), await tcpUrl()];
        const respondents = urls.map((url) =>
          start(responding, ["--resp", "-v", "--listen", url, "-D", "here", "-Q", "--count", "2"]),
        );
        await Promise.all(respondents.map((respondent) => respondent.heard("Listening")));
        const dial = urls.flatMap((url) => ["--dial", url]);
        const survey = ["--surv", ...dial, "-D", "who?", "-Q", "--interval", "2", "--count", "2"];
        const asked = await start(asking, survey).ended();
        expect(asked).toMatchObject({ code: 0, stderr: "" });
        expect(asked.stdout.toString()).toBe('"here"\n'.repeat(4));
        for (const respondent of respondents) {
          const { code, stdout } = await respondent.ended();
          expect([code, stdout.toString().split("\n").slice(1)]).toEqual([0, ['"who?"', '"who?"', ""]]);
        }
      }),
    );
  });
});
