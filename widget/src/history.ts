// What a reload must not lose, in this tab alone (`sessionStorage`), and only once the chat was opened.

import { mask } from "./personal.js";
import { type Reply, readReplies } from "./reply.js";

const MAX_ENTRIES = 80;

export type Entry = { text: string } | { replies: Reply[]; pressed: string[] };

export class History {
  readonly #key: string;
  entries: Entry[] = [];
  token = "";
  open = false;

  /** The history of the chat with the front at `base`, as this tab remembers it. */
  constructor(base: string) {
    this.#key = `bonjour-maitre:${base}`;
    try {
      const kept = JSON.parse(sessionStorage.getItem(this.#key) ?? "{}");
      this.token = typeof kept.token === "string" ? kept.token : "";
      this.open = kept.open === true;
      for (const entry of Array.isArray(kept.entries) ? kept.entries : []) {
        if (typeof entry?.text === "string") this.entries.push({ text: entry.text });
        else {
          const pressed = Array.isArray(entry?.pressed) ? entry.pressed.map(String) : [];
          this.entries.push({ replies: readReplies(entry?.replies), pressed });
        }
      }
    } catch {
      // No storage here, or not ours: the conversation then lasts as long as the page.
    }
  }

  /** Keep `token` and the entries; what was typed is kept masked. */
  save(token: string): void {
    this.token = token;
    this.entries = this.entries.slice(-MAX_ENTRIES);
    const entries = this.entries.map((entry) =>
      "text" in entry ? { text: mask(entry.text).text } : entry,
    );
    try {
      sessionStorage.setItem(this.#key, JSON.stringify({ token, open: this.open, entries }));
    } catch {
      // Full or forbidden.
    }
  }

  /** Forget all of it. */
  clear(): void {
    this.entries = [];
    this.token = "";
    try {
      sessionStorage.removeItem(this.#key);
    } catch {
      // Nothing was kept.
    }
  }
}
