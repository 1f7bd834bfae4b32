// Patient data that can be recognised cheaply, so that the doctor is warned before anything is sent.
// A part of bot/privacy/masking.py, which masks more and has the last word on the server; both are held
// to the same cases (tests/data/donnees_patient.json).

export type Kind = "courriel" | "nir" | "téléphone" | "naissance" | "nom";

export interface Found {
  kind: Kind;
  text: string;
}

const TOKENS: Record<Kind, string> = {
  courriel: "[courriel]",
  nir: "[n° de sécurité sociale]",
  téléphone: "[téléphone]",
  naissance: "[date de naissance]",
  nom: "[nom]",
};

const GAP = "[ \\u00a0\\u202f]";
const SEP = "[ \\u00a0\\u202f.\\-]?";
const EMAIL = /(?<![\p{L}\d_.+%-])[\p{L}\d_.+%-]{1,64}@(?:[\p{L}\d_-]{1,63}\.){1,5}[A-Za-z]{2,24}(?![\p{L}\d_])/gu;
const NIR = new RegExp(
  `(?<![\\p{L}\\d_])[1-478]${SEP}\\d\\d${SEP}(?:0[1-9]|1[0-2]|[2-9]\\d)${SEP}(?:\\d\\d|2[ABab])${SEP}\\d{3}${SEP}\\d{3}` +
    `(?:${SEP}\\d\\d)?(?![\\p{L}\\d_]|${SEP}\\d)`,
  "gu",
);
const FIFTEEN = new RegExp(`(?<![\\p{L}\\d_])[1-478](?:${SEP}[\\dABab]){14}(?![\\p{L}\\d_])`, "gu");
const PHONE = new RegExp(
  `(?<![\\p{L}\\d_.,/+-])(?:(?:\\+|00)(?:33|262|590|594|596|508|681|687|689)${SEP}(?:\\(0\\)${SEP})?[1-9]?|0[1-9])` +
    `(?:(?:${GAP}?\\d\\d){4}|(?:\\.\\d\\d){4}|(?:-\\d\\d){4}|(?:/\\d\\d){4}|(?:${GAP}?\\d{4}){2})(?![\\p{L}\\d_]|[-/.]\\d)`,
  "gu",
);
const MONTH =
  "(?:janv(?:ier)?|f[ée]v(?:r|rier)?|mars|avr(?:il)?|mai|juin|juil(?:let)?|ao[uû]t|(?:sept|nov|d[ée]c)(?:embre)?|oct(?:obre)?)\\.?";
const BIRTH = new RegExp(
  "(?<![\\p{L}\\d_])(?:n[ée](?:e|\\(e\\)|\\.e|·e)?|date de naissance|naiss\\.|ddn|d\\.d\\.n\\.)" +
    "(?:[ \\u00a0:=,]|(?<![\\p{L}\\d_])(?:le|du|est)(?![\\p{L}\\d_])){1,8}" +
    `(\\d{4}-\\d{1,2}-\\d{1,2}|\\d{1,2}[/.\\- ]\\d{1,2}[/.\\- ](?:\\d{4}|\\d\\d)|\\d{8}|\\d{1,2}(?:er)?[ \\u00a0]${MONTH}(?:[ \\u00a0]\\d{4})?)(?![\\p{L}\\d_])`,
  "giu",
);

// A name: after a civility, one to four words with a capital, particles and initials between them.
const CIVILITY =
  "(?<![\\p{L}\\d_.])(?:(?:Mme|MME|mme|Mlle|MLLE|mlle|Mmes|Mlles|Mr|MR|mr|Mrs|Dr|DR|dr|Dre|Drs)\\.?|M\\.|MM\\.|M|[Mm]onsieur|MONSIEUR|[Mm]adame|MADAME|[Mm]ademoiselle|[Dd]octeure?|[Dd]octeurs|[Pp]rofesseure?)";
const TITLES =
  "(?:Docteure?s?|Professeure?|Ma[iî]tre|Pr[ée]sidente?|Directeur|Directrice|Ministre|Maire|Pr[ée]f[eè]te?|Juge|Procureure?|Conseill[eè]re?|B[âa]tonni[eè]re?|Monsieur|Madame|Ordre|Conseil|Bonjour|Merci|ET|OU|EST)";
const PARTICLE = `(?:(?:de|du|des|la|le|van|von|der|den|el|al|ben|bin|da|dos|di|del)${GAP}+|d['’])`;
const WORD = "(?:[DO]['’])?\\p{Lu}\\p{L}+(?:['’-]\\p{L}+)*";
const NAME = new RegExp(
  `(${CIVILITY}${GAP}+)((?:de${GAP}+|d['’]|van${GAP}+|von${GAP}+|(?:\\p{Lu}\\.${GAP}*)+)?` +
    `(?!${TITLES}(?![\\p{L}\\d_]))${WORD}(?:${GAP}+${PARTICLE}{0,2}(?!${TITLES}(?![\\p{L}\\d_]))${WORD}){0,3})(?!\\d)`,
  "gu",
);

/** Whether the last two of fifteen digits are 97 minus the rest modulo 97 (Corsica: 2A is 19, 2B is 18). */
function keyIsRight(text: string): boolean {
  const compact = text.replace(/[^\dABab]/g, "").toUpperCase();
  if (compact.length !== 15) return false;
  const number = BigInt(compact.slice(0, 13).replace("2A", "19").replace("2B", "18"));
  return 97n - (number % 97n) === BigInt(compact.slice(13));
}

/** The text without the data that was recognised, and what was found. */
export function mask(text: string): { text: string; found: Found[] } {
  const found: Found[] = [];
  const note = (kind: Kind, shown: string): string => {
    found.push({ kind, text: shown.trim() });
    return TOKENS[kind];
  };
  const masked = text
    .replace(EMAIL, (all) => note("courriel", all))
    .replace(NIR, (all) => note("nir", all))
    .replace(FIFTEEN, (all) => (keyIsRight(all) ? note("nir", all) : all))
    .replace(PHONE, (all) => note("téléphone", all))
    .replace(BIRTH, (all: string, date: string) => {
      note("naissance", all);
      return all.slice(0, all.length - date.length) + TOKENS.naissance;
    })
    .replace(NAME, (all: string, civility: string) => {
      note("nom", all);
      return civility + TOKENS.nom;
    });
  return { text: masked, found };
}
