/**
 * The options that every build of the transport has. Nothing of a runtime is imported: browsers share it.
 */
import { flag, type OptionSchema } from "@sprocket/core/plugin";

/** Options of `ws()` in every runtime. */
export interface WsCommonOptions {
  /**
   * Send messages as text frames, and take text frames from peers; their bytes should be UTF-8, which nobody checks. Default
   * false: binary frames are sent, and a text frame ends its connection (1003).
   */
  readonly text?: boolean | undefined;
}

/** The same once checked. */
export interface WsCommonSettings {
  readonly text: boolean;
}

export const commonWsOptions = {
  text: flag(false, { endpoint: true }),
} satisfies OptionSchema;
