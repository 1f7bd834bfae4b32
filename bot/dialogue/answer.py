"""Builds Replies: from a published fiche, from the law register, from fixed texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol

from bot.dialogue import feedback, hand_off, texts
from bot.dialogue.reply import Button, RelatedFiche, Reply, ReplyCitation, Review
from bot.fiches.check import Reviewed
from bot.fiches.model import Fiche, FicheCitation, Option, Precision
from bot.knowledge import Article, FicheTitle, PublishedFiche
from bot.law.parse import find_marks
from bot.law.print import label, pin_label, short_label
from bot.law.reference import Citation

MAX_CITING = 5  # fiches named under an article


def notice(text: str) -> Reply:
    """A Reply that is no answer of law: greeting, thanks, help."""
    return Reply(kind="notice", text=text)


def unavailable() -> Reply:
    """The base can't be read: no law is given."""
    return Reply(kind="unavailable", text=texts.UNAVAILABLE)


def french_date(day: date) -> str:
    """24/11/2026."""
    return f"{day:%d/%m/%Y}"


def replace_marks(markdown: str, articles: Mapping[str, Article]) -> str:
    """`markdown` with each `[CSP L1111-8, II]` as "(art. L. 1111-8, II, CSP)"; neighbours share the brackets.

    `articles` gives documents their titles, since their numbers say nothing to a reader.
    """
    marks = [m for m in find_marks(markdown) if m.citation is not None]
    out: list[str] = []
    end = 0
    open_group = False
    for mark in marks:
        assert mark.citation is not None
        between = markdown[end : mark.start]
        if open_group and not between.strip(" \u00a0,;"):
            out.append(f"\u00a0; {_name(mark.citation, articles, short=True)}")
        else:
            if open_group:
                out.append(")")
            out.append(between + "(" + _name(mark.citation, articles, short=True))
        open_group = True
        end = mark.end
    if open_group:
        out.append(")")
    out.append(markdown[end:])
    return "".join(out)


class Citing(Protocol):
    """A fiche, or the conclusion of a diagnosis."""

    @property
    def citations(self) -> tuple[FicheCitation, ...]: ...


def cited(fiche: Citing, articles: Mapping[str, Article]) -> tuple[ReplyCitation, ...]:
    """The fiche's citations, in its order, completed by the register's entries."""
    return tuple(_reply_citation(c.citation, articles, c.appui.value) for c in fiche.citations)


def _name(citation: Citation, articles: Mapping[str, Article], *, short: bool = False) -> str:
    article = articles.get(citation.reference.key)
    if citation.reference.code == "DOC" and article is not None:
        return article.titre
    return short_label(citation) if short else label(citation)


def _reply_citation(citation: Citation, articles: Mapping[str, Article], support: str) -> ReplyCitation:
    article = articles.get(citation.reference.key)
    since = article.version_du if article else None
    return ReplyCitation(
        id=citation.reference.key,
        label=_name(citation, articles),
        pinpoint=", ".join(map(pin_label, citation.pinpoint)),
        url=article.url if article else "",
        version_since=since.isoformat() if since else None,
        status=article.etat if article else "inconnu",
        support=support,
    )


def sources(citations: Sequence[ReplyCitation]) -> str:
    """A Markdown list of `citations`: address, version, and how each was verified."""
    lines = []
    for citation in citations:
        name = f"[{citation.label}]({citation.url})" if citation.url else citation.label
        facts = []
        if citation.version_since:
            facts.append(f"version du {french_date(date.fromisoformat(citation.version_since))}")
        if note := texts.SUPPORT[citation.support]:
            facts.append(note)
        lines.append("- " + " · ".join([name, *facts]))
    return "\n".join(lines)


def review_of(fiche: Reviewed) -> Review:
    """Whether a lawyer signed the fiche or the diagnosis, and when."""
    if fiche.relu_par is None or fiche.relu_le is None:
        return Review(status="non_relu")
    return Review(status="relu", on=fiche.relu_le.isoformat(), by=fiche.relu_par)


