// What a word processor leaves in a pasted text: private-use bullets, soft hyphens, invisible marks.

const BULLET = /^[ \t\u00a0]*[\uf0b7\uf0a7\uf0d8\uf076\uf02d·•▪‣◦●○■□➢✓o][\t\u00a0]+[ \u00a0]*/gm;

/** `text` without them, with plain bullets and at most one blank line in a row. */
export function cleanPaste(text: string): string {
  return text
    .replace(/\r\n?|[\v\f\u2028\u2029]/g, "\n")
    .replace(BULLET, "- ")
    .replace(/[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ue000-\uf8ff]/g, "")
    .replace(/\t/g, " ")
    .replace(/[ \u00a0]+$/gm, "")
    .replace(/\n{3,}/g, "\n\n");
}
