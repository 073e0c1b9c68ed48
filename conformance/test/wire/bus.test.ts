/** BUS, cases 66 and 67. */
import { Bus0, RawBus0 } from "@sprocket/bus";
import { Message } from "@sprocket/core";
import { protocolNumbers, toHex, u32, until } from "@sprocket/testing";
import { describe, expect, test } from "vitest";
import { keep, rawPeer, streams, text, transports, turns } from "../support/world.js";

const { bus: BUS } = protocolNumbers;

for (const { name, url } of streams) {
  describe(`over ${name}`, () => {
    test("66: what a peer says is received, and neither echoed nor forwarded; our own word reaches all", async () => {
      const bus = keep(new Bus0({ transports }));
      const { url: address } = await bus.listen(url());
      const one = await rawPeer(address, BUS);
      const two = await rawPeer(address, BUS);
      await bus.waitForPipes(2);
      await one.sendFrame("from one");
      expect(await text(bus.receive())).toBe("from one");
      await turns();
      await bus.send("to all");
      for (const peer of [one, two]) {
        expect(await text(peer.readFrame())).toBe("to all");
        expect(peer.buffered).toBe(0);
      }
      expect(bus.tryReceive()).toBeUndefined();
    });

    test("66: raw BUS gives the id of the pipe, and leaves out the pipe that a header names", async () => {
      const bus = keep(new RawBus0({ transports }));
      const { url: address } = await bus.listen(url());
      const one = await rawPeer(address, BUS);
      const two = await rawPeer(address, BUS);
      await bus.waitForPipes(2);
      await one.sendFrame("from one");
      const message = await bus.receive();
      expect(message.text()).toBe("from one");
      expect(toHex(message.header)).toBe(toHex(u32(message.pipe?.id ?? 0)));
      await bus.send(new Message("not to one", { header: message.header }));
      await bus.send("to all");
      expect(await text(two.readFrame())).toBe("not to one");
      expect(await text(two.readFrame())).toBe("to all");
      expect(await text(one.readFrame())).toBe("to all");
    });

    test("67: of 40 unread messages the oldest 16 stay, and the peer with them", async () => {
      const bus = keep(new Bus0({ transports }));
      const { url: address } = await bus.listen(url());
      const peer = await rawPeer(address, BUS);
      await peer.send(...Array.from({ length: 40 }, (_, number) => peer.frame(String(number))));
      await until(() => bus.stats().drops["queue-full"] === 24, "24 dropped messages");
      for (let number = 0; number < 16; number++) expect(await text(bus.receive())).toBe(String(number));
      expect(bus.tryReceive()).toBeUndefined();
      await peer.sendFrame("next");
      expect(await text(bus.receive())).toBe("next");
    });

    test("67: a reader that keeps up with a burst loses nothing", async () => {
      const bus = keep(new Bus0({ transports }));
      const { url: address } = await bus.listen(url());
      const peer = await rawPeer(address, BUS);
      const first = text(bus.receive());
      await peer.send(...Array.from({ length: 40 }, (_, number) => peer.frame(String(number))));
      expect(await first).toBe("0");
      for (let number = 1; number < 40; number++) {
        expect(new TextDecoder().decode(await bus.receive())).toBe(String(number));
      }
      expect(bus.stats().drops).toEqual({});
    });
  });
}
