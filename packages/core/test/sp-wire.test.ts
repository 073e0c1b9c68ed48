import { expect, test } from "vitest";
import { ProtocolError } from "../src/errors.js";
import { spWire } from "../src/stream/sp-wire.js";

const greeting = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));

test.each(["1603010200010001", "1503010002022800", "1503030002025000"])(
  "a peer that begins in TLS, with %s, is told apart from one that speaks nothing known",
  (hex) => {
    expect(() => spWire.readGreeting(greeting(hex))).toThrow(ProtocolError);
    expect(() => spWire.readGreeting(greeting(hex))).toThrow("tls+tcp://");
  },
);

test.each(["4745542f20485454", "1600000000000000", "0053500100100000"])("%s is no TLS", (hex) => {
  expect(() => spWire.readGreeting(greeting(hex))).toThrow(ProtocolError);
  expect(() => spWire.readGreeting(greeting(hex))).not.toThrow("tls+tcp://");
});
