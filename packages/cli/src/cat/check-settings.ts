// What must, may and must not be said together. The order of the checks is nngcat's: of several things wrong with a line
// the same one is reported.

import { CatError } from "./cat-error.js";
import { type ProtocolRow, protocolRow } from "./protocols.js";
import type { Settings } from "./read-arguments.js";

/** The protocol that the settings mean. Throws when they do not fit it or one another. */
export function checkSettings(settings: Settings): ProtocolRow {
  const { compat, interval, data } = settings;
  demand(settings.addresses.length > 0, "No address specified.");
  demand(!(compat && settings.async), "Options --async and --compat are incompatible.");
  demand(!(compat && settings.count > 0), "Options --count and --compat are incompatible.");

  const protocol = chosenProtocol(settings);
  demand(!(compat && protocol?.compat === false), "Protocol does not support --compat.");
  demand(settings.topics.length === 0 || protocol?.name === "sub0", "Protocol does not support --subscribe.");
  if (protocol === undefined) {
    throw new CatError("No protocol specified.");
  }
  const { role } = protocol;
  demand(data === undefined || role !== "receive", "Protocol does not support --file or --data.");
  demand(
    interval === undefined || (role !== "answer" && role !== "receive"),
    "Protocol does not support --interval.",
  );
  demand(settings.format === undefined || role !== "send", "Protocol does not support --format options.");
  demand(data !== undefined || !protocol.needsData, "Protocol requires either --file or --data.");
  demand(data !== undefined || interval === undefined, "Option --interval requires either --file or --data.");
  return protocol;
}

function chosenProtocol({ protocol, compat }: Settings): ProtocolRow | undefined {
  switch (protocol) {
    case undefined:
      return undefined;
    case "pair":
      return protocolRow(compat ? "pair0" : "pair1");
    default:
      return protocolRow(protocol);
  }
}

function demand(condition: boolean, complaint: string): void {
  if (!condition) {
    throw new CatError(complaint);
  }
}
