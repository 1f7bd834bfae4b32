// <bonjour-maitre>: the launcher, the panel (or the whole page), the field, and what joins them.

import { Api, type Body, Refused, Unreadable } from "./api.js";
import { contrast, css, legible, readColour } from "./colour.js";
import { h, hidden, icon, ICONS } from "./dom.js";
import { type Entry, History } from "./history.js";
import { cleanPaste } from "./paste.js";
import { mask } from "./personal.js";
import type { Button, Reply } from "./reply.js";
import { fill, readStrings, type Strings } from "./strings.js";
import printStyle from "./print.css?inline";
import style from "./style.css?inline";
import { type Actions, View } from "./view.js";

const LIMIT = 4000; // characters; the server has the last word
const NEAR_LIMIT = 300;
const CONFIRMATION = 4000; // milliseconds that a passing word stays

const SMALL = "(max-width: 30rem), (max-height: 26rem)"; // as in style.css

const here = import.meta.url;

export class BonjourMaitre extends HTMLElement {
  #built = false;
  #life = new AbortController();
  #strings!: Strings;
  #history!: History;
  #api!: Api;
  #view!: View;
  #root!: HTMLElement;
  #panel!: HTMLElement;
  #launcher: HTMLButtonElement | null = null;
  #scroller!: HTMLElement;
  #welcome!: HTMLElement;
  #log!: HTMLElement;
  #status!: HTMLElement;
  #warning!: HTMLElement;
  #confirm!: HTMLDialogElement;
  #field!: HTMLTextAreaElement;
  #counter!: HTMLElement;
  #busy = false;
  #delivery = Promise.resolve();
  #passing: ReturnType<typeof setTimeout> | undefined;

