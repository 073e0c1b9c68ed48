/**
 * Is a text an IP address, and of which family? As `isIP` of Node says it, for runtimes without Node.
 */

/** 4 or 6; 0: not an IP address, perhaps a name. IPv6 without brackets, a zone such as `%eth0` allowed. */
export function ipFamily(text: string): 0 | 4 | 6 {
  if (isIpv4(text)) return 4;
  const [address = "", zone, ...rest] = text.split("%");
  return isIpv6(address) && zone !== "" && rest.length === 0 ? 6 : 0;
}

function isIpv4(text: string): boolean {
  const parts = text.split(".");
  // A leading zero would mean octal to some, decimal to others.
  return (
    parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)
  );
}

function isIpv6(text: string): boolean {
  const halves = text.split("::");
  if (halves.length > 2) return false;
  let groups = 0;
  for (const [at, half] of halves.entries()) {
    if (half === "") continue;
    const parts = half.split(":");
    for (const [index, part] of parts.entries()) {
      const last = at === halves.length - 1 && index === parts.length - 1;
      if (last && isIpv4(part)) groups += 2;
      else if (/^[0-9a-f]{1,4}$/i.test(part)) groups++;
      else return false;
    }
  }
  return halves.length === 2 ? groups < 8 : groups === 8;
}
