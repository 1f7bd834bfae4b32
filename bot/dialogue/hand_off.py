"""Passing a question to the editors: the offer, the consent, the number, the withdrawal."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bot.dialogue.payload import command
from bot.dialogue.reply import Button, Reply
from bot.fiches.typography import typeset
from bot.inbox.consent import consent_text
from bot.inbox.inbox import PassedQuestion
from bot.inbox.retention import Retention
from bot.privacy.masking import mask

OFFER = Button(title=typeset("Transmettre ma question aux rédacteurs"), payload="/hand_off")
"""Put this button on any Reply that leaves a question without an answer."""

_NO_QUESTION = typeset(
    "Écrivez d'abord la question à transmettre, en une ou deux phrases et sans donnée de patient. Si je ne "
    "sais pas y répondre, je vous proposerai de la transmettre."
)
_FORGOTTEN = typeset(
    "Je n'ai plus cette question en mémoire. Écrivez-la de nouveau, puis demandez sa transmission."
)
_SHOWN = typeset("Voici ce qui serait transmis, et rien d'autre :")
_MASKED = typeset(
    "Les noms et coordonnées que j'ai reconnus y sont masqués ; relisez-la avant de transmettre."
)
_NO_REPLY_HERE = typeset(
    "Aucune adresse électronique ne peut être laissée ici : pour recevoir une réponse des rédacteurs, "
    "passez par la page de ce service. Votre question leur sert alors à compléter mes fiches."
)
_DECLINED = typeset("Entendu, rien n'est transmis. Posez une autre question quand vous voulez.")
_ASK_ADDRESS = typeset(
    "À quelle adresse électronique faut-il vous répondre ? Elle n'apparaîtra pas dans la conversation. Vous "
    "pouvez aussi ne pas en laisser : votre question est déjà transmise."
)
_ADDRESS_UNREAD = typeset(
    "Je n'ai pas reconnu d'adresse électronique utilisable. Écrivez-la seule, par exemple "
    "« prenom.nom@exemple.fr », ou poursuivez : votre question est déjà transmise."
)
_ADDRESS_UNEXPECTED = typeset(
    "Je n'attends pas d'adresse électronique, et je n'en ai gardé aucune. Pour recevoir une réponse des "
    "rédacteurs, demandez d'abord à leur transmettre votre question."
)
_ADDRESS_KEPT = typeset(
    "C'est noté : la réponse à la demande {reference} vous parviendra par courriel. Votre adresse sera "
    "effacée une fois la réponse envoyée, ou si vous retirez la demande."
)
_NO_ADDRESS = typeset(
    "Entendu, je n'ai gardé aucune adresse. Une question déjà transmise le reste : donnez son numéro pour la "
    "retirer."
)
_NOT_PASSED = typeset(
    "Je n'ai pas pu enregistrer votre demande : la base est inaccessible en ce moment, et rien n'est "
    "transmis. Réessayez dans quelques minutes."
)
_WITHDRAW_WHICH = typeset(
    "Quelle demande faut-il retirer ? Donnez son numéro, par exemple « je retire ma demande BM-7K3F-92QD »."
)
_WITHDRAWN = typeset(
    "La demande {reference} est retirée : la question et l'adresse qui l'accompagnait sont effacées. Si un "
    "courriel de réponse vous a déjà été envoyé, il ne peut pas être rappelé."
)
_UNKNOWN = typeset(
    "Aucune demande ne porte le numéro {reference} : il est peut-être mal recopié, ou la demande a déjà "
    "été retirée ou effacée."
)
_WHOM_TO_CALL = typeset(
    "Personne ne lit cette conversation en direct : je suis un assistant automatique. Pour parler à "
    "quelqu'un :\n\n- le **conseil départemental de l'Ordre** : pour la déontologie, les contrats, un "
    "conflit entre confrères ; ses coordonnées sont sur le site du Conseil national de l'Ordre des "
    "médecins ;\n- votre **assureur de responsabilité civile professionnelle** : dès qu'une plainte, une "
    "réclamation ou un incident est possible ; le numéro est sur votre contrat, qui peut comprendre une "
    "protection juridique ;\n- un **avocat** : pour un avis sur votre cas, ou si un délai court ; l'ordre "
    "des avocats de votre barreau vous oriente.\n\nVous pouvez aussi transmettre une question écrite aux "
    "rédacteurs de ce service."
)


_ASKS = frozenset({"question", "out_of_domain"})
_CONTINUES = frozenset({"elliptic", "ask_other"})


def questions(events: Sequence[Mapping[str, Any]]) -> list[str]:
    """The questions asked in a conversation (events of a Rasa tracker), masked, oldest first.

    A follow-up that cannot be understood alone is joined to the question it continues.
    """
    found: list[str] = []
    for event in events:
        text = event.get("text") or ""
        if event.get("event") != "user" or not text or text.startswith("/"):
            continue
        intent = ((event.get("parse_data") or {}).get("intent") or {}).get("name")
        if intent in _ASKS:
            found.append(mask(text).text)
        elif intent in _CONTINUES and found:
            found.append(f"{found[-1]}\n{mask(text).text}")
    return found


def digest(text: str) -> str:
    """What tells one message from another in a button: the question shown is the one passed, whatever is
    said in between."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def no_question() -> Reply:
    """There is nothing to pass on yet."""
    return Reply(kind="notice", text=_NO_QUESTION)


