/**
 * Faults of peers, over ws. Those of the network are in `websocket-faults.test.ts`; F4 to F6 are wrong upgrades here, which
 * the tests of transport-ws have.
 */
import { peerFaults } from "../support/fault-cells.js";
import { overWs } from "../support/fault-routes.js";

peerFaults(overWs);
