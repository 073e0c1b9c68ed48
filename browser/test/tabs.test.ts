/** Pages that talk to each other through a server. */
import { device, Pub0, Pull0, RawBus0 } from "sprocket";
import { expect } from "vitest";
import { browserTest, patience } from "../src/suite.js";

browserTest("three tabs on a bus hear each other, and not themselves", async ({ open, socket, listen }) => {
  const hub = socket(new RawBus0());
  const url = await listen(hub);
  const running = device(hub);
  const tabs = [await open(), await open(), await open()];
  for (const tab of tabs) {
    await tab.evaluate(async (address) => {
      const bus = new sprocket.Bus0();
      Object.assign(globalThis, { bus });
      await bus.dial(address, { mode: "connect" });
    }, url);
  }
  await hub.waitForPipes(3, { timeout: patience });
  const heard = await Promise.all(
    tabs.map((tab, at) =>
      tab.evaluate(
        async ({ name, timeout }) => {
          const { bus } = globalThis as unknown as { bus: InstanceType<typeof sprocket.Bus0> };
          await bus.send(name);
          const first = await bus.receiveMessage({ timeout });
          const second = await bus.receiveMessage({ timeout });
          return [first.text(), second.text(), bus.readable];
        },
        { name: `tab ${at}`, timeout: patience },
      ),
    ),
  );
  expect(heard.map(([first, second, more]) => [[first, second].sort(), more])).toEqual([
    [["tab 1", "tab 2"], false],
    [["tab 0", "tab 2"], false],
    [["tab 0", "tab 1"], false],
  ]);
  hub.destroy();
  await running.catch(() => undefined);
});

browserTest("what one tab hands in, a server publishes to another", async ({ open, socket, listen }) => {
  const pull = socket(new Pull0());
  const pub = socket(new Pub0());
  const [work, news] = [await listen(pull), await listen(pub)];
  const [writer, reader] = [await open(), await open()];
  const heard = reader.evaluate(
    async ({ address, timeout }) => {
      const sub = new sprocket.Sub0({ topics: "chat/", receiveTimeout: timeout });
      await sub.dial(address, { mode: "connect" });
      const lines: string[] = [];
      while (lines.length < 3) lines.push((await sub.receiveMessage()).text());
      return lines;
    },
    { address: news, timeout: patience },
  );
  await pub.waitForPipes(1, { timeout: patience });
  await writer.evaluate(async (address) => {
    const push = new sprocket.Push0();
    await push.dial(address, { mode: "connect" });
    for (const line of ["one", "two", "three"]) await push.send(line);
    await push.close();
  }, work);
  for (let count = 0; count < 3; count++) {
    const line = await pull.receiveMessage({ timeout: patience });
    await pub.send(`chat/${line.text()}`);
  }
  expect(await heard).toEqual(["chat/one", "chat/two", "chat/three"]);
});

browserTest("two sockets of one page talk over inproc", async ({ open }) => {
  const page = await open();
  const heard = await page.evaluate(async (timeout) => {
    const [left, right] = [new sprocket.Pair0(), new sprocket.Pair0()];
    await left.listen("inproc://page");
    await right.dial("inproc://page");
    await left.send("hello");
    const message = await right.receiveMessage({ timeout });
    await Promise.all([left.close(), right.close()]);
    return message.text();
  }, patience);
  expect(heard).toBe("hello");
});
