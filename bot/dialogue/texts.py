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
    "- la poursuivre (« et s'il ne l'est pas ? », « quel article ? », « plus simplement », « que dois-je "
    "faire ? ») ;\n"
    "- faire le point pas à pas (« suis-je en règle ? », « guidez-moi après une cyberattaque », « je pars à "
    "la retraite, par où commencer ? », « je me fais remplacer, guidez-moi ») ;\n"
    "- demander ce que dit un article (« que dit l'article L. 1111-8 du code de la santé publique ? »).\n\n"
    "Je ne réponds que si une de mes fiches couvre le sujet ; sinon je le dis. N'écrivez aucune donnée de "
    "patient."
)
CHOICES = typeset("Je ne suis pas certain d'avoir bien compris. Votre question est-elle l'une de celles-ci ?")
CHOICE = typeset("Je ne suis pas certain d'avoir bien compris. Votre question est-elle celle-ci ?")
CHOICES_OTHER = typeset("Répondez par un numéro, ou reformulez en une phrase : je préfère ne pas deviner.")
OTHER = "Autre chose"
REPHRASE = typeset("Entendu. Reformulez votre question en une phrase, avec les mots qui comptent pour vous.")
HAND_OFF = typeset(
    "Je ne parviens pas à vous comprendre, et je préfère ne pas deviner. Pour une réponse sûre, "
    "adressez-vous au conseil départemental de l'Ordre, à votre assureur de responsabilité civile "
    "professionnelle ou à un avocat."
)

# Follow-ups of an answer.
ABOUT = typeset("À propos de : {title}")
WHOLE = typeset("Toute la réponse")
NO_CONTEXT = typeset(
    "Je n'ai plus de question en tête à laquelle rattacher votre message. Posez-la en une phrase, et nous "
    "repartirons de là."
)
SILENT = typeset("Ma fiche ne le dit pas, et je préfère ne pas l'inventer.")
SILENT_ON = {
    "ask_duration": typeset("Ma fiche ne donne ni durée ni délai."),
    "ask_amount": typeset("Ma fiche ne donne aucun montant."),
    "ask_risk": typeset("Ma fiche ne parle pas de sanction."),
    "ask_steps": typeset("Ma fiche ne contient pas de marche à suivre."),
}
SAID_ON = {
    "ask_duration": typeset("Ce que ma fiche dit des durées et des délais :"),
    "ask_amount": typeset("Ce que ma fiche dit des montants :"),
    "ask_risk": typeset("Ce que ma fiche dit des risques et des sanctions :"),
}
NEIGHBOURS = typeset("Sur un sujet proche, j'ai aussi :")
NEIGHBOUR_LIKELY = typeset("Ma fiche ne le dit pas. Une autre y répond peut-être :")
PLAINER = typeset("Pardon de ne pas avoir été clair. Je reprends l'essentiel :")
PLAINER_ASK = typeset(
    "Dites-moi quel point reste obscur, ou demandez au conseil départemental de l'Ordre ou à votre assureur "
    "de vous l'expliquer de vive voix."
)
CERTAIN_NOT_REVIEWED = typeset(
    "**Pas absolument.** Aucun juriste n'a encore relu cette fiche, rédigée le {written}. Je ne fais que la "
    "citer : je n'y ajoute rien."
)
CERTAIN_REVIEWED = typeset(
    "Cette fiche a été relue le {on} par {by}. Je ne fais que la citer : je n'y ajoute rien. Elle donne une "
    "information générale, qui ne connaît pas tout de votre cas."
)
SUPPORTS = {
    "officiel": typeset("lu sur le site officiel"),
    "copie": typeset("lu dans une copie, à contrôler sur le site officiel"),
    "secondaire": typeset("connu par une source secondaire, à contrôler avant de s'y fier"),
    "a_verifier": typeset("non vérifié"),
}
STRENGTH = typeset("Sur quoi elle repose, du plus solide au moins sûr :")

# What the answer depends on.
YOUR_CASE = "Dans votre cas"
YOUR_CASE_READ = "Dans votre cas, tel que je le lis"
PRECISION = typeset("Pour préciser ma réponse :")
PRECISION_FREE = typeset(
    "Répondez par un numéro ou en quelques mots. Cette question est facultative : la réponse ci-dessus donne "
    "déjà tous les cas."
)
PRECISION_UNREAD = typeset(
    "Je n'ai pas reconnu votre cas parmi les réponses. Voici ce qu'il en est de chacun."
)
PRECISION_WHICH = typeset("Laquelle de ces réponses ?")
PRECISION_EXPLAINED = typeset("Ma réponse change selon ce point, d'où ma question.")
DONT_KNOW = typeset("Je ne sais pas")
NOT_MY_CASE = typeset("Ce n'est pas mon cas")
ALL_CASES = typeset("Sans cette précision, voici chaque cas.")
RECALL = typeset("Rappel, en bref :")

# Small talk inside a case.
STOPPED = typeset("Entendu, nous en restons là. Écrivez-moi dès qu'une autre question se présente.")
AGREED = typeset("Bien. Souhaitez-vous un point en particulier ? Écrivez-le, ou posez une autre question.")
NOTED = typeset("Entendu. Si ma réponse ne convient pas, reformulez votre question en une phrase.")
NOT_KNOWN = typeset(
    "Ce n'est pas grave. Décrivez la situation en une ou deux phrases, sans donnée de patient."
)
NOT_ANSWERED = typeset(
    "Je vous prie de m'excuser. Reformulez en une phrase ce que vous cherchez à savoir ; si ma base n'y "
    "répond pas, je le dirai. Pour une réponse sûre, le conseil départemental de l'Ordre, votre assureur de "
    "responsabilité civile professionnelle ou un avocat peuvent vous aider."
)
NOT_COVERED = typeset(
    "Je n'ai pas de fiche qui réponde à cette question, et je préfère ne pas deviner. Pour une réponse sûre, "
    "adressez-vous au conseil départemental de l'Ordre, à votre assureur de responsabilité civile "
    "professionnelle ou à un avocat."
)
OUT_OF_DOMAIN = typeset(
    "Je ne réponds qu'aux questions de droit liées à l'exercice du médecin, et je n'ai pas reconnu "
    "la vôtre. Pouvez-vous la reformuler en une phrase, sans donnée de patient ?"
)
NO_QUESTION = typeset(
    "Je ne lis pas de question dans ce message. Écrivez-la en une phrase, avec la situation : par exemple "
    "« combien de temps dois-je garder un dossier ? »."
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
DIAGNOSTIC_NOT_REVIEWED = typeset("Fiche de diagnostic pas encore relue par un juriste")
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
