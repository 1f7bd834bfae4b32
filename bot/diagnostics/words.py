"""What a message says in reply to a question: an option, a wish to leave, to go back, to correct."""

from __future__ import annotations

import re

from bot.diagnostics.model import INCONNU, Option, Question
from bot.fiches.prose import fold

# Replies that go without saying for the options of these names.
USUAL: dict[str, tuple[str, ...]] = {
    "oui": (
        "oui", "ouais", "tout à fait", "exactement", "exact", "c'est ça", "c'est exact", "c'est cela",
        "bien sûr", "absolument", "effectivement", "ok", "d'accord", "je confirme", "correct",
    ),
    "non": ("non", "pas du tout", "aucun", "aucune", "jamais", "pas encore", "nan"),
    INCONNU: (
        "je ne sais pas", "je sais pas", "ne sais pas", "sais pas", "aucune idée", "pas sûr", "pas sûre",
        "je l'ignore", "je n'en sais rien", "pas certain", "pas certaine", "on ne sait pas",
        "nous ne savons pas", "difficile à dire", "je ne sais plus",
    ),
}  # fmt: skip

_COURTESY = r"(?:\s+(?:merci|svp|s il vous plait|s il te plait|maintenant|la|tout))*"
_LEAVE = re.compile(
    r"(?:(?:non|bon|ok|merci|allez|je veux|je voudrais|je souhaite|on peut|pouvez vous|j aimerais)\s+)*"
    r"(?:stop(?:pe[rz]?)?|annule[rz]?|annulation|(?:j |on )?arrete[rsz]?|(?:j )?abandonne[rz]?"
    r"|(?:je )?(?:laisse|laissez|laisser)(?: tomber)|quitter|sortir|ca suffit|assez|tant pis"
    r"|(?:je )?renonce[rz]?|oublie[rz]?(?: ca)?|peu importe|c est trop long|trop long|fini|terminer|terminez)"
    + _COURTESY
)
_BACK = re.compile(
    r"(?:(?:non|oups|pardon|je veux|je voudrais|on peut|pouvez vous)\s+)*"
    r"(?:retour(?:ner)?|precedente?|(?:la )?question (?:precedente|d avant)|(?:revenir|revenez|reviens)"
    r"(?: en)?(?: arriere)?|(?:en )?arriere|etape precedente|(?:je me suis )?trompee?|(?:c est une )?erreur)"
    r"(?:\s+(?:en arriere|a la question precedente|d une question|d une etape))?" + _COURTESY
)
_CORRECTION = re.compile(
    r"^(?:(?:ah|euh|oups|non|mais|attendez)\s+)*(?:finalement|en fait|plutot|pardon|correction|je rectifie"
    r"|rectification|je me suis trompee?|erreur|au temps pour moi|autant pour moi|a la reflexion"
    r"|je me corrige|je corrige|excusez moi|en realite)\b"
)
_RANK = re.compile(
    r"(?:(?:le|la|option|reponse|choix|numero|n)\s+)*"
    r"(\d{1,2}|premiere?|seconde?|deuxieme|troisieme|derniere?)"
)
_RANKS = {"premier": 1, "premiere": 1, "second": 2, "seconde": 2, "deuxieme": 2, "troisieme": 3}


def wants_to_leave(text: str) -> bool:
    """« stop », « laissez tomber », « on arrête » : the message says nothing else."""
    return _LEAVE.fullmatch(fold(text)) is not None


def wants_back(text: str) -> bool:
    """« retour », « question précédente », « je me suis trompé »."""
    return _BACK.fullmatch(fold(text)) is not None


def corrects(text: str) -> bool:
    """« finalement… », « en fait… »: what follows may answer an earlier question."""
    return _CORRECTION.match(fold(text)) is not None


def is_whole_reply(question: Question, text: str) -> bool:
    """Whether `text` is an option's own title or words and nothing more, hence no question in return."""
    said = fold(text)
    return any(said in map(fold, _wordings(option)) for option in question.options)


def chosen(question: Question, text: str) -> Option | None:
    """The option that `text` chooses in reply to `question`; None when none, or two as well as each other."""
    said = fold(text)
    if ranked := _RANK.fullmatch(said):
        rank = ranked[1]
        number = int(rank) if rank.isdigit() else _RANKS.get(rank, len(question.options))
        return question.options[number - 1] if 1 <= number <= len(question.options) else None
    lengths = {
        option: max(
            _longest(said, (option.titre, *option.mots)), _longest(said, _replies(option), at_start=True)
        )
        for option in question.options
    }
    # Or a part of one title alone: « un prestataire » for « Les serveurs d’un prestataire ».
    return _only_best(lengths) or _only_best(
        {option: int(len(said) > 3 and _longest(fold(option.titre), (said,)) > 0) for option in lengths}
    )


def mentioned(question: Question, text: str) -> Option | None:
    """The option that `text`, written before the question was asked, speaks of."""
    said = fold(text)
    return _only_best({option: _longest(said, option.mots) for option in question.options})


def says(words: str, text: str) -> bool:
    """Whether `text` begins with one of the usual replies of that name (« oui », « non »)."""
    return _longest(fold(text), USUAL[words], at_start=True) > 0


def _replies(option: Option) -> tuple[str, ...]:
    return (*option.reponses, *USUAL.get(option.id, ()))


def _wordings(option: Option) -> tuple[str, ...]:
    return (option.titre, *option.mots, *_replies(option))


def _longest(said: str, wordings: tuple[str, ...], *, at_start: bool = False) -> int:
    """The number of characters of the longest of `wordings` found in `said` as whole words."""
    found = 0
    for wording in wordings:
        folded = fold(wording)
        inside = f"{said} ".startswith(f"{folded} ") if at_start else f" {folded} " in f" {said} "
        if folded and inside:
            found = max(found, len(folded))
    return found


def _only_best(lengths: dict[Option, int]) -> Option | None:
    best = max(lengths.values(), default=0)
    options = [option for option, length in lengths.items() if length == best]
    return options[0] if best and len(options) == 1 else None
