// The little Markdown that replies use, as DOM nodes: paragraphs, lists, bold, italics, https links.

import { h, link } from "./dom.js";

const NUMBER = /(\d+(?:-\d+)+)/;

const INLINE =
  /\*\*([^*]+)\*\*|\*([^\s*](?:[^*]*[^\s*])?)\*|(?<!\w)_([^\s_](?:[^_]*[^\s_])?)_(?!\w)|\[([^[\]]+)\]\((https:\/\/[^\s)]+)\)/g;
const ITEM = /^\s*(?:[-*•]|(\d{1,9})[.)])\s+(.*)$/;
const HEADING = /^#{1,6}\s+(.*)$/;

/** `text`, in which numbers such as 1111-8-8 do not break at their hyphens. */
function words(text: string): Node[] {
  return text.split(NUMBER).map((part, at) => (at % 2 ? h("span", { class: "nb" }, part) : new Text(part)));
}

function inline(text: string, newTab: string): Node[] {
  const nodes: Node[] = [];
  let position = 0;
  for (const found of text.matchAll(INLINE)) {
    const [whole, bold, star, underscore, label, href] = found;
    nodes.push(...words(text.slice(position, found.index)));
    if (bold) nodes.push(h("strong", {}, ...inline(bold, newTab)));
    else if (label && href) nodes.push(link(href, newTab, label));
    else nodes.push(h("em", {}, star ?? underscore ?? ""));
    position = found.index + whole.length;
  }
  nodes.push(...words(text.slice(position)));
  return nodes;
}

/** `source` (Markdown) as paragraphs and lists. `newTab` names links that open in another tab. */
export function render(source: string, newTab: string): DocumentFragment {
  const fragment = document.createDocumentFragment();
  let list: HTMLElement | null = null; // the list being filled
  let open: HTMLElement | null = null; // the paragraph or item being filled
  let lines: string[] = [];

  const flush = (): void => {
    open?.append(...inline(lines.join(" "), newTab));
    open = null;
    lines = [];
  };
  const begin = (parent: ParentNode, node: HTMLElement, line: string): void => {
    flush();
    parent.append(node);
    open = node;
    lines = [line];
  };

  for (const line of source.split("\n")) {
    const item = ITEM.exec(line);
    const heading = HEADING.exec(line);
    if (item) {
      const ordered = item[1] !== undefined;
      if (!list || (list.nodeName === "OL") !== ordered) {
        list = h(ordered ? "ol" : "ul", { start: ordered && item[1] !== "1" ? item[1] : null });
        flush();
        fragment.append(list);
      }
      begin(list, h("li"), item[2] ?? "");
    } else if (heading) {
      list = null;
      begin(fragment, h("p"), `**${heading[1]}**`);
      flush();
    } else if (!line.trim()) {
      flush();
    } else if (open) {
      lines.push(line.trim());
    } else {
      list = null;
      begin(fragment, h("p"), line.trim());
    }
  }
  flush();
  return fragment;
}

/** `source` as plain text: links keep their address, emphasis goes. */
export function plain(source: string): string {
  return source
    .replace(/\[([^[\]]+)\]\((https:\/\/[^\s)]+)\)/g, "$1\u00a0: $2")
    .replace(/\*\*([^*]+)\*\*/g, "$1")
    .replace(/(^|[^\w*])[*_]([^\s*_](?:[^*_\n]*[^\s*_])?)[*_](?!\w)/g, "$1$2");
}
