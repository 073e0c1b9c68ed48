/**
 * Faults of the network and of peers, over tls+tcp. F4 to F6, half handshakes, renegotiation and plain text are in the
 * tests of transport-tls, F21 is in those of transport-tcp, whose way of accepting is the same.
 */
import { describe } from "vitest";
import { networkFaults, peerFaults } from "../support/fault-cells.js";
import { overTls } from "../support/fault-routes.js";

if (overTls === undefined) {
  describe.skip("SKIPPED faults over tls+tcp: openssl is missing (apt-get install openssl)", () => {});
} else {
  const route = overTls;
  describe("the network", () => networkFaults(route));
  describe("peers", () => peerFaults(route));
}
