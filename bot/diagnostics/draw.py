"""A diagnosis as a Mermaid flowchart (https://mermaid.js.org), to be read beside its file."""

from __future__ import annotations

from collections.abc import Iterator

from bot.diagnostics.model import FIN, Diagnostic, Ecart


def draw(diagnostic: Diagnostic) -> str:
    """Mermaid text: questions, answers on the arrows, then the statements of the conclusion."""
    return "\n".join(_lines(diagnostic))


def _lines(diagnostic: Diagnostic) -> Iterator[str]:
    yield "flowchart TD"
    names = {question.id: f"q{rank}" for rank, question in enumerate(diagnostic.questions, start=1)}
    names[FIN] = "fin"
    for question in diagnostic.questions:
        yield f"  {names[question.id]}{{{_quoted(question.question)}}}"
    yield '  fin(["Conclusion"])'
    for question in diagnostic.questions:
        for option in question.options:
            yield f"  {names[question.id]} -->|{_quoted(option.titre)}| {names[option.suite]}"
        for tranche in question.tranches:
            limit = f"{tranche.id}, avant {_ecart(tranche.avant)}" if tranche.avant else tranche.id
            yield f"  {names[question.id]} -->|{_quoted(limit)}| {names[tranche.suite]}"
    for rank, constat in enumerate(diagnostic.constats, start=1):
        cases = " et ".join(f"{name} = {' ou '.join(sorted(wanted))}" for name, wanted in constat.si.items())
        yield f"  c{rank}[{_quoted(constat.id)}]"
        yield f"  fin -.->|{_quoted(cases or 'toujours')}| c{rank}"


def _ecart(ecart: Ecart) -> str:
    parts = [
        f"{value:+d} {unit}"
        for value, unit in ((ecart.mois, "mois"), (ecart.jours, "j"), (ecart.heures, "h"))
        if value
    ]
    return "maintenant " + " ".join(parts) if parts else "maintenant"


def _quoted(text: str) -> str:
    escaped = text.replace("#", "#35;").replace('"', "#quot;")
    return f'"{escaped}"'
