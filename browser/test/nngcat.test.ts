/** Every protocol that nngcat speaks, from a page to the real nng. It has no BUS. */
import { expect } from "vitest";
import { NngCat } from "../src/nngcat.js";
import { patience, nngTest as test } from "../src/suite.js";

const given = (cat: NngCat) => ({ url: cat.url, patience });

for (const name of ["Pair0", "Pair1"] as const) {
  test(`${name} hears nngcat and is heard`, async ({ open }) => {
    const cat = await NngCat.listen(`--${name.toLowerCase()}`, "--raw", "--data", "from nng");
    const page = await open();
    const heard = await page.evaluate(
      async ({ url, patience, name }) => {
        const pair = new sprocket[name]({ receiveTimeout: patience });
        await pair.dial(url, { mode: "connect" });
        const message = await pair.receiveMessage();
        await pair.send("from a page");
        await pair.close();
        return message.text();
      },
      { ...given(cat), name },
    );
    expect(heard).toBe("from nng");
    expect(await cat.printed(11)).toBe("from a page");
  });
}

test("Req0 is answered", async ({ open }) => {
  const cat = await NngCat.listen("--rep", "--raw", "--data", "the answer");
  const page = await open();
  const replies = await page.evaluate(async ({ url, patience }) => {
    const req = new sprocket.Req0();
    await req.dial(url, { mode: "connect" });
    const ask = async (question: string): Promise<string> =>
      new TextDecoder().decode(await req.request(question, { timeout: patience }));
    return [await ask("one?"), await ask("two?")];
  }, given(cat));
  expect(replies).toEqual(["the answer", "the answer"]);
  expect(await cat.printed(8)).toBe("one?two?");
});

test("Rep0 answers", async ({ open }) => {
  const cat = await NngCat.listen("--req", "--raw", "--data", "who?");
  const page = await open();
  await page.evaluate(async ({ url }) => {
    const rep = new sprocket.Rep0();
    rep.serve((request) => `re: ${request.text()}`);
    await rep.dial(url, { mode: "connect" });
  }, given(cat));
  expect(await cat.printed(8)).toBe("re: who?");
});

test("Pub0 is heard on its topics", async ({ open }) => {
  const cat = await NngCat.listen("--sub", "--subscribe", "a/", "--raw");
  const page = await open();
  await page.evaluate(async ({ url }) => {
    const pub = new sprocket.Pub0();
    await pub.dial(url, { mode: "connect" });
    for (const word of ["b/no", "a/yes", "c", "a/end"]) await pub.send(word);
    await pub.close();
  }, given(cat));
  expect(await cat.printed(10)).toBe("a/yesa/end");
});

// It may publish before it knows that we are connected: so it does again.
test("Sub0 hears", async ({ open }) => {
  const cat = await NngCat.listen("--pub", "--data", "from nng", "--interval", "1");
  const page = await open();
  const heard = await page.evaluate(async ({ url, patience }) => {
    const sub = new sprocket.Sub0({ topics: "from", receiveTimeout: patience });
    await sub.dial(url, { mode: "connect" });
    return (await sub.receiveMessage()).text();
  }, given(cat));
  expect(heard).toBe("from nng");
});

test("Push0 is pulled", async ({ open }) => {
  const cat = await NngCat.listen("--pull", "--raw");
  const page = await open();
  await page.evaluate(async ({ url }) => {
    const push = new sprocket.Push0();
    await push.dial(url, { mode: "connect" });
    for (const word of ["one ", "two ", "three"]) await push.send(word);
    await push.close();
  }, given(cat));
  expect(await cat.printed(13)).toBe("one two three");
});

test("Pull0 pulls", async ({ open }) => {
  const cat = await NngCat.listen("--push", "--data", "from nng");
  const page = await open();
  const heard = await page.evaluate(async ({ url, patience }) => {
    const pull = new sprocket.Pull0({ receiveTimeout: patience });
    await pull.dial(url, { mode: "connect" });
    return (await pull.receiveMessage()).text();
  }, given(cat));
  expect(heard).toBe("from nng");
});

test("Surveyor0 is answered", async ({ open }) => {
  const cat = await NngCat.listen("--respondent", "--raw", "--data", "the answer");
  const page = await open();
  const answer = await page.evaluate(async ({ url, patience }) => {
    const surveyor = new sprocket.Surveyor0({ surveyTime: patience });
    await surveyor.dial(url, { mode: "connect" });
    await surveyor.send("who?");
    return (await surveyor.receiveMessage()).text();
  }, given(cat));
  expect(answer).toBe("the answer");
  expect(await cat.printed(4)).toBe("who?");
});

test("Respondent0 answers", async ({ open }) => {
  const cat = await NngCat.listen("--surveyor", "--raw", "--data", "who?", "--interval", "1");
  const page = await open();
  await page.evaluate(async ({ url }) => {
    const respondent = new sprocket.Respondent0();
    respondent.serve((question) => `re: ${question.text()}`);
    await respondent.dial(url, { mode: "connect" });
  }, given(cat));
  expect(await cat.printed(8)).toMatch(/^(re: who\?)+$/);
});

test("a message of 3 MiB comes to nng whole, and back", async ({ open }) => {
  const cat = await NngCat.listen("--rep", "--raw", "--recv-maxsz", "0", "--data", "y".repeat(100_000));
  const page = await open();
  const length = await page.evaluate(async ({ url, patience }) => {
    const req = new sprocket.Req0();
    await req.dial(url, { mode: "connect" });
    return (await req.request("x".repeat(3 * 1024 * 1024), { timeout: patience })).length;
  }, given(cat));
  expect(length).toBe(100_000);
  expect(await cat.printed(3 * 1024 * 1024)).toBe("x".repeat(3 * 1024 * 1024));
});
