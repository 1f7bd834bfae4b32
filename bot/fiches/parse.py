"""Reading the files of the fiches: text → `Fiche`, or what an editor must mend and on which line."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml.nodes import Node

from bot.fiches.frontmatter import FrontMatterError, compose, split
from bot.fiches.model import (
    THEMES,
    Epreuve,
    Fiche,
    Option,
    Precision,
    Relance,
    Statut,
    Style,
)
from bot.fiches.nodes import ID, NodeReader, Place, clean, listed
from bot.problem import Problem

# Heading of the body → attribute of `Fiche`, in the order in which the doctor reads them.
SECTIONS: dict[str, str] = {
    "En bref": "en_bref",
    "En détail": "en_detail",
    "Que faire": "que_faire",
    "Attention": "attention",
}
REQUIRED_SECTIONS = ("En bref", "En détail")

REQUIRED_KEYS = (
    "id",
    "titre",
    "theme",
    "statut",
    "redige_le",
    "redige_par",
    "a_revoir_avant",
    "questions",
    "epreuves",
    "citations",
)
OPTIONAL_KEYS = ("dossier", "relu_le", "relu_par", "contre_exemples", "relances", "precisions", "voisines")

# Files that systems leave behind and that can hold no fiche.
_NOT_CONTENT = frozenset({".gitkeep", ".DS_Store", "Thumbs.db"})

_HEADING = re.compile(r"(#{1,6})[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Source:
    """What a file gave: the fiche (None when an error keeps it from existing), its lines, the findings.

    `lines` maps a place in the fiche to its line in the file: `("titre",)`, `("questions", 3)`,
    `("precisions", 0, "options", 1, "reponse")`, and for a section, `("en_bref",)`, its first line of text.
    """

    fiche: Fiche | None
    lines: Mapping[Place, int]
    problems: list[Problem]


class _Reader(NodeReader):
    """The parts of a fiche."""

    def epreuve(self, node: Node, what: str, place: Place) -> Epreuve | None:
        values = self.mapping(node, what, place, ("style", "texte"))
        style = self.choice(values.get("style"), "style", (*place, "style"), Style)
        texte = self.text(values.get("texte"), "texte", (*place, "texte"))
        return Epreuve(texte, style) if style and texte else None

    def relance(self, node: Node, what: str, place: Place) -> Relance | None:
        values = self.mapping(node, what, place, ("si", "fiche"))
        si = self.texts(values.get("si"), "si", (*place, "si"))
        fiche = self.text(values.get("fiche"), "fiche", (*place, "fiche"))
        if "si" in values and not si:
            self.error(self.line(values["si"]), f"{what} : « si » est vide", "donnez au moins une relance")
        return Relance(si, fiche) if si and fiche else None

    def option(self, node: Node, what: str, place: Place) -> Option | None:
        values = self.mapping(node, what, place, ("titre", "mots", "reponse"))
        titre = self.text(values.get("titre"), "titre", (*place, "titre"))
        mots = self.texts(values.get("mots"), "mots", (*place, "mots"))
        reponse = self.text(values.get("reponse"), "reponse", (*place, "reponse"))
        return Option(titre, mots, reponse) if titre and reponse else None

    def precision(self, node: Node, what: str, place: Place) -> Precision | None:
        values = self.mapping(node, what, place, ("question", "options"))
        question = self.text(values.get("question"), "question", (*place, "question"))
        options = self.each(values.get("options"), "options", (*place, "options"), self.option)
        return Precision(question, options) if question else None


def _read_body(reader: _Reader, body: str, first_line: int) -> dict[str, str]:
    """The sections' texts by attribute name. HTML comments are notes between editors, and are removed."""
    if not body.strip():
        reader.error(
            first_line,
            "la fiche n’a pas de texte",
            "écrivez sous l’en-tête les parties « ## En bref » et « ## En détail »",
        )
        return {}
    body = _COMMENT.sub(lambda found: "\n" * found.group().count("\n"), body)
    gathered: dict[str, tuple[int, list[str]]] = {}
    current: list[str] | None = None
    before_any = True
    for number, line in enumerate(body.split("\n"), start=first_line):
        heading = _HEADING.fullmatch(line)
        if heading is None:
            if current is not None:
                current.append(line)
            elif before_any and line.strip():
                reader.error(number, "du texte précède la première partie", "placez-le sous « ## En bref »")
                before_any = False
            continue
        before_any = False
        current = []
        marks, title = heading.groups()
        if title not in SECTIONS:
            near = difflib.get_close_matches(title.casefold(), [s.casefold() for s in SECTIONS], n=1)
            known = next((s for s in SECTIONS if near and s.casefold() == near[0]), None)
            mend = f"vouliez-vous « ## {known} » ?" if known else f"parties admises : {listed(SECTIONS)}"
            reader.error(number, f"partie inconnue « {title} »", mend)
        elif marks != "##":
            reader.error(
                number, f"le titre de la partie « {title} » a un mauvais niveau", f"écrivez « ## {title} »"
            )
        elif title in gathered:
            reader.error(number, f"la partie « {title} » figure deux fois", "réunissez les deux textes")
        else:
            gathered[title] = (number, current)

    sections: dict[str, str] = {}
    for title, (number, lines) in gathered.items():
        attribute, text = SECTIONS[title], clean("\n".join(lines))
        if not text:
            reader.error(number, f"la partie « {title} » est vide", "écrivez-la, ou retirez son titre")
        leading = next((i for i, line in enumerate(lines) if line.strip()), 0)
        reader.lines[(attribute,)] = number + 1 + leading
        sections[attribute] = text
    for title in REQUIRED_SECTIONS:
        if title not in gathered:
            reader.error(
                first_line, f"il manque la partie « {title} »", f"ajoutez « ## {title} » et son texte"
            )
    return sections


