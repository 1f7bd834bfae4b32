// DOM nodes made one by one: no text is ever read as HTML, which Trusted Types would refuse anyway.

type Child = Node | string | null | undefined | false;
type Handler = (event: Event) => void;
type Properties = Record<string, string | boolean | Handler | null | undefined>;

/** An element; functions become listeners of the event they are named after, `true` an empty attribute. */
export function h<K extends keyof HTMLElementTagNameMap>(
  name: K,
  properties: Properties = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(name);
  if (node instanceof HTMLButtonElement) node.type = "button"; // a form's own default is to be sent
  for (const [key, value] of Object.entries(properties)) {
    if (typeof value === "function") node.addEventListener(key, value);
    else if (value === true) node.setAttribute(key, "");
    else if (typeof value === "string") node.setAttribute(key, value);
  }
  node.append(...children.filter((child): child is Node | string => !!child));
  return node;
}

const SVG = "http://www.w3.org/2000/svg";

/** A line icon of 24 by 24, hidden from assistive technology: the control that holds it has a name. */
export function icon(path: string): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

/** A link that opens in another tab and says so. */
export function link(href: string, newTab: string, ...children: Child[]): HTMLAnchorElement {
  return h("a", { href, target: "_blank", rel: "noopener noreferrer" }, ...children, hidden(` (${newTab})`));
}

/** Words for screen readers alone. */
export function hidden(text: string): HTMLSpanElement {
  return h("span", { class: "hidden" }, text);
}

export const ICONS = {
  close: "M6 6l12 12M18 6L6 18",
  print: "M7 9V4h10v5M7 17H4v-8h16v8h-3M7 14h10v6H7z",
  erase: "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5",
  send: "M12 19V5M6 11l6-6 6 6",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  file: "M12 4v11M7 11l5 5 5-5M5 20h14",
};
