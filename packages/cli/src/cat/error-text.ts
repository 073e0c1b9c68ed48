// nng's texts for errors, so that scripts which look for "Connection refused" or "Timed out" still find them. Sprocket's
// own texts say more, and are printed where nng has none.

import { isSprocketError } from "@sprocket/core";

const texts: Readonly<Record<string, string>> = {
  SP_EINTR: "Interrupted",
  SP_ENOMEM: "Out of memory",
  SP_EINVAL: "Invalid argument",
  SP_EBUSY: "Resource busy",
  SP_ETIMEDOUT: "Timed out",
  SP_ECONNREFUSED: "Connection refused",
  SP_ECLOSED: "Object closed",
  SP_EAGAIN: "Try again",
  SP_ENOTSUP: "Not supported",
  SP_EADDRINUSE: "Address in use",
  SP_ESTATE: "Incorrect state",
  SP_ENOENT: "Entry not found",
  SP_EPROTO: "Protocol error",
  SP_EUNREACHABLE: "Destination unreachable",
  SP_EADDRINVAL: "Address invalid",
  SP_EPERM: "Permission denied",
  SP_EMSGSIZE: "Message too large",
  SP_ECONNABORTED: "Connection aborted",
  SP_ECONNRESET: "Connection reset",
  SP_ECANCELED: "Operation canceled",
  SP_ENOFILES: "Out of files",
  SP_ENOSPC: "Out of space",
  SP_EEXIST: "Resource already exists",
  SP_ECRYPTO: "Cryptographic error",
  SP_EPEERAUTH: "Peer could not be authenticated",
  SP_ECONNSHUT: "Connection shutdown",
};

export function errorText(error: unknown): string {
  if (isSprocketError(error)) {
    const text = texts[error.code];
    if (text !== undefined) {
      return text;
    }
  }
  return error instanceof Error ? error.message : String(error);
}
