// Replies and messages as DOM nodes.

import { h, hidden, icon, ICONS, link } from "./dom.js";
import { plain, render } from "./markdown.js";
import type { Button, Citation, Reply } from "./reply.js";
import { fill, type Strings } from "./strings.js";

const SHOWN_CITATIONS = 4;
const HTTPS = /^https:\/\//;

/** What the reader can do with a reply. Those that send say whether they could: one message at a time. */
export interface Actions {
  /** Press a choice. */
  press(button: Button): boolean;
  /** Ask the title of a fiche. */
  ask(title: string): boolean;
  /** Judge the answer. */
  judge(button: Button): boolean;
  /** Copy a text. */
  copy(text: string): void;
  /** Ask again what got the reply "unavailable"; null when it is no longer known. */
  retry: (() => void) | null;
}

export class View {
  constructor(
    readonly strings: Strings,
    readonly base: string,
  ) {}

  /** What the doctor wrote or pressed. */
  message(text: string): HTMLElement {
    return h(
      "div",
      { class: "message you" },
      hidden(`${this.strings.you}\u00a0: `),
      h("p", { dir: "auto" }, text),
    );
  }

  /** One reply. `pressed`: tokens of the buttons already pressed. */
  reply(reply: Reply, actions: Actions, pressed: readonly string[]): HTMLElement {
    const { strings } = this;
    const kind = Object.hasOwn(KINDS, reply.kind) ? (reply.kind as keyof typeof KINDS) : "notice";
    const article = h("article", { class: "message bot", "data-kind": kind });
    const body = this.#markdown(reply.summary || reply.text);
    const rest = new Map(reply.buttons.map((button) => [button.payload, button]));

    if (reply.progress.of) pressed = pressed.slice(-1); // a step has one answer, which another press corrects
    const press = (button: Button): boolean => {
      const accepted = actions.press(button);
      if (accepted && reply.progress.of) for (const node of article.querySelectorAll(".chosen")) unmark(node);
      return accepted;
    };
    const silent = ["not_covered", "out_of_domain", "unavailable"].includes(kind);
    const name = reply.progress.title || strings[kind];
    article.append(h("p", { class: silent ? "kicker warn" : "kicker" }, name, hidden("\u00a0:")));
    if (reply.progress.of) article.append(this.#progress(reply.progress));
    if (reply.context) article.append(h("p", { class: "context soft" }, reply.context));
    if (reply.summary) {
      if (reply.title) article.append(h("h3", {}, reply.title));
      article.append(h("div", { class: "summary" }, body));
    } else {
      const text = h("div", { class: "text" }, body);
      // Where the text lists the choices, they stand there rather than a second time below.
      for (const item of text.querySelectorAll("li")) {
        for (const button of rest.values()) {
          if (!same(item.textContent ?? "", button.title)) continue;
          item.replaceChildren(this.#button(button, press, pressed));
          item.parentElement?.classList.add("choices");
          rest.delete(button.payload);
          break;
        }
      }
      article.append(text);
    }
    const related: Button[] = [];
    for (const { title } of reply.related) {
      const button = reply.buttons.find((other) => same(other.title, title));
      if (!button) related.push({ title, payload: "" });
      else if (rest.delete(button.payload)) related.push(button);
    }
    if (reply.steps) article.append(this.#section("steps", strings.steps, this.#markdown(reply.steps)));
    if (reply.caveats) {
      article.append(this.#section("caveats alert", strings.caveats, this.#markdown(reply.caveats)));
    }
    if (reply.details) {
      article.append(
        h("details", {}, h("summary", {}, strings.details), h("div", {}, this.#markdown(reply.details))),
      );
    }
    // The text of "law" already holds the article's address and state.
    if (reply.citations.length && kind !== "law") article.append(this.#citations(reply.citations));
    if (reply.documents.length) article.append(this.#documents(reply));
    if (rest.size) {
      const group = h("ul", { class: "choices" });
      for (const button of rest.values()) group.append(h("li", {}, this.#button(button, press, pressed)));
      article.append(group);
    }
    if (related.length) {
      const list = h("ul", { class: "choices" });
      for (const button of related) {
        const follow = button.payload ? press : (): boolean => actions.ask(button.title);
        list.append(h("li", {}, this.#button(button, follow, pressed)));
      }
      article.append(this.#section("related", strings.related, list));
    }
    if (kind === "unavailable" && actions.retry) {
      article.append(h("p", { class: "row" }, h("button", { click: actions.retry }, strings.retry)));
    }
    if (reply.summary || kind === "law") article.append(this.#foot(reply, actions, pressed));
    return article;
  }

  #markdown(source: string): DocumentFragment {
    return render(source, this.strings.newTab);
  }

  #section(name: string, title: string, ...children: (Node | string)[]): HTMLElement {
    return h("section", { class: name }, h("h4", {}, title), ...children);
  }

  #button(button: Button, press: (button: Button) => boolean, pressed: readonly string[]): HTMLElement {
    const node = h("button", { class: "choice" }, button.title);
    const mark = (): void => {
      node.classList.add("chosen");
      node.append(hidden(` (${this.strings.chosen})`));
    };
    if (pressed.includes(button.payload)) mark();
    node.addEventListener("click", () => {
      if (node.ariaDisabled !== "true" && press(button) && !node.classList.contains("chosen")) mark();
    });
    return node;
  }

  #progress({ step, of }: { step: number; of: number }): HTMLElement {
    const last = Math.max(step, of);
    const words = fill(this.strings.step, { step, of: last });
    const dots = h("span", { class: "dots", "aria-hidden": "true" });
    for (let at = 1; at <= Math.min(last, 12); at += 1) {
      dots.append(h("span", { class: at <= step ? "done" : null }));
    }
    return h("p", { class: "progress soft" }, dots, words);
  }

  #citations(citations: Citation[]): HTMLElement {
    const list = (part: Citation[], start: string | null): HTMLElement =>
      h("ol", { start }, ...part.map((cited) => this.#citation(cited)));
    const section = this.#section("citations", this.strings.citations, list(citations.slice(0, SHOWN_CITATIONS), null));
    if (citations.length > SHOWN_CITATIONS) {
      section.append(
        h(
          "details",
          {},
          h("summary", {}, fill(this.strings.moreCitations, { n: citations.length })),
          list(citations.slice(SHOWN_CITATIONS), String(SHOWN_CITATIONS + 1)),
        ),
      );
    }
    return section;
  }

  #citation(cited: Citation): HTMLElement {
    const { strings } = this;
    const name = cited.label.replace(/^article\s/, "art.\u00a0");
    const notes = [
      cited.version_since && fill(strings.since, { date: shortDate(cited.version_since) }),
      STATES.includes(cited.status) && strings[cited.status as keyof Strings],
      SUPPORTS.includes(cited.support) && strings[cited.support as keyof Strings],
    ].filter((note): note is string => !!note);
    return h(
      "li",
      {},
      HTTPS.test(cited.url) ? link(cited.url, strings.newTab, name) : name,
      notes.length > 0 && h("span", { class: "soft" }, ` · ${notes.join(" · ")}`),
    );
  }

  #documents(reply: Reply): HTMLElement {
    const list = h("ul");
    for (const { title, href } of reply.documents) {
      const address = sameOrigin(href, this.base);
      if (!address) continue;
      const node = link(address, this.strings.newTab, icon(ICONS.file), title);
      list.append(h("li", {}, node));
    }
    return this.#section("documents", this.strings.documents, list);
  }

  #foot(reply: Reply, actions: Actions, pressed: readonly string[]): HTMLElement {
    const { strings } = this;
    const foot = h("footer", {});
    if (reply.review.status) {
      const { status, by, on } = reply.review;
      const signed = [
        strings.reviewed,
        on && fill(strings.reviewedOn, { date: shortDate(on) }),
        by && fill(strings.reviewedBy, { name: by }),
      ];
      const words = status === "relu" ? signed.filter(Boolean).join(" ") : strings.notReviewed;
      foot.append(h("p", { class: `review ${status === "relu" ? "relu" : ""}` }, `${words}. ${strings.information}.`));
    }
    const tools = h("div", { class: "tools soft" });
    if (reply.feedback.length) {
      const thanks = h("span", { class: "thanks" });
      const judged = reply.feedback.some((button) => pressed.includes(button.payload));
      if (judged) thanks.textContent = strings.thanks;
      const group = h("div", { class: "feedback row", role: "group", "aria-label": strings.feedback });
      group.append(h("span", { "aria-hidden": "true" }, strings.feedback));
      for (const button of reply.feedback) {
        group.append(
          this.#button(
            button,
            (one) => {
              if (!actions.judge(one)) return false;
              settle(group);
              thanks.textContent = strings.thanks;
              return true;
            },
            pressed,
          ),
        );
      }
      group.append(thanks);
      if (judged) settle(group);
      tools.append(group);
    }
    if (navigator.clipboard) {
      const copy = (): void => actions.copy(plain(reply.text));
      tools.append(h("button", { class: "tool", click: copy }, icon(ICONS.copy), strings.copy));
    }
    foot.append(tools);
    return foot;
  }
}

const KINDS = {
  answer: 1,
  choices: 1,
  question: 1,
  law: 1,
  notice: 1,
  not_covered: 1,
  out_of_domain: 1,
  unavailable: 1,
};
const STATES = ["modifie", "abroge", "remplace", "differe", "inconnu"];
const SUPPORTS = ["copie", "secondaire", "a_verifier"];

function unmark(button: Element): void {
  button.classList.remove("chosen");
  button.querySelector(".hidden")?.remove();
}

/** Buttons that were answered stay readable and reachable, and do nothing more. */
function settle(group: ParentNode): void {
  for (const button of group.querySelectorAll("button.choice")) button.ariaDisabled = "true";
}

function same(one: string, other: string): boolean {
  const bare = (text: string): string => text.replace(/\s+/g, " ").trim();
  return bare(one) === bare(other);
}

/** "2025-07-01" → "01/07/2025". */
function shortDate(iso: string): string {
  return iso.replace(/^(\d{4})-(\d\d)-(\d\d)$/, "$3/$2/$1");
}

/** `href` in full when it stays on the front's origin. */
function sameOrigin(href: string, base: string): string | null {
  try {
    const address = new URL(href.replace(/^\/+/, ""), base);
    return address.origin === new URL(base).origin ? address.href : null;
  } catch {
    return null;
  }
}
