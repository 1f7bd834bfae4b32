"""What the bot says besides fiches. French, polite "vous"; no law stands here."""

from __future__ import annotations

from bot.fiches.typography import typeset

GREETING = typeset(
    "Bonjour. Je suis Bonjour Maître, un **assistant automatique** : je réponds aux questions de droit des "
    "médecins à partir de fiches rédigées, en citant l'article exact. C'est une **information juridique "
    "générale**, pas une consultation ; aucun juriste n'a encore relu les fiches qui ne portent pas de "
    "signature.\n\n"
    "**N'écrivez aucune donnée de patient** (nom, date de naissance, numéro de sécurité sociale…).\n\n"
    "Posez votre question comme à un confrère : en trois mots ou en une lettre entière."
)
THANKS = typeset("Je vous en prie. Si un autre point vous préoccupe, écrivez-le ici.")
GOODBYE = typeset("Bonne journée, et à bientôt.")
BOT_CHALLENGE = typeset(
    "Oui, je suis un **assistant automatique** : aucun avocat ne lit vos messages et personne ne rédige mes "
    "réponses au moment où vous les lisez. Elles viennent de fiches écrites d'avance, avec leurs articles. "
    "C'est une information générale, pas une consultation."
)
HELP = typeset(
    "Vous pouvez :\n"
    "- poser une question (« mon hébergeur doit-il être certifié ? »), même dans une longue lettre ;\n"
    "- demander ce que dit un article (« que dit l'article L. 1111-8 du code de la santé publique ? »).\n\n"
    "Je ne réponds que si une de mes fiches couvre le sujet ; sinon je le dis. N'écrivez aucune donnée de "
    "patient."
)
CHOICES = typeset("Je ne suis pas certain d'avoir bien compris. Votre question est-elle l'une de celles-ci ?")
CHOICE = typeset("Je ne suis pas certain d'avoir bien compris. Votre question est-elle celle-ci ?")
CHOICES_OTHER = typeset("Sinon, reformulez en une phrase : je préfère ne pas deviner.")
NOT_COVERED = typeset(
    "Je n'ai pas de fiche qui réponde à cette question, et je préfère ne pas deviner. Pour une réponse sûre, "
    "adressez-vous au conseil départemental de l'Ordre, à votre assureur de responsabilité civile "
    "professionnelle ou à un avocat."
)
OUT_OF_DOMAIN = typeset(
    "Je ne réponds qu'aux questions de droit liées à l'exercice du médecin, et je n'ai pas reconnu "
    "la vôtre. Pouvez-vous la reformuler en une phrase, sans donnée de patient ?"
)
UNAVAILABLE = typeset(
    "Ma base de fiches est inaccessible en ce moment : je ne donne donc aucune réponse de droit. Réessayez "
    "dans quelques minutes. En cas d'urgence juridique, contactez votre assureur de responsabilité civile "
    "professionnelle ou le conseil départemental de l'Ordre."
)
LAW_WHICH = typeset(
    "De quel article s'agit-il ? Donnez son code et son numéro, par exemple « article L. 1111-8 du code de "
    "la santé publique » ou « article 28 du RGPD »."
)
NOT_REVIEWED = typeset("Fiche pas encore relue par un juriste")
INFORMATION = typeset("Information juridique générale, pas une consultation.")
STEPS = "Que faire"
CAVEATS = "Attention"
SOURCES = "Sources"
SUPPORT = {
    "officiel": "",
    "copie": typeset("texte lu dans une copie, à contrôler sur le site officiel"),
    "secondaire": typeset("connu par une source secondaire, à contrôler"),
    "a_verifier": typeset("non vérifié"),
}
STATES = {
    "vigueur": "en vigueur",
    "modifie": "modifié depuis",
    "abroge": "abrogé",
    "remplace": "remplacé",
    "differe": "pas encore en vigueur",
    "inconnu": "état inconnu",
}
LAW_NOT_QUOTED = typeset("Je ne reproduis pas le texte : lisez-le à l'adresse officielle, à la date du jour.")
