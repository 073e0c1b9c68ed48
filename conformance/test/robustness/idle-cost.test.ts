/** What a connection costs that does nothing: 16 KiB at most, measured in a listener of its own process. */
import { protocolNumbers, type RawPeer } from "@sprocket/testing";
import { expect, test } from "vitest";
import { Child } from "../support/child.js";
import { rawPeer } from "../support/world.js";

const COUNT = 1_000;

test("an idle connection holds at most 16 KiB at its listener", async () => {
  const child = new Child("idle-listener");
  const url = await child.line();
  const before = Number(await child.line());
  const peers: RawPeer[] = [];
  for (let batch = 0; batch < COUNT / 50; batch++) {
    peers.push(...(await Promise.all(Array.from({ length: 50 }, () => rawPeer(url, protocolNumbers.req)))));
  }
  child.say(String(COUNT));
  const after = Number(await child.line(30_000));
  expect((after - before) / COUNT).toBeLessThan(16 * 1_024);
  child.say("0");
  await Promise.all(peers.map((peer) => peer.close()));
  expect(await child.line()).toBe("0 pipes");
}, 60_000);