def forgotten() -> Reply:
    """The question that the button named is no longer in the conversation."""
    return Reply(kind="notice", text=_FORGOTTEN)


def ask_consent(text: str, retention: Retention, *, answerable: bool) -> Reply:
    """Shows the masked question `text` as it would be kept, what passing it means, and asks.

    `answerable`: an address can be left for the reply.
    """
    quoted = "\n".join(f"> {line}" for line in text.splitlines())
    shown = digest(text)
    with_reply = Button(
        title=typeset("Transmettre, et recevoir la réponse par courriel"),
        payload=command("pass_question", shown=shown, reply="yes"),
    )
    without = Button(
        title=typeset("Transmettre sans laisser d'adresse" if answerable else "Transmettre"),
        payload=command("pass_question", shown=shown, reply="no"),
    )
    return Reply(
        kind="question",
        text="\n\n".join(
            [_SHOWN, quoted, _MASKED, consent_text(retention), *([] if answerable else [_NO_REPLY_HERE])]
        ),
        buttons=(
            *([with_reply] if answerable else []),
            without,
            Button(title=typeset("Ne rien transmettre"), payload=command("decline")),
        ),
    )


def declined() -> Reply:
    """Nothing is passed on."""
    return Reply(kind="notice", text=_DECLINED)


def passed(question: PassedQuestion) -> Reply:
    """The number of the question just passed, and, when a reply is wanted, the request for an address."""
    text = typeset(
        f"Votre question est transmise. Son numéro : **{question.reference}**. Gardez-le : il suffit "
        f"d'écrire « je retire ma demande {question.reference} », ici ou dans une autre conversation, pour "
        "la retirer."
    )
    if not question.wants_reply:
        return Reply(kind="notice", text=text)
    return Reply(kind="question", text=f"{text}\n\n{_ASK_ADDRESS}", expects="email")


def address_kept(reference: str) -> Reply:
    """The address is kept for the reply to `reference`."""
    return Reply(kind="notice", text=_ADDRESS_KEPT.format(reference=reference))


def no_address() -> Reply:
    """The question stays passed on, without an address."""
    return Reply(kind="notice", text=_NO_ADDRESS)


def address_unread() -> Reply:
    """A question waits for an address, and none was read."""
    return Reply(kind="question", text=_ADDRESS_UNREAD, expects="email")


def address_unexpected() -> Reply:
    """No question waits for an address."""
    return Reply(kind="notice", text=_ADDRESS_UNEXPECTED)


def not_passed() -> Reply:
    """The base is away."""
    return Reply(kind="unavailable", text=_NOT_PASSED)


def withdrawn(reference: str) -> Reply:
    """The question of that number is erased."""
    return Reply(kind="notice", text=_WITHDRAWN.format(reference=reference))


def withdraw_which(references: Iterable[str]) -> Reply:
    """Asks for the number; offers those of this session."""
    buttons = tuple(
        Button(title=f"Retirer {reference}", payload=command("withdraw_request", reference=reference))
        for reference in references
    )
    return Reply(kind="question" if buttons else "notice", text=_WITHDRAW_WHICH, buttons=buttons)


def unknown_reference(reference: str) -> Reply:
    """No question has that number."""
    return Reply(kind="notice", text=_UNKNOWN.format(reference=reference))


def whom_to_call(*, offers: bool) -> Reply:
    """Whom to talk to; `offers` to pass the question on when there is one."""
    return Reply(kind="notice", text=_WHOM_TO_CALL, buttons=(OFFER,) if offers else ())