  connectedCallback(): void {
    if (!this.#built) this.#build();
    this.#built = true;
    this.#listen();
  }

  disconnectedCallback(): void {
    this.#life.abort();
    this.#life = new AbortController();
  }

  /** Open the panel and give the field the focus. Does nothing in page mode. */
  show(): void {
    const panel = this.#panel;
    if (!(panel instanceof HTMLDialogElement) || panel.open) return;
    if (matchMedia(SMALL).matches) panel.showModal();
    else panel.show();
    this.#opened(true);
    (this.#isTouch() ? panel : this.#field).focus({ preventScroll: true });
    this.#scrollToEnd();
  }

  /** Close the panel and give the focus back to the launcher. */
  hide(): void {
    if (!(this.#panel instanceof HTMLDialogElement) || !this.#panel.open) return;
    this.#panel.close();
    this.#opened(false);
    this.#launcher?.focus();
  }

  // --- Building --------------------------------------------------------------------------------------

  #build(): void {
    const base = front(this.getAttribute("api"));
    this.#strings = readStrings(this.getAttribute("strings"));
    const heading = this.getAttribute("heading");
    if (heading) this.#strings.name = heading;
    this.#history = new History(base);
    this.#api = new Api(base, this.#history.token);
    this.#view = new View(this.#strings, base);

    const page = this.getAttribute("mode") === "page";
    const left = this.getAttribute("position") === "left";
    const strings = this.#strings;
    this.#root = h("div", {
      class: `root ${page ? "page" : left ? "floating left" : "floating"}`,
      lang: this.getAttribute("lang") || "fr",
    });
    this.#log = h("div", { role: "log", class: "log", "aria-label": strings.conversation });
    this.#welcome = this.#buildWelcome();
    this.#scroller = page
      ? h("div", { class: "scroll" }, this.#welcome, this.#log)
      : h(
          "div",
          { class: "scroll", tabindex: "0", role: "region", "aria-label": strings.conversation },
          this.#welcome,
          this.#log,
        );
    this.#confirm = this.#buildConfirm();
    const parts = [this.#buildBar(page), this.#scroller, this.#buildComposer(base), this.#confirm];
    if (page) {
      // The page has a masthead of its own.
      const title = h("h2", { class: "hidden" }, strings.conversation);
      this.#panel = h("section", { class: "panel", "aria-label": strings.name }, title, ...parts);
      this.#root.append(this.#panel);
    } else {
      this.#panel = h("dialog", { class: "panel", id: "panel", "aria-label": strings.name, tabindex: "-1" }, ...parts);
      this.#launcher = h(
        "button",
        { class: "launcher strong", "aria-expanded": "false", "aria-controls": "panel" },
        h("span", { class: "mark", "aria-hidden": "true" }, "§"),
        h("span", {}, strings.launcher),
      );
      this.#launcher.addEventListener("click", () => {
        if (this.#launcher?.ariaExpanded === "true") this.hide();
        else this.show();
      });
      this.#root.append(this.#launcher, this.#panel);
    }

    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    const shadow = this.attachShadow({ mode: "open" });
    shadow.adoptedStyleSheets = [sheet];
    shadow.append(this.#root);

    for (const entry of this.#history.entries) {
      if (entry.text) this.#log.append(this.#view.message(entry.text));
      this.#log.append(...this.#nodes(entry));
    }
    this.#showWelcome();
    if (this.#panel instanceof HTMLDialogElement) {
      const small = matchMedia(SMALL).matches;
      if (small && this.#history.open) this.show();
      else if (!small && (this.#history.open || this.hasAttribute("open"))) {
        this.#panel.setAttribute("open", ""); // not show(), which would take the focus from the page
        this.#opened(true);
      }
    }
    this.#scrollToEnd();
  }

  #buildBar(page: boolean): HTMLElement {
    const strings = this.#strings;
    const tool = (name: "print" | "erase" | "close", act: () => void): HTMLButtonElement =>
      h(
        "button",
        { class: `tool ${name}`, title: page ? null : strings[name], click: act },
        icon(ICONS[name]),
        page ? strings[name] : hidden(strings[name]),
      );
    return h(
      "div",
      { class: "bar" },
      !page &&
        h(
          "div",
          { class: "title" },
          h("span", { class: "mark", "aria-hidden": "true" }, "§"),
          h("div", {}, h("h2", {}, strings.name), h("p", { class: "soft" }, strings.tagline)),
        ),
      tool("print", () => this.#print()),
      tool("erase", () => this.#confirm.showModal()),
      !page && tool("close", () => this.hide()),
    );
  }

  #buildWelcome(): HTMLElement {
    const strings = this.#strings;
    const examples = [strings.example1, strings.example2, strings.example3].filter(Boolean);
    return h(
      "section",
      { class: "welcome", "aria-label": strings.welcome },
      h("h3", {}, strings.welcome),
      h(
        "ul",
        { class: "rules" },
        h("li", {}, strings.welcomeAutomatic),
        h("li", {}, strings.welcomeInformation),
        h("li", {}, strings.welcomePatients),
      ),
      h(
        "details",
        {},
        h("summary", {}, strings.kept),
        h("div", {}, h("p", {}, strings.keptHere), h("p", {}, strings.keptServer), h("p", {}, strings.keptErase)),
      ),
      examples.length > 0 && h("h4", {}, strings.examples),
      h(
        "ul",
        { class: "choices" },
        ...examples.map((text) =>
          h("li", {}, h("button", { class: "choice", click: () => this.#ask(text) }, text)),
        ),
      ),
    );
  }

  #buildComposer(base: string): HTMLElement {
    const strings = this.#strings;
    this.#status = h("p", { class: "status", role: "status" });
    this.#warning = h("div", {
      class: "warning alert",
      role: "alertdialog",
      "aria-labelledby": "found",
      "aria-describedby": "found-text",
    });
    this.#warning.hidden = true;
    this.#counter = h("span", { class: "counter", id: "counter" });
    this.#field = h("textarea", {
      id: "field",
      rows: "1",
      placeholder: strings.placeholder,
      autocomplete: "off",
      enterkeyhint: "send",
      "aria-describedby": "hint counter",
    });
    this.#field.addEventListener("input", () => this.#measure());
    this.#field.addEventListener("paste", (event) => this.#paste(event));
    this.#field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      if (this.#isTouch() && !event.ctrlKey && !event.metaKey) return; // no Shift there: Enter ends a line
      event.preventDefault();
      this.#submit();
    });
    return h(
      "form",
      {
        class: "composer",
        submit: (event) => {
          event.preventDefault();
          this.#submit();
          if (!this.#isTouch() && this.#warning.hidden) this.#field.focus({ preventScroll: true });
        },
      },
      this.#status,
      this.#warning,
      h("label", { class: "hidden", for: "field" }, strings.field),
      h(
        "div",
        { class: "field" },
        this.#field,
        h(
          "button",
          { type: "submit", class: "send strong", title: strings.send },
          icon(ICONS.send),
          hidden(strings.send),
        ),
      ),
      h(
        "div",
        { class: "foot soft" },
        h("span", { class: "hint", id: "hint" }, strings.hint),
        this.#counter,
        h(
          "span",
          { class: "reminder" },
          strings.foot,
          " ",
          h("a", { href: `${base}accessibilite`, target: "_blank", rel: "noopener" }, strings.accessibility),
        ),
      ),
    );
  }

  #buildConfirm(): HTMLDialogElement {
    const strings = this.#strings;
    const dialog: HTMLDialogElement = h(
      "dialog",
      { class: "confirm", "aria-labelledby": "erase" },
      h("p", { id: "erase" }, strings.eraseQuestion),
      h(
        "div",
        { class: "row" },
        h("button", { click: () => dialog.close() }, strings.eraseNo),
        h(
          "button",
          {
            class: "strong",
            click: () => {
              dialog.close();
              void this.#erase();
            },
          },
          strings.eraseYes,
        ),
      ),
    );
    return dialog;
  }

