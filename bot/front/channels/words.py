"""What messengers say of themselves. French, polite "vous"; no law stands here."""

from __future__ import annotations

from bot.dialogue import texts
from bot.fiches.typography import typeset

COMMANDS = {
    "aide": typeset("Ce que je sais faire"),
    "conversation": typeset("Comment garder notre conversation"),
    "effacer": typeset("Effacer ce que je garde de vous"),
}
RULES = typeset(
    "Ici, vous pouvez aussi écrire :\n"
    "- **/aide** : ce que je sais faire ;\n"
    "- **/conversation** : comment garder notre conversation, ou la remettre à votre avocat ;\n"
    "- **/effacer** : effacer tout ce que je garde de vous.\n\n"
    "Je réponds d'abord en bref, avec les articles cités : demandez **En détail** pour la suite."
)
WELCOME = f"{texts.GREETING}\n\n{RULES}"
HELP = f"{texts.HELP}\n\n{RULES}"
IN_DETAIL = typeset("En détail")
CHOOSE = typeset("Répondez par le numéro ou par les mots du choix.")
SEE_ALSO = "Voir aussi"
USEFUL = typeset("Cette réponse vous a-t-elle aidé ? Écrivez")
MASKED = typeset(
    "J'ai masqué dans votre message ce qui ressemble à une donnée personnelle ({kinds}) : je ne l'ai pas "
    "conservée. Elle reste lisible dans cette messagerie : supprimez votre message si vous le pouvez, et "
    "n'écrivez aucune donnée de patient."
)
UNREADABLE = typeset(
    "Je ne lis que les messages écrits : ni les images, ni les fichiers, ni les messages vocaux. Écrivez "
    "votre question en quelques phrases, sans donnée de patient."
)
ERASED_HERE_ONLY = typeset(
    "Les messages restent visibles dans cette messagerie, sur vos appareils et chez qui l'exploite : "
    "supprimez-les aussi de votre côté si vous le souhaitez."
)
FAILED = typeset("Une erreur est survenue de mon côté. Merci d'écrire à nouveau votre message.")
FLOODED = typeset(
    "Vous m'avez écrit plusieurs messages à la suite : je réponds aux premiers, et je n'ai pas lu ceux qui "
    "sont arrivés entre-temps. Merci d'attendre ma réponse avant d'écrire le suivant."
)
NO_LINKS = typeset("Les documents ne peuvent pas être joints ici : demandez-les sur la page du service.")
TRANSCRIPT = typeset("envoyez-moi la transcription de notre conversation")
"""What the command /conversation is for Rasa, said as a doctor would."""
