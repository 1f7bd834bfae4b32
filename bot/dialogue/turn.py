"""One turn of the conversation: a message and what is remembered → Replies and what to remember."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from msgspec import structs

from bot.dialogue import answer as build
from bot.dialogue import follow_up, hand_off, parts, texts
from bot.dialogue.context import Context
from bot.dialogue.decision import MAX_CHOICES, Decision, Outcome, decide_all
from bot.dialogue.match import Match
from bot.dialogue.parts import Source
from bot.dialogue.precision import LONGEST_REPLY, OPEN, UNKNOWN, Case, decode, read_case, reply
from bot.dialogue.reply import Reply
from bot.fiches.model import Option, Precision
from bot.fiches.orientations import Orientation
from bot.knowledge import KnowledgeBase
from bot.nlu.reader import read
from bot.nlu.text import tokens

SUBJECT_WORDS = 3
"""Words that carry a subject from which a sure question wins over a follow-up it may also be."""
MOST_WORDS = 4
"""Words that carry a subject in the longest message that is small talk or a general follow-up."""

PARTS: Mapping[str, Callable[[Source], Reply]] = {
    "simplify": parts.brief,
    "dont_understand": parts.plainer,
    "elaborate": parts.details,
    "ask_reason": parts.reason,
    "ask_source": parts.origins,
    "ask_steps": parts.steps,
    "ask_certainty": parts.certainty,
}
"""What a follow-up on the last answer shows, by intent; `parts.ASPECTS` are shown too."""
FOLLOW_UPS = frozenset([*PARTS, *parts.ASPECTS, "repeat", "ask_other", "elliptic"])

TALK: Mapping[str, str] = {
    "affirm": texts.AGREED,
    "deny": texts.NOTED,
    "dont_know": texts.NOT_KNOWN,
    "complain": texts.NOT_ANSWERED,
    "other_subject": texts.REPHRASE,
    "choose": texts.NO_CONTEXT,
    # These have an action of their own, but a reply to a question may look like one of them.
    "greet": texts.GREETING,
    "thank": texts.THANKS,
    "goodbye": texts.GOODBYE,
    "bot_challenge": texts.BOT_CHALLENGE,
    "help": texts.HELP,
}
"""What is said to a message that asks nothing."""


@dataclass(frozen=True, slots=True)
class Message:
    """What was said. `text` is "" for a button; `in_form`: it interrupts a form, whose question waits."""

    text: str
    intent: str
    match: Match = field(default_factory=lambda: Match(()))
    in_form: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """What to say and to remember. `fiche`: what the conversation is now about, None when that is unchanged.

    `doubt`: the question was not understood. `waits`: whether the question and the choices of the turn before
    are still waited for.
    """

    replies: tuple[Reply, ...]
    fiche: str | None = None
    case: Case | None = None
    choices: tuple[str, ...] = ()
    doubt: bool = False
    forget: bool = False
    waits: bool = False


class Dialogue:
    """Decides each turn. Raises `KnowledgeUnavailable` when the base cannot be read."""

    def __init__(self, knowledge: KnowledgeBase, orientations: Mapping[str, Orientation]) -> None:
        self._knowledge = knowledge
        self._orientations = orientations

    def answer(self, message: Message, context: Context) -> Turn:
        """The turn that `message` makes."""
        if len(follow_up.subject_words(message.text)) > MOST_WORDS:
            # Small talk is short. A long message that sounds like it ("je ne sais pas si…") is a question.
            message = replace(message, intent="question")
        elif context.fiche and message.intent in {*TALK, "stop"} and follow_up.adds(message.text):
            # "Et s'il ne répond pas ?" is no complaint.
            message = replace(message, intent="elliptic")
        decisions = self._decisions(message.match)
        if context.precision and message.text and not message.in_form:
            turn = self._reply_to_question(message, context, decisions)
            if turn is not None:
                return turn
        if message.intent == "stop":
            return Turn((build.notice(texts.STOPPED),), forget=True)
        if context.choices:
            turn = self._reply_to_choices(message, context, decisions)
            if turn is not None:
                return turn
        last = self.source(context.fiche)
        if message.intent in TALK:
            said = build.notice(TALK[message.intent])
            if message.intent == "complain":
                said = structs.replace(said, buttons=(hand_off.OFFER,))
            return Turn((said,), waits=True)
        turn = self._follow_up(message, last, decisions) if last else None
        if turn is not None:
            return turn
        if message.intent in FOLLOW_UPS and not _sure(decisions):
            rephrase = message.intent in ("ask_other", "dont_understand")
            return Turn((build.notice(texts.REPHRASE if rephrase else texts.NO_CONTEXT),))
        return self._questions(message, context, decisions)

    def show(self, fiche: str, message: Message, context: Context) -> Turn:
        """The fiche that a button names; the words said before the choice tell the case."""
        asks = fiche != context.fiche
        return self._show(fiche, message, context.said, confidence=1.0, asks=asks)

    def precise(self, fiche: str, coded: str) -> Turn:
        """The branch that a button chose, then the next question if one is left."""
        source = self.source(fiche)
        case = decode(fiche, coded, source.fiche.precisions) if source else None
        if source is None:
            return Turn((build.not_covered(),))
        if case is None:  # the fiche was published anew since the button was shown
            return self._show(fiche, Message("", "show_fiche"), "", confidence=1.0)
        return self._chosen(source, case)

    def source(self, fiche: str | None) -> Source | None:
        """The published fiche with what its Replies need; None when there is none."""
        published = self._knowledge.published(fiche) if fiche else None
        if published is None:
            return None
        keys = [c.citation.reference.key for c in published.fiche.citations]
        return Source(
            published, self._knowledge.articles(keys), self._knowledge.titles(published.fiche.voisines)
        )

    # --- A reply to what the bot asked ----------------------------------------------------------

    def _reply_to_question(
        self, message: Message, context: Context, decisions: Sequence[Decision]
    ) -> Turn | None:
        assert context.precision is not None
        source = self.source(context.precision[0])
        case = decode(*context.precision, source.fiche.precisions) if source else None
        if source is None or case is None or case.next is None:
            return None
        if message.intent == "dont_understand":
            asked = parts.question(source.fiche, case, texts.PRECISION_EXPLAINED)
            return Turn((parts.plainer(source), asked), fiche=case.fiche, case=case)
        precision = source.fiche.precisions[case.next]
        # "Plus simplement" is no "plus de cinq ans": what sounds like a follow-up must name the whole option.
        choice = reply(precision, message.text, share=1.0 if message.intent in FOLLOW_UPS else 0.5)
        named = [precision.options[int(choice)]] if choice and choice.isdigit() else []
        asks_more = bool(follow_up.unsaid(message.text, source.fiche, named))
        if _is_about_another(decisions, case.fiche) and (asks_more or read(message.text).questions):
            return None
        if choice is None and message.intent == "dont_know":
            choice = UNKNOWN
        if choice is not None:
            return self._chosen(source, case.choose(case.next, choice))
        if message.intent in ("affirm", "deny") and tokens(message.text)[:1] in (("oui",), ("non",)):
            # Several cases, or none, begin with that word.
            return Turn((parts.question(source.fiche, case, texts.PRECISION_WHICH),), case.fiche, case)
        asks = bool(read(message.text).questions) or len(tokens(message.text)) > LONGEST_REPLY
        if asks or message.intent in {*FOLLOW_UPS, *TALK, "stop"} or _sure(decisions):
            return None
        return Turn((parts.every_case(source, precision),), fiche=case.fiche)

    def _chosen(self, source: Source, case: Case) -> Turn:
        replies = [] if set(case.choices) == {OPEN} else [parts.case_answer(source, case)]
        if case.next is None:
            return Turn(tuple(replies), fiche=case.fiche)
        return Turn((*replies, parts.question(source.fiche, case)), fiche=case.fiche, case=case)

    def _reply_to_choices(
        self, message: Message, context: Context, decisions: Sequence[Decision]
    ) -> Turn | None:
        # Titles turned down are offered no more. The doubt stays in mind: a second one in a row leads to
        # someone who can help.
        rephrase = Turn((build.notice(texts.REPHRASE),), doubt=context.doubt)
        other = tokens(message.text) == tokens(texts.OTHER)
        if other or message.intent in ("deny", "other_subject"):
            return rephrase
        if _sure(decisions) and message.intent != "choose":
            return None
        titles = self._knowledge.titles(context.choices)
        if not titles:
            return None
        if message.intent == "affirm" and len(titles) == 1:
            return self.show(next(iter(titles)), message, context)
        if read(message.text).questions or message.intent in TALK.keys() - {"choose"}:
            return None
        offered = Precision("", tuple(Option(title, (), "") for title in titles.values()))
        choice = reply(offered, message.text, share=1.0)
        if choice == UNKNOWN:
            return rephrase
        if choice is None:
            return None
        return self.show(tuple(titles)[int(choice)], message, context)

    # --- A follow-up of the last answer ---------------------------------------------------------

    def _follow_up(self, message: Message, last: Source, decisions: Sequence[Decision]) -> Turn | None:
        text = message.text
        elliptic = message.intent == "elliptic" or follow_up.is_elliptic(text)
        declared = follow_up.declared(last.fiche, text)
        # A full question that another fiche answers is a change of subject.
        if _sure(decisions) and not elliptic and not (declared and declared.value == 1.0):
            subject = max((q.words for q in message.match.questions), default=0)
            if message.intent not in FOLLOW_UPS or subject >= SUBJECT_WORDS:
                return None
        if declared is not None:
            return self._in_context(declared, message, last)
        if message.intent in PARTS:
            return self._part(PARTS[message.intent](last), last)
        if message.intent in parts.ASPECTS:
            return self._part(parts.aspect(last, message.intent), last)
        if message.intent == "repeat":
            return self._show(last.fiche.id, message, "", confidence=1.0)
        if message.intent == "ask_other":
            return self._offer(last, tuple(last.titles), texts.NEIGHBOURS)
        if elliptic:
            return self._elliptic(message, last, decisions)
        offered = {fiche for d in decisions if d.outcome is Outcome.CHOICES for fiche in d.fiches}
        ranked = self._around(message, last) if offered and len(tokens(text)) <= follow_up.LONGEST else []
        if follow_up.is_sure(text, ranked) and ranked[0].fiche in offered - {last.fiche.id}:
            return self._in_context(ranked[0], message, last)  # what was said before settles the doubt
        return None

    def _elliptic(self, message: Message, last: Source, decisions: Sequence[Decision]) -> Turn:
        """A few words that name something new: a case of the fiche, a neighbour, or what it does not say."""
        case = read_case(last.fiche.id, last.fiche.precisions, message.text)
        named = [option for _, option in case.chosen(last.fiche.precisions)]
        other = follow_up.unsaid(message.text, last.fiche, named)
        if named and not other:
            return Turn((parts.case_answer(last, case),), fiche=last.fiche.id)
        sure = _sure(decisions)
        if sure is not None and sure.fiches[0] != last.fiche.id:
            return self._show(sure.fiches[0], message, message.text, confidence=sure.confidence)
        if sure is not None and len(other) >= follow_up.SUBJECT:
            return self._part(parts.brief(last), last)  # it asks the same thing again
        ranked = self._around(message, last)
        if follow_up.is_sure(message.text, ranked) and ranked[0].fiche != last.fiche.id:
            return self._in_context(ranked[0], message, last)
        likely = [x.fiche for x in ranked if x.value >= follow_up.LIKELY and x.fiche != last.fiche.id]
        plausible = [f for d in decisions if d.outcome is Outcome.CHOICES for f in d.fiches]
        offered = dict.fromkeys([*likely[:2], *plausible, *likely[2:]])
        offered.pop(last.fiche.id, None)
        if offered:
            return self._offer(last, tuple(offered)[:MAX_CHOICES], texts.NEIGHBOUR_LIKELY)
        if decisions and decisions[0].orientation:
            return self._question(message, Context(), decisions[0], asks=False)
        return self._part(parts.silent(last), last)

    def _part(self, reply: Reply, last: Source) -> Turn:
        """A part of the last answer; where it says nothing, its neighbours wait to be chosen."""
        offered = tuple(last.titles) if reply.kind == "not_covered" else ()
        return Turn((reply,), fiche=last.fiche.id, choices=offered, waits=True)

    def _around(self, message: Message, last: Source) -> list[follow_up.Likeness]:
        """The neighbours of the last fiche, and itself, by their likeness to the message."""
        around = self._knowledge.published_many(follow_up.neighbours(last.fiche))
        known = {id_: follow_up.wordings(p.fiche) for id_, p in around.items()}
        for relance in last.fiche.relances:
            if relance.fiche in known:
                known[relance.fiche] += relance.si
        return follow_up.nearest(message.text, {**known, last.fiche.id: follow_up.wordings(last.fiche)})

    def _in_context(self, found: follow_up.Likeness, message: Message, last: Source) -> Turn:
        return self._show(
            found.fiche, message, message.text, confidence=round(found.value, 4), about=last.fiche.titre
        )

    def _offer(self, last: Source, fiches: Iterable[str], intro: str) -> Turn:
        titles = dict(list(self._knowledge.titles(fiches).items())[:MAX_CHOICES])
        if not titles:
            return self._part(parts.silent(last), last)
        offered = build.choices(titles, intro=intro, context=last.fiche.titre)
        return Turn((offered,), fiche=last.fiche.id, choices=tuple(titles))

    # --- Questions ------------------------------------------------------------------------------

    def _decisions(self, match: Match) -> list[Decision]:
        return decide_all(match, {o.id: o.genre for o in self._orientations.values()})

    def _questions(self, message: Message, context: Context, decisions: Sequence[Decision]) -> Turn:
        """One Reply per question, in order."""
        if not decisions:
            return Turn((build.out_of_domain(),))
        if len(decisions) == 1:
            return self._question(message, context, decisions[0], asks=True)
        turns = [self._question(message, context, d, asks=False) for d in decisions]
        return replace(
            turns[-1],
            replies=tuple(r for turn in turns for r in turn.replies),
            fiche=next((turn.fiche for turn in reversed(turns) if turn.fiche), None),
        )

    def _question(self, message: Message, context: Context, decision: Decision, *, asks: bool) -> Turn:
        orientation = self._orientations.get(decision.orientation or "")
        said = orientation.reponse if orientation else None
        if decision.outcome is Outcome.ANSWER:
            return self._show(
                decision.fiches[0], message, message.text, confidence=decision.confidence, asks=asks
            )
        if decision.outcome is Outcome.CHOICES:
            titles = self._knowledge.titles(decision.fiches)
            if context.doubt and titles:
                return Turn((build.not_covered(texts.HAND_OFF, decision.confidence),))
            if titles:
                offered = build.choices(titles, decision.confidence)
                return Turn((offered,), choices=tuple(titles), doubt=True)
        if decision.outcome is Outcome.OUT_OF_DOMAIN:
            return Turn((build.out_of_domain(said),))
        if decision.outcome is Outcome.NOT_A_QUESTION:
            return Turn((build.notice(texts.NO_QUESTION),), waits=True)
        return Turn((build.not_covered(said, decision.confidence),))

    def _show(
        self,
        fiche: str,
        message: Message,
        said: str,
        *,
        confidence: float,
        about: str | None = None,
        asks: bool = True,
    ) -> Turn:
        """The answer of `fiche`, in the case that `said` tells, then the question that would refine it."""
        source = self.source(fiche)
        if source is None:
            return Turn((build.not_covered(confidence=confidence),))
        case = read_case(fiche, source.fiche.precisions, said)
        chosen = case.chosen(source.fiche.precisions)
        answer = build.answer(
            source.published, source.articles, source.titles, confidence, case=chosen, context=about
        )
        if chosen:
            answer = structs.replace(answer, buttons=(*answer.buttons, parts.not_my_case_button(case)))
        if case.next is None or not asks or message.in_form:
            return Turn((answer,), fiche=fiche)
        return Turn((answer, parts.question(source.fiche, case)), fiche=fiche, case=case)


def _sure(decisions: Sequence[Decision]) -> Decision | None:
    """The first question that a fiche surely answers."""
    return next((d for d in decisions if d.outcome is Outcome.ANSWER), None)


def _is_about_another(decisions: Sequence[Decision], fiche: str) -> bool:
    """Whether another fiche than `fiche` surely answers the message."""
    answered = [f for d in decisions if d.outcome is Outcome.ANSWER for f in d.fiches]
    return bool(answered) and fiche not in answered
