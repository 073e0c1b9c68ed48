import assert from "node:assert/strict";
import { parseUrl } from "@sprocket/core/plugin";
import { within } from "../deadline.js";
import { RawListener } from "../raw-peer.js";
import type { TransportSupports } from "./harness.js";
import { type Case, PATIENCE } from "./harness.js";

export function abortDial(test: Case, supports: TransportSupports): void {
  test("an attempt whose signal has aborted rejects", async (harness) => {
    const listening = await harness.listen();
    const signal = AbortSignal.abort(new Error("given up"));
    await assert.rejects(
      within(
        PATIENCE,
        harness.transport.dial(listening.listener.url, harness.context({ signal })),
        "the rejection",
      ),
    );
  });

  test("an attempt that is aborted at once rejects or gives a pipe, and nothing else", async (harness) => {
    const listening = await harness.listen();
    const abort = new AbortController();
    const attempt = harness.transport.dial(listening.listener.url, harness.context({ signal: abort.signal }));
    abort.abort(new Error("given up"));
    await within(PATIENCE, attempt, "the end of the attempt").then(
      (pipe) => pipe.close(),
      (error: unknown) => assert.ok(error instanceof Error),
    );
  });

  if (supports.raw !== true) return;
  test("an attempt that is aborted while the peer is silent frees its connection", async (harness) => {
    const address = await harness.address();
    const silent = await RawListener.listen(address.href, harness.tls?.listen);
    harness.defer(() => silent.close());
    const abort = new AbortController();
    const attempt = harness.transport.dial(parseUrl(silent.url), harness.context({ signal: abort.signal }));
    const rejected = assert.rejects(within(PATIENCE, attempt, "the rejection"));
    const peer = await silent.accept();
    await peer.readHandshake();
    abort.abort(new Error("given up"));
    await rejected;
    await peer.expectClosed();
  });
}