def review_line(review: Review, fiche: Reviewed, unsigned: str = texts.NOT_REVIEWED) -> str:
    """Who signed the fiche (`unsigned`: nobody), when it was written, and that it is no consultation."""
    signed = (
        f"Relue le {french_date(date.fromisoformat(review.on))} par {review.by}" if review.on else unsigned
    )
    return f"_{signed}, rédigée le {french_date(fiche.redige_le)}. {texts.INFORMATION}_"


def answer(
    published: PublishedFiche,
    articles: Mapping[str, Article],
    titles: Mapping[str, str],
    confidence: float | None = None,
    *,
    case: Sequence[tuple[Precision, Option]] = (),
    context: str | None = None,
) -> Reply:
    """The answer that a published fiche gives.

    `articles`: register entries of its citations by key; `titles`: titles of published fiches, of which
    its neighbours are offered; `confidence`: probability (0..1) of the match; `case`: what was read of
    the doctor's case, whose branches follow the short answer; `context`: title of the fiche that an
    elliptical message was understood from.
    """
    fiche = published.fiche
    summary, details, steps, caveats = (
        replace_marks(section, articles)
        for section in (
            "\n\n".join([fiche.en_bref, *(branch(*chosen, told=False) for chosen in case)]),
            _details(fiche),
            fiche.que_faire,
            fiche.attention,
        )
    )
    citations = cited(fiche, articles)
    review = review_of(fiche)
    related = tuple(RelatedFiche(fiche=id_, title=titles[id_]) for id_ in fiche.voisines if id_ in titles)
    about = texts.ABOUT.format(title=context) if context else None
    line = review_line(review, fiche)
    text = whole_text(fiche.titre, summary, details, steps, caveats, citations, line)
    return Reply(
        kind="answer",
        text=f"{about}\n\n{text}" if about else text,
        fiche=fiche.id,
        version=published.version,
        title=fiche.titre,
        summary=summary,
        details=details,
        steps=steps or None,
        caveats=caveats or None,
        citations=citations,
        related=related,
        buttons=tuple(show_button(r.fiche, r.title) for r in related),
        review=review,
        confidence=confidence,
        context=about,
        feedback=feedback.buttons(fiche.id, published.version),
    )


def branch(precision: Precision, option: Option, *, told: bool = True) -> str:
    """The branch of the answer that `option` opens, saying which; Markdown with citation marks.

    `told`: the doctor chose it; what was only read in a message may have been misread, and says so.
    """
    name = option.titre if option.titre[1:2].isupper() else option.titre[:1].lower() + option.titre[1:]
    if name.startswith(("oui", "non")):  # alone, "oui" would not say which case it is
        name = f"{precision.question[:1].lower()}{precision.question[1:]} {name}"
    return f"**{texts.YOUR_CASE if told else texts.YOUR_CASE_READ} ({name})**\u00a0: {option.reponse}"


def branches(precision: Precision) -> str:
    """Every branch of the answer that depends on `precision`; Markdown with citation marks."""
    return f"**{precision.question}**\n\n" + "\n".join(
        f"- *{option.titre}*\u00a0: {option.reponse}" for option in precision.options
    )


def whole_text(
    title: str,
    summary: str,
    details: str,
    steps: str,
    caveats: str,
    citations: Sequence[ReplyCitation],
    review: str,
) -> str:
    """The Markdown of a whole answer, for plain channels; `steps` and `caveats` may be empty."""
    parts = [f"**{title}**", summary, details]
    if steps:
        parts += [f"**{texts.STEPS}**", steps]
    if caveats:
        parts += [f"**{texts.CAVEATS}**", caveats]
    return "\n\n".join([*parts, f"**{texts.SOURCES}**", sources(citations), review])


def _details(fiche: Fiche) -> str:
    """En détail, then the branch of the answer for each reply to the fiche's précisions."""
    return "\n\n".join([fiche.en_detail, *map(branches, fiche.precisions)])


