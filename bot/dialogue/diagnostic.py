"""Replies of a diagnosis: its questions, its conclusion, and what is said on the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from msgspec.structs import replace

from bot.diagnostics import dates
from bot.diagnostics.conclude import Conclusion
from bot.diagnostics.model import Diagnostic, Question
from bot.diagnostics.walk import Act, State, Stop, current, progress
from bot.dialogue import answer as build
from bot.dialogue import texts
from bot.dialogue.reply import Button, Progress, RelatedFiche, Reply
from bot.fiches.typography import typeset
from bot.knowledge import Article

# Rasa's names, for the domain and for the actions.
FORM = "diagnostic_form"
STATE_SLOT = "diagnostic"
DONE_SLOT = "diagnostic_done"
CHOICE_INTENT = "diagnostic_choice"
CHOICE_ENTITY = "choice"
CONCLUDE = "action_conclude_diagnostic"

BACK, LEAVE, YES, NO = "retour", "arret", "oui", "non"
"""What a button may say besides an option."""

MANY_MISSES = 2
"""Replies in a row that were not understood, after which a way out is offered."""

LEADS: dict[Act, str] = {
    Act.BACK: "D'accord, revenons à la question précédente.",
    Act.AT_START: "Nous sommes à la première question.",
    Act.CORRECTED: "C'est corrigé.",
    Act.IN_FUTURE: "Cette date est dans l'avenir ; j'ai besoin de la date d'un fait déjà arrivé.",
    Act.NOT_UNDERSTOOD: "Je n'ai pas reconnu de réponse à ma question.",
}
RESUMED = "Reprenons."
MISSED_DATE = (
    "Je n'ai pas reconnu de date. Écrivez par exemple « hier à 18 h », « le 3 mars » ou « 31/12/2026 »."
)
WAY_OUT = (
    "Choisissez l'une des réponses, écrivez « retour » pour la question précédente, ou « stop » pour arrêter."
)
LEFT = (
    "J'arrête là, et je ne garde rien de vos réponses. Posez-moi toute autre question, ou redemandez "
    "« {title} » quand vous voudrez."
)
LOST = "J'ai perdu le fil de ce diagnostic, et je n'en ai rien gardé. Reprenons quand vous voudrez."
RETAINED = "D'après votre message :"
RECAP = "Vos réponses"
CONFIRM = "J'ai compris : **{date}**. Est-ce exact ?"
FROM_MIDNIGHT = (
    "L'heure n'étant pas précisée, les délais sont comptés depuis 0 h ce jour-là, par prudence ; indiquez "
    "l'heure si vous la connaissez."
)
FOUND_BY_ANSWERS = "Cette conclusion dépend de vos réponses ; une réponse inexacte la changerait."
RETRY = "Réessayer"
INVITATION = "Faire le point en quelques questions : {title}"


def question(
    diagnostic: Diagnostic,
    state: State,
    now: datetime,
    *,
    act: Act | None = None,
    retained: Sequence[Stop] = (),
    resumed: bool = False,
) -> Reply:
    """The question to ask, with its buttons. The walk is not at its end.

    `act` is what the last message did, None when nothing is to be said of it; `retained` are the answers read
    in the doctor's own words without being asked; `resumed` tells that something else was answered between.
    """
    asked = current(diagnostic, state, now)
    assert asked is not None, "the walk is at its end"
    parts = [_lead(diagnostic, asked, act, resumed)]
    if retained:
        parts.append(f"{RETAINED} {', '.join(f'*{stop.label}*' for stop in retained)}.")
    if state.pending is not None:
        moment = dates.read_stored(state.pending)
        parts.append(CONFIRM.format(date=dates.say(moment)))
        if asked.heure and not moment.has_hour:
            parts.append(FROM_MIDNIGHT)
        choices = [(YES, "Oui"), (NO, "Non, une autre date")]
    else:
        parts += [f"**{asked.question}**", asked.aide]
        choices = [(option.id, option.titre) for option in asked.options]
    titles = [typeset(title) for _, title in choices]
    parts.append("\n".join(f"{rank}. {title}" for rank, title in enumerate(titles, start=1)))
    buttons = [
        _button(diagnostic, asked, id_, title) for (id_, _), title in zip(choices, titles, strict=True)
    ]
    if state.misses >= MANY_MISSES:
        parts.append(WAY_OUT)
        buttons += [
            _button(diagnostic, asked, BACK, "Question précédente"),
            _button(diagnostic, asked, LEAVE, "Arrêter"),
        ]
    step, of = progress(diagnostic, state, now)
    return Reply(
        kind="question",
        text=typeset("\n\n".join(part for part in parts if part)),
        title=diagnostic.titre,
        buttons=tuple(buttons),
        progress=Progress(title=diagnostic.titre, step=step, of=of),
    )


def left(diagnostic: Diagnostic) -> Reply:
    """The walk was left."""
    return build.notice(typeset(LEFT.format(title=diagnostic.titre)))


def lost() -> Reply:
    """There is no walk to conclude: the conversation was forgotten in between."""
    return build.notice(typeset(LOST))


def conclusion(
    diagnostic: Diagnostic,
    concluded: Conclusion,
    articles: Mapping[str, Article],
    titles: Mapping[str, str],
) -> Reply:
    """The conclusion as an answer of its own, from no single fiche.

    `articles`: register entries of its citations by key; `titles`: titles of the published fiches, of which
    those that it names are offered.
    """
    recap = "\n".join(typeset(f"- {stop.question.question} {stop.label}.") for stop in concluded.stops)
    notes = [FOUND_BY_ANSWERS]
    if any(len(stop.value) == 10 and stop.question.heure for stop in concluded.stops):
        notes.insert(0, FROM_MIDNIGHT)
    summary, details, steps, caveats = (
        build.replace_marks(section, articles)
        for section in (
            concluded.summary,
            "\n\n".join(part for part in (f"**{RECAP}**\n\n{recap}", concluded.details) if part),
            concluded.steps,
            "\n".join([concluded.caveats, *(f"- {typeset(note)}" for note in notes)]).strip(),
        )
    )
    citations = build.cited(concluded, articles)
    review = build.review_of(diagnostic)
    related = tuple(RelatedFiche(fiche=id_, title=titles[id_]) for id_ in concluded.fiches if id_ in titles)
    return Reply(
        kind="answer",
        text=build.whole_text(
            diagnostic.titre,
            summary,
            details,
            steps,
            caveats,
            citations,
            build.review_line(review, diagnostic, texts.DIAGNOSTIC_NOT_REVIEWED),
        ),
        title=diagnostic.titre,
        summary=summary,
        details=details,
        steps=steps or None,
        caveats=caveats,
        citations=citations,
        related=related,
        buttons=tuple(build.show_button(r.fiche, r.title) for r in related),
        review=review,
    )


def retry(diagnostic: Diagnostic) -> Button:
    """A button that takes the walk up where it was when the base could not be read."""
    return Button(title=RETRY, payload=f"/{diagnostic.intent}")


def invite(reply: Reply, diagnostics: Iterable[Diagnostic]) -> Reply:
    """`reply` with a button for each diagnosis that is offered beside its fiche."""
    if reply.kind != "answer":
        return reply
    return offer(reply, (diagnostic for diagnostic in diagnostics if reply.fiche in diagnostic.fiches))


def offer(reply: Reply, diagnostics: Iterable[Diagnostic]) -> Reply:
    """`reply` with a button for each of `diagnostics`, before its own."""
    offered = tuple(
        Button(title=typeset(INVITATION.format(title=diagnostic.titre)), payload=f"/{diagnostic.intent}")
        for diagnostic in diagnostics
    )
    return replace(reply, buttons=(*offered, *reply.buttons)) if offered else reply


def _lead(diagnostic: Diagnostic, asked: Question, act: Act | None, resumed: bool) -> str:
    if resumed:
        return RESUMED
    if act is Act.STARTED:
        return diagnostic.introduction
    if act is Act.NOT_UNDERSTOOD and asked.is_date:
        return MISSED_DATE
    return LEADS.get(act, "") if act is not None else ""


def _button(diagnostic: Diagnostic, asked: Question, choice: str, title: str) -> Button:
    # Identifiers are kebab-case ASCII: nothing to escape.
    payload = f'/{CHOICE_INTENT}{{"choice": "{diagnostic.id}.{asked.id}.{choice}"}}'
    return Button(title=title, payload=payload)