  #listen(): void {
    const { signal } = this.#life;
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", () => this.#paint(dark.matches), { signal });
    this.#paint(dark.matches);
    for (const change of ["offline", "online"]) addEventListener(change, () => this.#say(""), { signal });
    this.#say("");
    // Where the panel covers the page, what is behind it must be out of reach, and only there.
    matchMedia(SMALL).addEventListener("change", () => this.#reopen(), { signal });
    this.#panel.addEventListener(
      "keydown",
      (event) => {
        if (event.key !== "Escape" || event.isComposing || this.#confirm.open) return;
        if (!this.#warning.hidden) this.#endWarning();
        else this.hide();
        event.preventDefault(); // a modal dialog would close by itself, without the rest
        event.stopPropagation();
      },
      { signal },
    );
    // A phone's "back" closes the panel too.
    this.#panel.addEventListener(
      "cancel",
      (event) => {
        if (event.target !== this.#panel) return;
        event.preventDefault();
        this.hide();
      },
      { signal },
    );
  }

  /** Apply the scheme and the site's colour, moved as far as contrast asks. */
  #paint(systemIsDark: boolean): void {
    const scheme = this.getAttribute("scheme");
    this.#root.classList.toggle("dark", scheme === "dark" || (scheme !== "light" && systemIsDark));
    const given = this.getAttribute("accent");
    if (!given) return;
    const accent = readColour(given);
    if (!accent) {
      console.warn(`<bonjour-maitre accent="${given}">: give a colour such as "#16405b"; ours is kept.`);
      return;
    }
    const computed = getComputedStyle(this.#root);
    const behind = ["--sheet", "--paper", "--tint"].flatMap((name) => readColour(computed.getPropertyValue(name)) ?? []);
    const grounds = [0, 3, 6].map((at) => behind.slice(at, at + 3) as [number, number, number]);
    const shown = legible(accent, ...grounds);
    if (shown.some((part, at) => part !== accent[at])) {
      const worst = Math.min(...grounds.map((ground) => contrast(accent, ground)));
      console.warn(
        `<bonjour-maitre accent="${given}">: contrast ${worst.toFixed(1)} to 1, 4.5 needed; ${css(shown)} is shown.`,
      );
    }
    this.#root.style.setProperty("--accent", css(shown));
  }

  // --- The conversation ------------------------------------------------------------------------------

  #submit(): void {
    const text = this.#field.value.trim();
    if (!text || this.#busy) return;
    if (length(text) > LIMIT) return this.#say(this.#counter.textContent ?? "", true);
    const { text: masked, found } = mask(text);
    // An address that the bot asked for is no patient's; it does not stay in the conversation either.
    const asked = this.#history.entries.at(-1)?.replies.some((reply) => reply.expects === "email");
    if (found.every(({ kind }) => asked && kind === "courriel")) {
      this.#ask(this.#take(), masked);
      return;
    }
    const strings = this.#strings;
    const act = (name: string, strong: boolean, act: () => void): HTMLButtonElement =>
      h("button", { class: strong ? "strong" : null, click: act }, name);
    const first = act(strings.mask, true, () => {
      this.#endWarning();
      this.#take();
      this.#ask(masked);
    });
    this.#warning.replaceChildren(
      h("p", { id: "found", class: "warn" }, strings.found),
      h(
        "div",
        { id: "found-text" },
        h("p", {}, strings.foundText),
        h("ul", {}, ...found.map(({ kind, text: shown }) => h("li", {}, strings[kind], "\u00a0: ", h("q", {}, shown)))),
      ),
      h(
        "div",
        { class: "row" },
        first,
        act(strings.reread, false, () => this.#endWarning()),
        act(strings.sendAnyway, false, () => {
          this.#endWarning();
          this.#ask(this.#take());
        }),
      ),
    );
    this.#warning.hidden = false;
    first.focus({ preventScroll: true });
  }

  #endWarning(): void {
    this.#warning.hidden = true;
    this.#field.focus({ preventScroll: true });
  }

  /** What is in the field, which is emptied. */
  #take(): string {
    const text = this.#field.value.trim();
    this.#write("");
    return text;
  }

