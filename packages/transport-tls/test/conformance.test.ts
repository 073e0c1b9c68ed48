/** What every transport promises to core. */
import { transportSuite } from "@sprocket/testing";
import { afterAll, describe, test } from "vitest";
import { tls } from "../src/index.js";
import { Authority } from "./support/certificates.js";
import { noOpenssl } from "./support/openssl.js";

const authority = noOpenssl ? undefined : await Authority.create();
const issued = await authority?.issue({ altNames: ["IP:127.0.0.1"] });
afterAll(() => authority?.remove());

describe.skipIf(issued === undefined)("the transport suite (needs openssl)", () => {
  const options = { ca: authority?.cert, ...issued };
  transportSuite({
    test,
    transport: tls(options),
    url: () => "tls+tcp://127.0.0.1:0",
    supports: { raw: true },
    tls: { connect: { ca: options.ca }, listen: { ...issued } },
  });
});
