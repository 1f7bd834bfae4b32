// Every word that the widget says. A site may replace any of them (attribute `strings`).

export const FRENCH = {
  name: "Bonjour Maître",
  tagline: "Le droit au cabinet, article par article",
  launcher: "Une question de droit\u00a0?",
  conversation: "Conversation",
  close: "Fermer",
  print: "Imprimer la conversation",
  erase: "Effacer la conversation",
  newTab: "nouvel onglet",

  welcome: "Votre question, comme à un confrère juriste",
  welcomeAutomatic: "Un assistant automatique répond, à partir de fiches rédigées à l’avance. Aucun avocat ne lit vos messages.",
  welcomeInformation: "C’est une information juridique générale, pas une consultation.",
  welcomePatients: "N’écrivez aucune donnée de patient\u00a0: ni nom, ni date de naissance, ni numéro.",
  kept: "Ce qui est gardé, et combien de temps",
  keptHere: "Dans cet onglet\u00a0: la conversation, jusqu’à ce que vous le fermiez. Aucun cookie n’est déposé.",
  keptServer:
    "Sur le serveur\u00a0: la conversation, noms et numéros reconnus masqués, oubliée après une heure de silence\u00a0; un avis ou une question que vous choisissez de transmettre, trois mois après sa fin, un an s’il reste sans réponse.",
  keptErase: "Le bouton «\u00a0Effacer la conversation\u00a0» la supprime ici et sur le serveur.",
  examples: "Par exemple",
  example1: "Mon hébergeur doit-il être certifié HDS\u00a0?",
  example2: "Que faire dans les premières heures d’une cyberattaque\u00a0?",
  example3: "Puis-je utiliser ChatGPT ou une IA de dictée\u00a0?",

  you: "Votre message",
  field: "Votre question",
  placeholder: "Écrivez votre question",
  send: "Envoyer",
  hint: "Entrée pour envoyer, Maj\u00a0+\u00a0Entrée pour aller à la ligne",
  left: "Encore {n} caractères",
  excess: "{n} caractères de trop\u00a0: raccourcissez avant d’envoyer",
  waiting: "Je consulte mes fiches…",
  sending: "Envoi…",
  unsent: "Non envoyé.",
  retry: "Réessayer",
  edit: "Modifier",
  offline: "Vous êtes hors connexion. Votre texte est gardé\u00a0: vous pourrez l’envoyer au retour du réseau.",
  unreachable: "Le service ne répond pas. Votre texte est gardé\u00a0: réessayez dans un instant.",
  unreadable: "La réponse reçue est illisible. Réessayez dans un instant.",
  wait: "Réessayez dans {n} secondes.",

  answer: "Réponse",
  choices: "À préciser",
  question: "Une précision",
  law: "Le texte",
  notice: "Bonjour Maître",
  not_covered: "Pas de fiche sur ce point",
  out_of_domain: "Hors de mon domaine",
  unavailable: "Service indisponible",
  caveats: "Attention",
  steps: "Que faire",
  details: "En détail",
  citations: "Textes cités",
  moreCitations: "Tous les textes cités ({n})",
  since: "version du {date}",
  related: "Voir aussi",
  documents: "Documents à télécharger",
  reviewed: "Relu",
  reviewedBy: "par {name}",
  reviewedOn: "le {date}",
  notReviewed: "Fiche pas encore relue par un juriste",
  information: "Information générale, pas une consultation",
  feedback: "Cette réponse vous est-elle utile\u00a0?",
  thanks: "Merci de votre avis.",
  copy: "Copier",
  copied: "Réponse copiée.",
  notCopied: "La copie a échoué\u00a0: sélectionnez le texte à la main.",
  chosen: "choisi",
  step: "Question {step} sur {of} au plus",
  modifie: "modifié depuis",
  abroge: "abrogé",
  remplace: "remplacé",
  differe: "pas encore en vigueur",
  inconnu: "état inconnu",
  copie: "lu dans une copie, à contrôler",
  secondaire: "source secondaire, à contrôler",
  a_verifier: "non vérifié",

  found: "Données de patient\u00a0?",
  foundText: "Votre message semble contenir\u00a0:",
  nom: "un nom",
  naissance: "une date de naissance",
  nir: "un numéro de sécurité sociale",
  téléphone: "un numéro de téléphone",
  courriel: "une adresse électronique",
  mask: "Masquer et envoyer",
  reread: "Relire",
  sendAnyway: "Envoyer tel quel",

  eraseQuestion: "Effacer toute la conversation, ici et sur le serveur\u00a0?",
  eraseYes: "Effacer",
  eraseNo: "Garder",
  erased: "La conversation est effacée, ici et sur le serveur.",
  notErased: "Le serveur n’a pas pu être joint\u00a0: la conversation n’est pas effacée. Réessayez dans un instant.",
  printed: "Conversation du {date}",
  foot: "N’écrivez aucune donnée de patient.",
  accessibility: "Accessibilité",
};

export type Strings = typeof FRENCH;

/** French, with those of `json`'s texts (an object of known names) that replace ours. */
export function readStrings(json: string | null): Strings {
  const strings = { ...FRENCH };
  if (!json) return strings;
  try {
    const given: unknown = JSON.parse(json);
    for (const [key, value] of Object.entries(given as object)) {
      if (key in strings && typeof value === "string") strings[key as keyof Strings] = value;
      else console.warn(`<bonjour-maitre strings>: "${key}" is not the name of a text.`);
    }
  } catch {
    console.warn("<bonjour-maitre strings>: this is not a JSON object; French texts are kept.");
  }
  return strings;
}

/** `text` with each {name} replaced by its value. */
export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