  #write(text: string): void {
    this.#field.value = text;
    this.#measure();
  }

  /** Send `text`, shown as `shown`; whether it could be: one message at a time. */
  #ask(text: string, shown = text): boolean {
    if (this.#busy) return false;
    this.#deliver({ text }, shown);
    return true;
  }

  #actions(entry: Entry): Actions {
    const press = (button: Button, shown: string): boolean => {
      if (this.#busy) return false;
      entry.pressed.push(button.payload);
      this.#deliver({ button: button.payload }, shown);
      return true;
    };
    return {
      ask: (title) => this.#ask(title),
      press: (button) => press(button, button.title),
      judge: (button) => press(button, ""),
      copy: (text) => {
        navigator.clipboard.writeText(text).then(
          () => this.#say(this.#strings.copied, true),
          () => this.#say(this.#strings.notCopied),
        );
      },
      retry: null,
    };
  }

  /** Send `body`, shown as the doctor's words `shown` (nothing when empty), and show what comes. */
  #deliver(body: Body, shown: string, bubble: HTMLElement | null = null): void {
    if (!this.#busy) this.#delivery = this.#exchange(body, shown, bubble);
  }

  async #exchange(body: Body, shown: string, bubble: HTMLElement | null): Promise<void> {
    this.#setBusy(true);
    this.#showWelcome(false);
    this.#say("");
    const message = shown ? this.#view.message(shown) : null;
    if (bubble) bubble.replaceWith(...(message ? [message] : []));
    else if (message) this.#log.append(message);
    const dots = h("span", { class: "dots", "aria-hidden": "true" }, h("span"), h("span"), h("span"));
    const waiting = h("p", { class: "waiting soft" }, dots, this.#strings.waiting);
    this.#log.append(waiting);
    this.#reveal(waiting, "end");
    try {
      if (!navigator.onLine) throw new TypeError("offline");
      const replies = await this.#api.send(body);
      waiting.remove();
      this.#receive(body, shown, replies);
    } catch (error) {
      waiting.remove();
      this.#fail(error, body, shown, message);
    } finally {
      this.#setBusy(false);
    }
  }

  #receive(body: Body, shown: string, replies: Reply[]): void {
    const erased = replies.some((reply) => reply.erased);
    if (erased) this.#forget(); // the replies that say so are shown and not kept
    const entry: Entry = { text: shown, replies, pressed: [] };
    const nodes = this.#nodes(entry, () => this.#deliver(body, shown));
    this.#log.append(...nodes);
    // From the beginning of the first, under the question when that leaves room to read.
    const first = nodes[0] as HTMLElement;
    const asked = first.previousElementSibling;
    this.#reveal(asked instanceof HTMLElement && asked.offsetHeight < 120 ? asked : first, "start");
    if (erased) return;
    this.#history.entries.push(entry);
    this.#save();
  }

  #fail(error: unknown, body: Body, shown: string, message: HTMLElement | null): void {
    const strings = this.#strings;
    const refused = error instanceof Refused ? error : null;
    let reason = navigator.onLine ? strings.unreachable : strings.offline;
    if (error instanceof Unreadable) reason = strings.unreadable;
    if (refused) reason = refused.message + (refused.wait ? ` ${fill(strings.wait, { n: refused.wait })}` : "");
    const failure = h("div", { class: "failure" }, h("p", {}, h("strong", {}, strings.unsent), " ", reason));
    const place = message ?? h("div", { class: "message you" });
    const row = h("div", { class: "row" });
    // What was refused for itself would be refused again; what failed on the way may be sent again.
    if (!refused || refused.status >= 500 || refused.status === 429 || refused.status === 408) {
      const again = (): void => this.#deliver(body, shown, place);
      row.append(h("button", { class: "strong", click: again }, strings.retry));
    }
    if ("text" in body) {
      const edit = (): void => {
        place.remove();
        this.#write(this.#field.value ? `${body.text}\n\n${this.#field.value}` : body.text);
        this.#field.focus();
      };
      row.append(h("button", { click: edit }, strings.edit));
    }
    failure.append(row);
    place.classList.add("unsent");
    place.append(failure);
    if (!place.isConnected) this.#log.append(place);
    this.#reveal(place, "end");
  }

  #nodes(entry: Entry, again: (() => void) | null = null): HTMLElement[] {
    const actions = { ...this.#actions(entry), retry: again };
    return entry.replies.map((reply) => this.#view.reply(reply, actions, entry.pressed));
  }

  #save(): void {
    this.#history.token = this.#api.token;
    this.#history.save();
  }

  async #erase(): Promise<void> {
    await this.#delivery; // an answer on its way belongs to what is erased
    this.#setBusy(true);
    try {
      await this.#api.erase();
      this.#forget();
      this.#showWelcome();
      this.#say(this.#strings.erased, true);
      this.#field.focus({ preventScroll: true });
    } catch (error) {
      this.#say(error instanceof Refused ? error.message : this.#strings.notErased);
    } finally {
      this.#setBusy(false);
    }
  }

  #forget(): void {
    this.#api.token = "";
    this.#history.clear();
    this.#log.replaceChildren();
  }

  // --- Small things ----------------------------------------------------------------------------------

  #opened(open: boolean): void {
    if (this.#launcher) this.#launcher.ariaExpanded = String(open);
    this.#history.open = open;
    this.#save();
  }

  #reopen(): void {
    const panel = this.#panel;
    if (!(panel instanceof HTMLDialogElement) || !panel.open) return;
    const focused = this.shadowRoot?.activeElement;
    panel.close();
    if (matchMedia(SMALL).matches) panel.showModal();
    else panel.show();
    if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
  }

  #showWelcome(shown = !this.#history.entries.length): void {
    this.#welcome.hidden = !shown;
    this.#root.classList.toggle("started", !shown);
  }

  #setBusy(busy: boolean): void {
    this.#busy = busy;
    this.#root.classList.toggle("busy", busy);
  }

  /** Show a word above the field, or that the network is away; `passing` when it goes by itself. */
  #say(text: string, passing = false): void {
    clearTimeout(this.#passing);
    this.#status.textContent = text || (navigator.onLine ? "" : this.#strings.offline);
    if (passing) this.#passing = setTimeout(() => this.#say(""), CONFIRMATION);
  }

  #measure(): void {
    const left = LIMIT - length(this.#field.value);
    const strings = this.#strings;
    this.#counter.textContent =
      left < 0 ? fill(strings.excess, { n: -left }) : left <= NEAR_LIMIT ? fill(strings.left, { n: left }) : "";
    this.#counter.classList.toggle("excess", left < 0);
    this.#field.ariaInvalid = left < 0 ? "true" : null;
    if (!this.#warning.hidden) this.#warning.hidden = true;
    this.#field.style.height = "auto";
    this.#field.style.height = `${this.#field.scrollHeight + 2}px`; // both borders
  }

  #paste(event: ClipboardEvent): void {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    const clean = cleanPaste(text);
    if (clean === text) return; // left to the browser, which can undo it
    event.preventDefault();
    const { selectionStart, selectionEnd } = this.#field;
    this.#field.setRangeText(clean, selectionStart, selectionEnd, "end");
    this.#measure();
  }

  #reveal(node: HTMLElement, block: ScrollLogicalPosition): void {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    node.scrollIntoView({ block, behavior: calm ? "auto" : "smooth" });
  }

  #scrollToEnd(): void {
    if (!this.#history.entries.length || !this.#panel.isConnected) return;
    const last = this.#log.lastElementChild;
    if (this.#launcher && last instanceof HTMLElement) this.#scroller.scrollTop = last.offsetTop - 12;
  }

  #print(): void {
    const frame = h("iframe", { class: "hidden", tabindex: "-1", "aria-hidden": "true" });
    frame.addEventListener("load", () => {
      const { contentWindow: window, contentDocument: page } = frame;
      if (!window || !page) return;
      const sheet = new (window as Window & typeof globalThis).CSSStyleSheet();
      sheet.replaceSync(printStyle);
      page.adoptedStyleSheets = [sheet];
      page.documentElement.lang = this.#root.lang;
      page.title = this.#strings.name;
      const date = new Date().toLocaleDateString();
      const log = page.importNode(this.#log, true);
      for (const details of log.querySelectorAll("details")) details.open = true;
      for (const node of log.querySelectorAll(".tools, .waiting")) node.remove();
      page.body.append(
        h("h1", {}, this.#strings.name),
        h("p", { class: "date" }, fill(this.#strings.printed, { date })),
        log,
        h("p", { class: "end" }, this.#strings.welcomeInformation),
      );
      window.addEventListener("afterprint", () => frame.remove());
      window.print();
    }, { once: true });
    this.#root.append(frame);
  }

  #isTouch(): boolean {
    return matchMedia("(hover: none) and (pointer: coarse)").matches;
  }
}

/** The address of the front, with a slash at its end: `api`, or where this module came from. */
function front(api: string | null): string {
  let address = new URL(".", here);
  try {
    if (api) address = new URL(api.replace(/\/*$/, "/"), document.baseURI);
  } catch {
    console.warn(`<bonjour-maitre api="${api}">: this is not an address; ${address} is used.`);
  }
  return address.href;
}

/** Characters as the server counts them, not UTF-16 units. */
function length(text: string): number {
  return [...text].length;
}
