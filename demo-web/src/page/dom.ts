/** The little that is needed of a user-interface library. Words of others get in as text, never as markup. */

export function find<E extends Element>(id: string, kind: abstract new (...args: never) => E): E {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) throw new Error(`There is no #${id} of that kind on the page.`);
  return element;
}

export function within<E extends Element = HTMLElement>(parent: ParentNode, selector: string): E {
  const element = parent.querySelector<E>(selector);
  if (element === null) throw new Error(`There is no ${selector} in there.`);
  return element;
}

type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children);
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

export function makeSvg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Node[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(name, String(value));
  }
  element.append(...children);
  return element;
}

/** Writes only what has changed, so that nothing is drawn or read out for nothing. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

export function clockOf(at: number): string {
  return new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
}

const calm = matchMedia("(prefers-reduced-motion: reduce)");

/** The viewer has asked for less motion. */
export function isCalm(): boolean {
  return calm.matches;
}
