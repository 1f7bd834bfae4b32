// The little Markdown that answers use, as DOM nodes: paragraphs, lists, bold, italics, https links.
// Nodes are created one by one, so that no text is ever read as HTML.

const INLINE = /\*\*(.+?)\*\*|\*([^\s*](?:[^*]*[^\s*])?)\*|\[([^\]]+)\]\((https:\/\/[^\s)]+)\)/gs;
const ITEM = /^\s*(?:[-*•]|(\d+)[.)])\s+(.*)$/;
const HEADING = /^#{1,6}\s+(.*)$/;

export function element(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

export function link(href, ...children) {
  const node = element("a", { href, target: "_blank", rel: "noopener noreferrer" }, ...children);
  node.append(element("span", { class: "visually-hidden" }, " (nouvel onglet)"));
  return node;
}

function inline(text) {
  const nodes = [];
  let position = 0;
  for (const found of text.matchAll(INLINE)) {
    const [whole, bold, italics, label, href] = found;
    nodes.push(text.slice(position, found.index));
    if (bold !== undefined) nodes.push(element("strong", {}, ...inline(bold)));
    else if (italics !== undefined) nodes.push(element("em", {}, ...inline(italics)));
    else nodes.push(link(href, label));
    position = found.index + whole.length;
  }
  nodes.push(text.slice(position));
  return nodes;
}

// `source` (Markdown) as a fragment of paragraphs and lists.
export function render(source) {
  const fragment = document.createDocumentFragment();
  let paragraph = [];
  let list = null; // the list being filled
  let item = null; // the lines of its last item

  const endParagraph = () => {
    if (paragraph.length) fragment.append(element("p", {}, ...inline(paragraph.join(" "))));
    paragraph = [];
  };
  const endItem = () => {
    if (item) list.append(element("li", {}, ...inline(item.join(" "))));
    item = null;
  };
  const endList = () => {
    endItem();
    list = null;
  };

  for (const line of source.split("\n")) {
    const bullet = ITEM.exec(line);
    const heading = HEADING.exec(line);
    if (bullet) {
      endParagraph();
      endItem();
      const name = bullet[1] === undefined ? "UL" : "OL";
      if (list?.nodeName !== name) {
        list = element(name.toLowerCase());
        if (bullet[1] > 1) list.setAttribute("start", bullet[1]);
        fragment.append(list);
      }
      item = [bullet[2]];
    } else if (heading) {
      endParagraph();
      endList();
      fragment.append(element("p", {}, element("strong", {}, ...inline(heading[1]))));
    } else if (!line.trim()) {
      endParagraph();
      endItem();
    } else if (item) {
      item.push(line.trim());
    } else {
      endList();
      paragraph.push(line.trim());
    }
  }
  endParagraph();
  endList();
  return fragment;
}
