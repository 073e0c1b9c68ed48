/** What every transport promises to core. */
import { transportSuite } from "@sprocket/testing";
import { test } from "vitest";
import { tcp } from "../src/index.js";

transportSuite({ test, transport: tcp(), url: () => "tcp://127.0.0.1:0", supports: { raw: true } });
