"""Typed reading of the YAML that editors write, node by node: what does not fit becomes a `Problem`.

Shared by every file in the editors' language: the front matter of fiches, the diagnoses.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from bot.fiches.model import Appui, FicheCitation
from bot.law.parse import CitationError, parse_citation
from bot.problem import Problem

ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")

Place = tuple[str | int, ...]
_Enum = TypeVar("_Enum", bound=StrEnum)
_Item = TypeVar("_Item")


@dataclass(slots=True)
class NodeReader:
    """Typed reading of YAML nodes; what does not fit becomes a `Problem` and reads as empty."""

    path: Path
    offset: int  # line of the file on which the YAML begins
    problems: list[Problem] = field(default_factory=list)
    lines: dict[Place, int] = field(default_factory=dict)

    def error(self, line: int, message: str, remede: str) -> None:
        self.problems.append(Problem(self.path, line, "erreur", message, remede))

    def line(self, node: Node) -> int:
        return int(node.start_mark.line) + self.offset

    def mapping(
        self, node: Node, what: str, place: Place, required: Iterable[str], optional: Iterable[str] = ()
    ) -> dict[str, Node]:
        """The values of a mapping by key; reports doubles, unknown keys and missing ones."""
        required, optional = tuple(required), tuple(optional)
        if not isinstance(node, MappingNode):
            self.error(
                self.line(node),
                f"{what} : des clés sont attendues",
                f"écrivez-y {listed(required)}, chacune suivie de « : »",
            )
            return {}
        values: dict[str, Node] = {}
        for key_node, value in node.value:
            key, line = str(key_node.value), self.line(key_node)
            if key in values:
                self.error(line, f"{what} : la clé « {key} » figure deux fois", "gardez-en une seule")
            elif key not in required and key not in optional:
                near = difflib.get_close_matches(key, [*required, *optional], n=1)
                mend = (
                    f"vouliez-vous « {near[0]} » ?"
                    if near
                    else f"clés admises : {listed([*required, *optional])}"
                )
                self.error(line, f"{what} : clé inconnue « {key} »", mend)
            else:
                values[key] = value
                self.lines[(*place, key)] = line
        for key in required:
            if key not in values:
                self.error(self.line(node), f"{what} : il manque la clé « {key} »", f"ajoutez « {key}: … »")
        return values

    def items(self, node: Node | None, what: str) -> list[Node]:
        """The nodes of a list; an empty value is an empty list."""
        if node is None or is_null(node):
            return []
        if not isinstance(node, SequenceNode):
            self.error(
                self.line(node),
                f"« {what} » doit être une liste",
                "mettez chaque élément sur sa ligne, précédé de « - », ou entre crochets",
            )
            return []
        return list(node.value)

    def text(self, node: Node | None, what: str, place: Place) -> str:
        """A text that is not empty, its spaces at both ends removed; "" after a finding."""
        if node is None:
            return ""
        if is_null(node) and place in self.lines:
            line = self.lines[place]  # YAML sees what is absent on the line after its key
        else:
            line = self.lines[place] = self.line(node)
        if isinstance(node, ScalarNode):
            value = "" if is_null(node) else clean(str(node.value))
            if not value:
                self.error(line, f"« {what} » est vide", "écrivez le texte, ou retirez la ligne")
            return value
        if isinstance(node, MappingNode):
            self.error(
                line,
                f"« {what} » doit être un texte, or un deux-points ou des accolades en font des clés",
                'mettez tout le texte entre guillemets droits : "…"',
            )
        else:
            self.error(
                line,
                f"« {what} » doit être un texte, or c’est une liste",
                "écrivez un seul texte, sans tiret ni crochets au début",
            )
        return ""

    def texts(self, node: Node | None, what: str, place: Place) -> tuple[str, ...]:
        found = (
            self.text(item, f"{what}, élément {rank}", (*place, rank - 1))
            for rank, item in enumerate(self.items(node, what), start=1)
        )
        return tuple(text for text in found if text)

    def maybe_text(self, node: Node | None, what: str, place: Place) -> str | None:
        return None if node is None or is_null(node) else self.text(node, what, place) or None

    def day(self, node: Node | None, what: str, place: Place) -> date | None:
        """A date written YYYY-MM-DD."""
        raw = self.text(node, what, place)
        if not raw or node is None:
            return None
        try:
            if not _DATE.fullmatch(raw):
                raise ValueError
            return date.fromisoformat(raw)
        except ValueError:
            self.error(
                self.line(node),
                f"« {what} » : « {raw} » n’est pas une date",
                "écrivez année-mois-jour, par exemple 2026-11-24",
            )
            return None

    def maybe_day(self, node: Node | None, what: str, place: Place) -> date | None:
        return None if node is None or is_null(node) else self.day(node, what, place)

    def choice(self, node: Node | None, what: str, place: Place, kind: type[_Enum]) -> _Enum | None:
        """A word of a closed vocabulary."""
        raw = self.text(node, what, place)
        if not raw or node is None:
            return None
        try:
            return kind(raw)
        except ValueError:
            self.error(
                self.line(node),
                f"« {what} » : valeur inconnue « {raw} »",
                f"valeurs admises : {listed(kind)}",
            )
            return None

    def each(
        self, node: Node | None, what: str, place: Place, read: Callable[[Node, str, Place], _Item | None]
    ) -> tuple[_Item, ...]:
        """The items of a list, each read by `read(node, what, place)`; those that cannot be are left out."""
        found: list[_Item] = []
        for rank, item in enumerate(self.items(node, what)):
            here = (*place, rank)
            self.lines[here] = self.line(item)
            value = read(item, f"{what}, élément {rank + 1}", here)
            if value is not None:
                found.append(value)
        return tuple(found)

    def citation(self, node: Node, what: str, place: Place) -> FicheCitation | None:
        values = self.mapping(node, what, place, ("article", "appui"), ("alinea",))
        article = self.text(values.get("article"), "article", (*place, "article"))
        alinea = self.maybe_text(values.get("alinea"), "alinea", (*place, "alinea"))
        appui = self.choice(values.get("appui"), "appui", (*place, "appui"), Appui)
        if not article:
            return None
        try:
            citation = parse_citation(article if alinea is None else f"{article}, {alinea}")
        except CitationError as error:
            self.error(
                self.line(node),
                f"{what} : {error}",
                "écrivez-la comme dans le texte, par exemple « CSP L1111-8 »",
            )
            return None
        return FicheCitation(citation, appui) if appui else None


def listed(words: Iterable[str]) -> str:
    return ", ".join(f"« {word} »" for word in words)


def is_null(node: Node) -> bool:
    return isinstance(node, ScalarNode) and str(node.tag) == "tag:yaml.org,2002:null"


def clean(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip(" \t\n")
