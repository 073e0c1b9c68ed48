/**
 * `diagnostics_channel`, where the runtime has it: the only door from core to a module of the runtime.
 *
 * No import, so that browsers and bundlers see nothing of it, and no types of Node: the two shapes below are all that is
 * asked of it.
 */

/** What core needs of a channel. */
export interface DiagnosticsChannel {
  /** False: publishing would reach nobody, so do not even make the message. */
  readonly hasSubscribers: boolean;
  publish(message: unknown): void;
}

interface DiagnosticsModule {
  channel(name: string): DiagnosticsChannel;
}

interface Runtime {
  readonly process?: {
    getBuiltinModule?(id: string): DiagnosticsModule | undefined;
  };
}

const silent: DiagnosticsChannel = Object.freeze({ hasSubscribers: false, publish() {} });
const channels = new Map<string, DiagnosticsChannel>();

/** The channel of this name; one that nobody hears where the runtime has none. */
export function channel(name: string): DiagnosticsChannel {
  let found = channels.get(name);
  if (found === undefined) {
    found = builtin()?.channel(name) ?? silent;
    channels.set(name, found);
  }
  return found;
}

function builtin(): DiagnosticsModule | undefined {
  return (globalThis as Runtime).process?.getBuiltinModule?.("node:diagnostics_channel");
}
