"""The two halves of a fiche's file, and its YAML told apart node by node with the lines of the file.

Reading nodes rather than loaded values keeps the line of every item, and keeps what the editor typed: a
question such as `2024` or `oui` stays the text it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import Node

FENCE = "---"


class FrontMatterError(ValueError):
    """The file or its YAML cannot be read. `line` counts from 1; message and mend are French."""

    def __init__(self, line: int, message: str, remede: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message
        self.remede = remede


@dataclass(frozen=True, slots=True)
class Halves:
    """A file cut in two: `yaml` begins on line `yaml_line` of the file, `body` on line `body_line`."""

    yaml: str
    yaml_line: int
    body: str
    body_line: int


def split(text: str) -> Halves:
    """Cuts `text` at the two `---` lines. Raises `FrontMatterError` where one is missing."""
    lines = text.split("\n")
    if lines[0].rstrip() != FENCE:
        raise FrontMatterError(
            1,
            "le fichier ne commence pas par un en-tête",
            "commencez par une ligne « --- », puis les clés (id, titre…), puis une autre ligne « --- »",
        )
    for number, line in enumerate(lines[1:], start=1):
        if line.rstrip() == FENCE:
            return Halves("\n".join(lines[1:number]), 2, "\n".join(lines[number + 1 :]), number + 2)
    raise FrontMatterError(
        1, "l’en-tête n’est pas refermé", "ajoutez une ligne « --- » entre la dernière clé et « ## En bref »"
    )


# What the YAML reader says (in English, for programmers) → what an editor can act upon. First match wins.
_FAULTS: tuple[tuple[str, str, str], ...] = (
    (
        r"mapping values are not allowed",
        "un deux-points suivi d’une espace coupe le texte en deux",
        'mettez tout le texte entre guillemets droits : "…"',
    ),
    (
        r"cannot start any token",
        "un texte ne peut pas commencer par le caractère {char}",
        'mettez le texte entre guillemets droits : "…"',
    ),
    (
        r"while scanning a quoted scalar|unexpected end of stream|unexpected document separator",
        "un guillemet droit ouvert n’est pas refermé",
        "refermez-le, ou doublez les apostrophes droites d’un texte mis entre apostrophes",
    ),
    (
        r"while scanning an? (alias|anchor)|undefined alias",
        "un texte ne peut pas commencer par * ou &",
        'mettez le texte entre guillemets droits : "…"',
    ),
    (
        r"while parsing a flow (mapping|sequence)",
        "une liste entre crochets ou une ligne entre accolades est mal formée",
        "vérifiez les virgules et la fermeture ] ou } ; mettez entre guillemets droits un texte "
        "qui contient une virgule, un crochet ou un deux-points",
    ),
    (
        r"tab character",
        "une tabulation sert de retrait",
        "remplacez-la par des espaces",
    ),
    (
        r"sequence entries are not allowed",
        "un texte ne peut pas commencer par un tiret sur la ligne de sa clé",
        "passez le tiret à la ligne suivante si c’est une liste, ou mettez le texte entre guillemets droits",
    ),
    (
        r"could not find expected ':'",
        "cette ligne n’est ni une clé suivie de « : », ni un élément de liste commençant par « - »",
        "ajoutez ce qui manque, ou alignez la suite d’un long texte sous sa première ligne",
    ),
    (
        r"while parsing a block (mapping|collection)|inconsistent indent",
        "le retrait ou la forme de cette ligne ne suit pas les lignes voisines",
        "alignez les éléments d’une même liste ; mettez entre guillemets droits un texte "
        "qui commence ou finit par un guillemet",
    ),
    (
        r"unknown escape character",
        "une barre oblique inverse \\ se trouve dans un texte entre guillemets droits",
        "retirez-la ou doublez-la",
    ),
)


def _fault(error: MarkedYAMLError, yaml: str, first_line: int) -> FrontMatterError:
    mark = error.problem_mark or error.context_mark
    opened = re.search(r"quoted scalar|flow (?:mapping|sequence)", str(error.context))
    if opened and "escape" not in str(error.problem):
        # The reader gives up further on; what was opened and not closed is what the editor must see.
        mark = error.context_mark or mark
    row = mark.line if mark is not None else 0
    lines = yaml.split("\n")
    line = lines[row] if row < len(lines) else ""
    char = line[mark.column] if mark is not None and mark.column < len(line) else ""
    said = f"{error.context or ''} {error.problem or ''}"
    if char == "\t":
        said = "tab character"
    message, remede = next(
        ((message, remede) for pattern, message, remede in _FAULTS if re.search(pattern, said)),
        ("l’en-tête n’est pas du YAML valide", "comparez cette ligne à celle d’une fiche voisine"),
    )
    return FrontMatterError(first_line + row, message.replace("{char}", f"« {char} »"), remede)


def compose(yaml: str, first_line: int = 2) -> Node | None:
    """The node tree of `yaml`, None when it is empty.

    `first_line` is the line of the file on which `yaml` begins. Raises `FrontMatterError` with the line in
    the file and the mend.
    """
    try:
        # The C reader is seven times faster; its messages are poorer, so a faulty text is read again.
        return YAML(typ="safe", pure=False).compose(yaml)
    except YAMLError:
        pass
    try:
        return YAML(typ="safe", pure=True).compose(yaml)
    except MarkedYAMLError as error:
        raise _fault(error, yaml, first_line) from None
    except YAMLError as error:
        # The reader refuses characters that YAML forbids (control characters) without a line of its own.
        bad = re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", yaml)
        row = yaml.count("\n", 0, bad.start()) if bad else 0
        raise FrontMatterError(
            first_line + row,
            "un caractère invisible interdit se trouve dans l’en-tête",
            "effacez-le et retapez la ligne",
        ) from error
