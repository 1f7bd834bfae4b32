// What a reload must not lose, in this tab alone (`sessionStorage`), and only once something was said.

import { mask } from "./personal.js";
import { REPLY, shaped } from "./reply.js";

const MAX_ENTRIES = 80;

/** What the doctor said, if anything, the replies, and the tokens of their buttons that were pressed. */
const ENTRY = { text: "", replies: [REPLY], pressed: [""] };
export type Entry = typeof ENTRY;

export class History {
  readonly #key: string;
  token = "";
  open = false;
  entries: Entry[] = [];

  /** The history of the chat with the front at `base`, as this tab remembers it. */
  constructor(base: string) {
    this.#key = `bonjour-maitre:${base}`;
    try {
      const kept = JSON.parse(sessionStorage.getItem(this.#key) ?? "{}");
      Object.assign(this, shaped(kept, { token: "", open: false, entries: [ENTRY] }));
    } catch {
      // No storage here, or not ours: the conversation then lasts as long as the page.
    }
  }

  /** Keep what there is to keep; what was typed is kept masked. */
  save(): void {
    if (!this.entries.length) return;
    this.entries = this.entries.slice(-MAX_ENTRIES);
    const { token, open } = this;
    const entries = this.entries.map((entry) => ({ ...entry, text: mask(entry.text).text }));
    try {
      sessionStorage.setItem(this.#key, JSON.stringify({ token, open, entries }));
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