def show_button(fiche: str, title: str) -> Button:
    """A button that shows a fiche. Fiche ids are kebab-case ASCII: nothing to escape."""
    return Button(title=title, payload=f'/show_fiche{{"fiche": "{fiche}"}}')


OTHER_BUTTON = Button(title=texts.OTHER, payload="/other_subject")


def choices(
    titles: Mapping[str, str],
    confidence: float | None = None,
    *,
    intro: str | None = None,
    context: str | None = None,
) -> Reply:
    """One to three titles to choose from, or something else; no law. `intro` replaces the usual sentence."""
    about = texts.ABOUT.format(title=context) if context else None
    lines = "\n".join(f"{place}. {title}" for place, title in enumerate(titles.values(), start=1))
    asked = intro or (texts.CHOICES if len(titles) > 1 else texts.CHOICE)
    return Reply(
        kind="choices",
        text="\n\n".join([*([about] if about else []), asked, lines, texts.CHOICES_OTHER]),
        buttons=(*(show_button(id_, title) for id_, title in titles.items()), OTHER_BUTTON),
        confidence=confidence,
        context=about,
    )


def not_covered(text: str | None = None, confidence: float | None = None) -> Reply:
    """Law of doctors that no fiche covers; `text` when an orientation says whom to ask."""
    return Reply(
        kind="not_covered",
        text=text or texts.NOT_COVERED,
        buttons=(hand_off.OFFER,),
        confidence=confidence,
    )


def out_of_domain(text: str | None = None) -> Reply:
    """No question on the law of doctors; `text` when an orientation says whom to ask."""
    return Reply(kind="out_of_domain", text=text or texts.OUT_OF_DOMAIN)


def law(citation: Citation, article: Article | None, citing: Sequence[FicheTitle]) -> Reply:
    """What the register holds on an article: its subject, address and state, and the fiches that cite it."""
    held = {article.key: article} if article else {}
    name = _name(citation, held)
    whole = Citation(citation.reference)
    if article is None:
        return Reply(
            kind="law",
            text=f"Je n’ai rien sur {_the(name)} dans mon registre, et je ne cite pas de mémoire. "
            "Cherchez-le sur Légifrance (codes et lois) ou EUR-Lex (textes européens).",
            citations=(_reply_citation(whole, held, "a_verifier"),),
        )
    entry = _reply_citation(citation, held, article.verifie)
    lines = [f"**{name[0].upper() + name[1:]}**\u00a0: {article.titre.rstrip('.')}."]
    state = texts.STATES.get(article.etat, "")
    if article.version_du:
        state = f"version du {french_date(article.version_du)}" + (f", {state}" if state else "")
    if state:
        lines.append(f"État dans mon registre\u00a0: {state}.")
    if article.note:
        lines.append(article.note)
    if article.url:
        lines.append(f"Texte officiel\u00a0: [{_name(whole, held)}]({article.url})")
    if note := texts.SUPPORT.get(article.verifie, ""):
        lines.append(f"Vérification\u00a0: {note}.")
    shown = citing[:MAX_CITING]
    if shown:
        others = len(citing) - len(shown)
        more = f"\n- et {others} autre{'s' if others > 1 else ''}" if others else ""
        lines.append("Fiches qui le citent\u00a0:\n" + "\n".join(f"- {f.title}" for f in shown) + more)
    lines.append(texts.LAW_NOT_QUOTED)
    return Reply(
        kind="law",
        text="\n\n".join(lines),
        title=name[0].upper() + name[1:],
        citations=(entry,),
        related=tuple(RelatedFiche(fiche=f.fiche, title=f.title) for f in shown),
        buttons=tuple(show_button(f.fiche, f.title) for f in shown),
    )


def _the(name: str) -> str:
    return f"l’{name}" if name[:1] in "aeéoàAÉ" else f"« {name} »"
