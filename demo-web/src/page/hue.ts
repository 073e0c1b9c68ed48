/** A colour for each name: one of those in the style sheet, the same in every tab. */

const HUES = 8;

export function hueOf(name: string): number {
  let hash = 2_166_136_261;
  for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ name.charCodeAt(at), 16_777_619);
  return (hash >>> 0) % HUES;
}