def parse_source(path: Path, text: str) -> Source:
    """Reads the `text` of the file `path` (the file itself is not opened)."""
    text = unicodedata.normalize("NFC", text.removeprefix("\ufeff").replace("\r\n", "\n"))
    reader = _Reader(path, 2)
    try:
        halves = split(text)
        root = compose(halves.yaml, halves.yaml_line)
    except FrontMatterError as error:
        reader.error(error.line, error.message, error.remede)
        return Source(None, {}, reader.problems)
    if root is None:
        reader.error(1, "l’en-tête est vide", f"écrivez-y les clés {listed(REQUIRED_KEYS)}")
        return Source(None, {}, reader.problems)

    values = reader.mapping(root, "en-tête", (), REQUIRED_KEYS, OPTIONAL_KEYS)
    id_ = reader.text(values.get("id"), "id", ("id",))
    if id_ and not ID.fullmatch(id_):
        reader.error(
            reader.lines[("id",)],
            f"l’identifiant « {id_} » n’a pas la forme attendue",
            "des minuscules sans accent et des chiffres, séparés par des traits d’union",
        )
    theme = reader.text(values.get("theme"), "theme", ("theme",))
    if theme and theme not in THEMES:
        reader.error(
            reader.lines[("theme",)], f"thème inconnu « {theme} »", f"thèmes admis : {listed(THEMES)}"
        )
    titre = reader.text(values.get("titre"), "titre", ("titre",))
    statut = reader.choice(values.get("statut"), "statut", ("statut",), Statut)
    redige_le = reader.day(values.get("redige_le"), "redige_le", ("redige_le",))
    redige_par = reader.text(values.get("redige_par"), "redige_par", ("redige_par",))
    relu_le = reader.maybe_day(values.get("relu_le"), "relu_le", ("relu_le",))
    relu_par = reader.maybe_text(values.get("relu_par"), "relu_par", ("relu_par",))
    a_revoir_avant = reader.day(values.get("a_revoir_avant"), "a_revoir_avant", ("a_revoir_avant",))
    dossier = reader.texts(values.get("dossier"), "dossier", ("dossier",))
    questions = reader.texts(values.get("questions"), "questions", ("questions",))
    contre_exemples = reader.texts(values.get("contre_exemples"), "contre_exemples", ("contre_exemples",))
    voisines = reader.texts(values.get("voisines"), "voisines", ("voisines",))
    epreuves = reader.each(values.get("epreuves"), "epreuves", ("epreuves",), reader.epreuve)
    relances = reader.each(values.get("relances"), "relances", ("relances",), reader.relance)
    precisions = reader.each(values.get("precisions"), "precisions", ("precisions",), reader.precision)
    citations = reader.each(values.get("citations"), "citations", ("citations",), reader.citation)
    sections = _read_body(reader, halves.body, halves.body_line)
    reader.problems.sort(key=lambda problem: problem.line)
    if reader.problems or statut is None or redige_le is None or a_revoir_avant is None:
        return Source(None, reader.lines, reader.problems)
    fiche = Fiche(
        id=id_,
        titre=titre,
        theme=theme,
        statut=statut,
        dossier=dossier,
        redige_le=redige_le,
        redige_par=redige_par,
        a_revoir_avant=a_revoir_avant,
        questions=questions,
        epreuves=epreuves,
        citations=citations,
        en_bref=sections["en_bref"],
        en_detail=sections["en_detail"],
        que_faire=sections.get("que_faire", ""),
        attention=sections.get("attention", ""),
        relu_le=relu_le,
        relu_par=relu_par,
        contre_exemples=contre_exemples,
        relances=relances,
        precisions=precisions,
        voisines=voisines,
        path=path,
    )
    return Source(fiche, reader.lines, [])


def parse_fiche(path: Path, text: str) -> tuple[Fiche | None, list[Problem]]:
    """The fiche that `text` (content of the file `path`) holds, and what an editor must mend.

    Either a fiche and no finding, or None and at least one error.
    """
    source = parse_source(path, text)
    return source.fiche, source.problems


def load_fiches(folder: Path) -> tuple[list[Fiche], list[Problem]]:
    """Every fiche below `folder`, sorted by id, and the findings on all its files, sorted by file and line.

    A file that is not a fiche is an error, and so is a folder without any: nothing is skipped silently.
    """
    fiches: list[Fiche] = []
    problems: list[Problem] = []
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name not in _NOT_CONTENT)
    if not files:
        problems.append(
            Problem(
                folder,
                0,
                "erreur",
                "aucune fiche dans ce dossier",
                "vérifiez le chemin du dossier des fiches",
            )
        )
    for path in files:
        if path.suffix != ".md":
            problems.append(
                Problem(
                    path,
                    0,
                    "erreur",
                    "ce fichier n’est pas une fiche",
                    "renommez-le avec l’extension « .md », ou sortez-le du dossier",
                )
            )
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            line = path.read_bytes().count(b"\n", 0, error.start) + 1
            problems.append(
                Problem(
                    path,
                    line,
                    "erreur",
                    "le fichier n’est pas en UTF-8",
                    "enregistrez-le de nouveau en UTF-8",
                )
            )
            continue
        except OSError as error:
            problems.append(
                Problem(
                    path,
                    0,
                    "erreur",
                    f"le fichier ne peut pas être lu ({error.strerror})",
                    "vérifiez ses droits",
                )
            )
            continue
        fiche, found = parse_fiche(path, text)
        problems.extend(found)
        if fiche is not None:
            fiches.append(fiche)
    return sorted(fiches, key=lambda fiche: (fiche.id, str(fiche.path))), problems
