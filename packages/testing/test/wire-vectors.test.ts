import { expect, test } from "vitest";
import { frame, frames, handshakes, hex, protocolNumbers, spHeader, toHex, u32, u64 } from "../src/index.js";

test("every protocol's handshake is made of its number", () => {
  for (const [name, number] of Object.entries(protocolNumbers)) {
    expect(toHex(spHeader(number))).toBe(handshakes[name as keyof typeof handshakes]);
  }
});

test("frames are type byte (ipc), length, payload", () => {
  for (const { payload, tcp, ipc } of frames) {
    expect(toHex(frame("tcp", hex(payload)))).toBe(tcp);
    expect(toHex(frame("ipc", hex(payload)))).toBe(ipc);
  }
});

test("hex goes both ways and takes blanks; integers are big-endian", () => {
  expect(toHex(hex("00 fF\n10"))).toBe("00ff10");
  expect(() => hex("0")).toThrow(TypeError);
  expect(() => hex("zz")).toThrow(TypeError);
  expect(toHex(u32(0x8000_0001))).toBe("80000001");
  expect(toHex(u64(2n ** 63n))).toBe("8000000000000000");
});
