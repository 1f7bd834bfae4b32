"""What the doctor reads when the rest of the service cannot answer: kind words, and no law."""

from __future__ import annotations

from bot.dialogue.reply import Reply

UNAVAILABLE = Reply(
    kind="unavailable",
    text=(
        "Je ne peux pas consulter ma base de fiches en ce moment, et je préfère ne rien vous répondre "
        "plutôt que de répondre de mémoire. Votre question n’est pas en cause\u00a0: "
        "merci de la reposer dans quelques minutes."
    ),
)
