/** What every transport promises to core. */
import { transportSuite } from "@sprocket/testing";
import { afterAll, describe, test } from "vitest";
import { Authority } from "../../transport-tls/test/support/certificates.js";
import { noOpenssl } from "../../transport-tls/test/support/openssl.js";
import { ws } from "../src/index.js";

describe("the transport suite over ws", () => {
  transportSuite({ test, transport: ws(), url: () => "ws://127.0.0.1:0/x" });
});

const authority = noOpenssl ? undefined : await Authority.create();
const issued = await authority?.issue({ altNames: ["IP:127.0.0.1"] });
afterAll(() => authority?.remove());

describe.skipIf(issued === undefined)("the transport suite over wss (needs openssl)", () => {
  transportSuite({
    test,
    transport: ws({ tls: { ca: authority?.cert, ...issued } }),
    url: () => "wss://127.0.0.1:0/x",
  });
});
