// The Reply (bot/dialogue/reply.py), read from JSON that may come from a server of another version or,
// for a history, from a storage that others can write: anything of the wrong type is left out.

export interface Button {
  title: string;
  payload: string;
}

export interface Citation {
  label: string;
  url: string;
  version_since: string;
  status: string;
  support: string;
}

export interface Reply {
  kind: string;
  text: string;
  title: string;
  summary: string;
  details: string;
  steps: string;
  caveats: string;
  context: string;
  citations: Citation[];
  related: { title: string }[];
  buttons: Button[];
  feedback: Button[];
  documents: { title: string; href: string }[];
  review: { status: string; on: string; by: string } | null;
  progress: { title: string; step: number; of: number } | null;
  erased: boolean;
}

type Raw = Record<string, unknown>;

const isObject = (value: unknown): value is Raw => typeof value === "object" && value !== null;
const text = (value: unknown): string => (typeof value === "string" ? value : "");
const count = (value: unknown): number => (typeof value === "number" && value > 0 ? Math.floor(value) : 1);

function all<T>(value: unknown, read: (raw: Raw) => T): T[] {
  return Array.isArray(value) ? value.filter(isObject).map(read) : [];
}

const buttons = (value: unknown): Button[] =>
  all(value, (raw) => ({ title: text(raw.title), payload: text(raw.payload) })).filter((button) => button.title);

/** The replies in `value`; those without a text are left out. */
export function readReplies(value: unknown): Reply[] {
  return all(value, (raw): Reply => {
    const { review, progress } = raw;
    return {
      kind: text(raw.kind),
      text: text(raw.text),
      title: text(raw.title),
      summary: text(raw.summary),
      details: text(raw.details),
      steps: text(raw.steps),
      caveats: text(raw.caveats),
      context: text(raw.context),
      citations: all(raw.citations, (cited) => ({
        label: text(cited.label),
        url: text(cited.url),
        version_since: text(cited.version_since),
        status: text(cited.status),
        support: text(cited.support),
      })),
      related: all(raw.related, (fiche) => ({ title: text(fiche.title) })),
      buttons: buttons(raw.buttons),
      feedback: buttons(raw.feedback),
      documents: all(raw.documents, (file) => ({ title: text(file.title), href: text(file.href) })),
      review: isObject(review)
        ? { status: text(review.status), on: text(review.on), by: text(review.by) }
        : null,
      progress: isObject(progress)
        ? { title: text(progress.title), step: count(progress.step), of: count(progress.of) }
        : null,
      erased: raw.erased === true,
    };
  }).filter((reply) => reply.text || reply.summary);
}
