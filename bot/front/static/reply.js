// A Reply of the API as DOM nodes.

import { element, link, render } from "./markdown.js";

const STATUS = {
  modifie: "modifié depuis",
  abroge: "abrogé",
  remplace: "remplacé",
  differe: "pas encore en vigueur",
  inconnu: "état non vérifié",
};
const SUPPORT = {
  copie: "texte vérifié sur une copie",
  secondaire: "texte connu par une source secondaire",
  a_verifier: "texte à vérifier",
};
const LONG_DATE = new Intl.DateTimeFormat("fr-FR", { dateStyle: "long", timeZone: "UTC" });

function longDate(iso) {
  const date = new Date(`${iso}T00:00:00Z`);
  return Number.isNaN(date.getTime()) ? iso : LONG_DATE.format(date).replace(/^1 /, "1er ");
}

function section(className, title, ...children) {
  return element("section", { class: className }, element("h4", {}, title), ...children);
}

function citation(cited) {
  const name = cited.pinpoint ? `${cited.label}, ${cited.pinpoint}` : cited.label;
  const item = element("li", {}, /^https:\/\//.test(cited.url) ? link(cited.url, name) : name);
  const notes = [];
  if (cited.version_since) notes.push(`version en vigueur depuis le ${longDate(cited.version_since)}`);
  if (STATUS[cited.status]) notes.push(STATUS[cited.status]);
  if (SUPPORT[cited.support]) notes.push(SUPPORT[cited.support]);
  if (notes.length) item.append(element("small", {}, ` – ${notes.join("\u00a0; ")}`));
  return item;
}

function review(signed) {
  if (signed.status !== "relu") {
    return element("p", { class: "review pending" }, "Réponse non encore relue par un juriste.");
  }
  const by = signed.by ? ` par ${signed.by}` : "";
  const on = signed.on ? ` le ${longDate(signed.on)}` : "";
  return element("p", { class: "review" }, `Réponse relue${by}${on}.`);
}

function choices(className, labels, onChoice) {
  const group = element("div", { class: className });
  for (const [label, value] of labels) {
    const button = element("button", { type: "button" }, label);
    button.addEventListener("click", () => onChoice(label, value));
    group.append(button);
  }
  return group;
}

// `onButton(title, token)` is called for a choice, `onQuestion(title)` for a related fiche.
export function renderReply(reply, { onButton, onQuestion }) {
  const article = element("article", { class: `message bot ${reply.kind}` });
  article.append(element("p", { class: "visually-hidden" }, "Réponse\u00a0:"));
  if (reply.summary) {
    if (reply.title) article.append(element("h3", {}, reply.title));
    article.append(element("div", { class: "summary" }, render(reply.summary)));
    if (reply.steps) article.append(section("steps", "Que faire", render(reply.steps)));
    if (reply.caveats) article.append(section("caveats", "Attention", render(reply.caveats)));
    if (reply.details) {
      article.append(
        element("details", {}, element("summary", {}, "En détail"), element("div", {}, render(reply.details))),
      );
    }
  } else {
    article.append(render(reply.text));
  }
  if (reply.buttons?.length) {
    const labels = reply.buttons.map(({ title, payload }) => [title, payload]);
    article.append(choices("buttons", labels, onButton));
  }
  if (reply.citations?.length) {
    article.append(section("citations", "Textes cités", element("ul", {}, ...reply.citations.map(citation))));
  }
  if (reply.related?.length) {
    const labels = reply.related.map(({ title }) => [title, title]);
    article.append(section("related", "Voir aussi", choices("links", labels, (title) => onQuestion(title))));
  }
  if (reply.review) article.append(review(reply.review));
  return article;
}
