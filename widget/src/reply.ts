// The Reply (bot/dialogue/reply.py), read from JSON that may come from a server of another version or,
// for a history, from a storage that others can write: what is of the wrong type reads as empty.

const BUTTON = { title: "", payload: "" };
const CITATION = { label: "", url: "", version_since: "", status: "", support: "" };

export const REPLY = {
  kind: "",
  text: "",
  title: "",
  summary: "",
  details: "",
  steps: "",
  caveats: "",
  context: "",
  citations: [CITATION],
  related: [{ title: "" }],
  buttons: [BUTTON],
  feedback: [BUTTON],
  documents: [{ title: "", href: "" }],
  review: { status: "", on: "", by: "" },
  progress: { title: "", step: 0, of: 0 },
  erased: false,
  expects: "",
};

export type Reply = typeof REPLY;
export type Button = typeof BUTTON;
export type Citation = typeof CITATION;

/** `value` in the shape of `like`: missing or of another type, a part is "", 0, false or an empty list. */
export function shaped<T>(value: unknown, like: T): T {
  const read = (): unknown => {
    if (Array.isArray(like)) return Array.isArray(value) ? value.map((item) => shaped(item, like[0])) : [];
    if (typeof like === "object") {
      const raw = Object(value);
      return Object.fromEntries(Object.entries(like as object).map(([key, part]) => [key, shaped(raw[key], part)]));
    }
    if (typeof value === typeof like) return value;
    return typeof like === "string" ? "" : typeof like === "number" ? 0 : false;
  };
  return read() as T;
}

/** The replies in `value`; those without a text are left out. */
export function readReplies(value: unknown): Reply[] {
  return shaped(value, [REPLY]).filter((reply) => reply.text || reply.summary);
}
