/** Has this machine IPv6 on its loopback interface? */
import { networkInterfaces } from "node:os";

export const hasIpv6 = Object.values(networkInterfaces())
  .flat()
  .some((address) => address?.address === "::1");
