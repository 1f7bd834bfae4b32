"""Reading `data/diagnostics/*.yml`: text → `Diagnostic`, or what an editor must mend and on which line."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from bot.diagnostics.model import (
    Calcul,
    Constat,
    Diagnostic,
    Ecart,
    Etape,
    Option,
    Question,
    Sens,
    Tranche,
)
from bot.fiches.frontmatter import FrontMatterError, compose
from bot.fiches.model import Epreuve, Statut, Style
from bot.fiches.nodes import ID, NodeReader, Place, listed
from bot.problem import Problem

REQUIRED_KEYS = (
    "id",
    "titre",
    "introduction",
    "statut",
    "redige_le",
    "redige_par",
    "a_revoir_avant",
    "demandes",
    "epreuves",
    "questions",
    "conclusion",
    "citations",
)
UNITS = ("mois", "jours", "heures")
OPTIONAL_KEYS = ("dossier", "relu_le", "relu_par", "contre_exemples", "fiches", "calculs")


@dataclass(frozen=True, slots=True)
class Source:
    """What a file gave: the diagnosis (None when an error keeps it from being), its lines, the findings."""

    diagnostic: Diagnostic | None
    lines: Mapping[Place, int]
    problems: list[Problem]


class _Reader(NodeReader):
    """The parts of a diagnosis."""

    def number(self, node: Node | None, what: str, place: Place) -> int:
        raw = self.text(node, what, place)
        if not raw or node is None:
            return 0
        try:
            return int(raw)
        except ValueError:
            self.error(
                self.line(node), f"« {what} » : « {raw} » n’est pas un nombre entier", "écrivez 6 ou -6"
            )
            return 0

    def flag(self, node: Node | None, what: str, place: Place) -> bool:
        raw = self.text(node, what, place)
        if raw and node is not None and raw not in ("oui", "non"):
            self.error(self.line(node), f"« {what} » : « {raw} » n’est ni oui ni non", "écrivez oui ou non")
        return raw == "oui"

    def named(self, node: Node | None, what: str, place: Place) -> str:
        """An identifier."""
        raw = self.text(node, what, place)
        if raw and node is not None and not ID.fullmatch(raw):
            self.error(
                self.line(node),
                f"« {what} » : « {raw} » n’a pas la forme d’un identifiant",
                "des minuscules sans accent et des chiffres, séparés par des traits d’union",
            )
        return raw

    def one_or_more(self, node: Node | None, what: str, place: Place) -> tuple[str, ...]:
        if isinstance(node, ScalarNode):
            text = self.text(node, what, place)
            return (text,) if text else ()
        return self.texts(node, what, place)

    def ecart(self, values: Mapping[str, Node], place: Place) -> Ecart:
        return Ecart(*(self.number(values.get(key), key, (*place, key)) for key in UNITS))

    def epreuve(self, node: Node, what: str, place: Place) -> Epreuve | None:
        values = self.mapping(node, what, place, ("style", "texte"))
        style = self.choice(values.get("style"), "style", (*place, "style"), Style)
        texte = self.text(values.get("texte"), "texte", (*place, "texte"))
        return Epreuve(texte, style) if style and texte else None

    def by_id(self, node: Node | None, what: str, place: Place) -> list[tuple[str, Node]]:
        """The entries of a mapping whose keys are identifiers chosen by the editor."""
        if node is None:
            return []
        if not isinstance(node, MappingNode):
            self.error(
                self.line(node),
                f"« {what} » doit donner un nom à chaque élément",
                "écrivez « nom: » devant chacun",
            )
            return []
        found: dict[str, Node] = {}
        for key_node, value in node.value:
            key = self.named(key_node, what, (*place, str(key_node.value)))
            if key in found:
                self.error(
                    self.line(key_node), f"{what} : « {key} » figure deux fois", "changez l’un des deux noms"
                )
            elif key:
                found[key] = value
        return list(found.items())

    def option(self, id_: str, node: Node, place: Place, suite: str) -> Option:
        what = f"option « {id_} »"
        values = self.mapping(node, what, place, ("titre",), ("mots", "reponses", "suite"))
        return Option(
            id_,
            self.text(values.get("titre"), "titre", (*place, "titre")),
            self.text(values.get("suite"), "suite", (*place, "suite")) or suite,
            self.texts(values.get("mots"), "mots", (*place, "mots")),
            self.texts(values.get("reponses"), "reponses", (*place, "reponses")),
        )

    def tranche(self, id_: str, node: Node, place: Place, suite: str) -> Tranche:
        what = f"tranche « {id_} »"
        values = self.mapping(node, what, place, (), ("avant", "suite"))
        avant = None
        if "avant" in values:
            inside = (*place, "avant")
            avant = self.ecart(self.mapping(values["avant"], "avant", inside, (), UNITS), inside)
        return Tranche(id_, self.text(values.get("suite"), "suite", (*place, "suite")) or suite, avant)

    def question(self, id_: str, node: Node, place: Place) -> Question:
        what = f"question « {id_} »"
        values = self.mapping(
            node, what, place, ("question",), ("aide", "options", "tranches", "sens", "heure", "suite")
        )
        suite = self.text(values.get("suite"), "suite", (*place, "suite"))
        options = tuple(
            self.option(name, value, (*place, "options", name), suite)
            for name, value in self.by_id(values.get("options"), "options", (*place, "options"))
        )
        tranches = tuple(
            self.tranche(name, value, (*place, "tranches", name), suite)
            for name, value in self.by_id(values.get("tranches"), "tranches", (*place, "tranches"))
        )
        sens = self.choice(values.get("sens"), "sens", (*place, "sens"), Sens)
        if ("tranches" in values) != ("sens" in values):
            self.error(
                self.line(node),
                f"{what} : une date demande « sens » et « tranches » ensemble",
                "ajoutez celle des deux clés qui manque, ou retirez l’autre",
            )
        if not options and not tranches and values:
            self.error(
                self.line(node),
                f"{what} : il n’y a rien à répondre",
                "ajoutez « options », ou « sens » et « tranches »",
            )
        return Question(
            id_,
            self.text(values.get("question"), "question", (*place, "question")),
            options,
            tranches,
            sens or Sens.PASSE,
            self.flag(values.get("heure"), "heure", (*place, "heure")),
            self.text(values.get("aide"), "aide", (*place, "aide")),
        )

    def calcul(self, id_: str, node: Node, place: Place) -> Calcul:
        what = f"calcul « {id_} »"
        values = self.mapping(node, what, place, ("de",), ("trimestre", *UNITS))
        trimestre = self.text(values.get("trimestre"), "trimestre", (*place, "trimestre"))
        if trimestre not in ("", "suivant"):
            self.error(self.line(node), f"{what} : trimestre « {trimestre} » inconnu", "écrivez « suivant »")
        bases = self.one_or_more(values.get("de"), "de", (*place, "de"))
        return Calcul(id_, bases, bool(trimestre), self.ecart(values, place))

    def condition(self, node: Node | None, place: Place) -> dict[str, frozenset[str]]:
        return {
            question: frozenset(self.one_or_more(value, f"si, {question}", (*place, question)))
            for question, value in self.by_id(node, "si", place)
        }

    def etape(self, node: Node, what: str, place: Place) -> Etape | None:
        values = self.mapping(
            node, what, place, ("faire",), ("si", "a_partir_de", "au_plus_tard", "en_retard")
        )
        faire = self.text(values.get("faire"), "faire", (*place, "faire"))
        if not faire:
            return None
        return Etape(
            faire,
            self.condition(values.get("si"), (*place, "si")),
            self.text(values.get("a_partir_de"), "a_partir_de", (*place, "a_partir_de")) or None,
            self.text(values.get("au_plus_tard"), "au_plus_tard", (*place, "au_plus_tard")) or None,
            self.text(values.get("en_retard"), "en_retard", (*place, "en_retard")),
        )

    def constat(self, id_: str, node: Node, place: Place) -> Constat:
        values = self.mapping(
            node,
            f"conclusion « {id_} »",
            place,
            (),
            ("si", "en_bref", "en_detail", "etapes", "attention", "fiches"),
        )
        return Constat(
            id_,
            self.condition(values.get("si"), (*place, "si")),
            self.text(values.get("en_bref"), "en_bref", (*place, "en_bref")),
            self.text(values.get("en_detail"), "en_detail", (*place, "en_detail")),
            self.each(values.get("etapes"), "etapes", (*place, "etapes"), self.etape),
            self.text(values.get("attention"), "attention", (*place, "attention")),
            self.texts(values.get("fiches"), "fiches", (*place, "fiches")),
        )


def parse_diagnostic(path: Path, text: str) -> Source:
    """Reads the `text` of the file `path` (the file itself is not opened)."""
    text = unicodedata.normalize("NFC", text.removeprefix("\ufeff").replace("\r\n", "\n"))
    reader = _Reader(path, 1)
    try:
        root = compose(text, 1)
    except FrontMatterError as error:
        reader.error(error.line, error.message, error.remede)
        return Source(None, {}, reader.problems)
    if root is None:
        reader.error(1, "le fichier est vide", f"écrivez-y les clés {listed(REQUIRED_KEYS)}")
        return Source(None, {}, reader.problems)
    values = reader.mapping(root, "diagnostic", (), REQUIRED_KEYS, OPTIONAL_KEYS)
    statut = reader.choice(values.get("statut"), "statut", ("statut",), Statut)
    redige_le = reader.day(values.get("redige_le"), "redige_le", ("redige_le",))
    a_revoir_avant = reader.day(values.get("a_revoir_avant"), "a_revoir_avant", ("a_revoir_avant",))
    id_ = reader.named(values.get("id"), "id", ("id",))
    if id_ and id_ != path.stem:
        reader.error(
            reader.lines[("id",)],
            f"l’identifiant « {id_} » n’est pas le nom du fichier « {path.name} »",
            f"renommez le fichier « {id_}.yml », ou corrigez l’identifiant",
        )
    titre = reader.text(values.get("titre"), "titre", ("titre",))
    introduction = reader.text(values.get("introduction"), "introduction", ("introduction",))
    dossier = reader.texts(values.get("dossier"), "dossier", ("dossier",))
    redige_par = reader.text(values.get("redige_par"), "redige_par", ("redige_par",))
    relu_le = reader.maybe_day(values.get("relu_le"), "relu_le", ("relu_le",))
    relu_par = reader.maybe_text(values.get("relu_par"), "relu_par", ("relu_par",))
    demandes = reader.texts(values.get("demandes"), "demandes", ("demandes",))
    contre_exemples = reader.texts(values.get("contre_exemples"), "contre_exemples", ("contre_exemples",))
    epreuves = reader.each(values.get("epreuves"), "epreuves", ("epreuves",), reader.epreuve)
    fiches = reader.texts(values.get("fiches"), "fiches", ("fiches",))
    questions = tuple(
        reader.question(name, node, ("questions", name))
        for name, node in reader.by_id(values.get("questions"), "questions", ("questions",))
    )
    calculs = tuple(
        reader.calcul(name, node, ("calculs", name))
        for name, node in reader.by_id(values.get("calculs"), "calculs", ("calculs",))
    )
    constats = tuple(
        reader.constat(name, node, ("conclusion", name))
        for name, node in reader.by_id(values.get("conclusion"), "conclusion", ("conclusion",))
    )
    citations = reader.each(values.get("citations"), "citations", ("citations",), reader.citation)
    reader.problems.sort(key=lambda problem: problem.line)
    if reader.problems or statut is None or redige_le is None or a_revoir_avant is None:
        return Source(None, reader.lines, reader.problems)
    diagnostic = Diagnostic(
        id=id_,
        statut=statut,
        redige_le=redige_le,
        a_revoir_avant=a_revoir_avant,
        path=path,
        titre=titre,
        introduction=introduction,
        dossier=dossier,
        redige_par=redige_par,
        relu_le=relu_le,
        relu_par=relu_par,
        demandes=demandes,
        contre_exemples=contre_exemples,
        epreuves=epreuves,
        fiches=fiches,
        questions=questions,
        calculs=calculs,
        constats=constats,
        citations=citations,
    )
    return Source(diagnostic, reader.lines, [])


def load_sources(folder: Path) -> list[Source]:
    """What every file of `folder` gave, sorted by name; a file that is no `.yml` is an error."""
    sources = []
    for path in sorted(path for path in folder.glob("*") if path.is_file() and not path.name.startswith(".")):
        try:
            if path.suffix != ".yml":
                raise FrontMatterError(
                    0,
                    "ce fichier n’est pas un diagnostic",
                    "renommez-le avec l’extension « .yml », ou sortez-le",
                )
            sources.append(parse_diagnostic(path, path.read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            problem = Problem(path, 0, "erreur", "le fichier n’est pas en UTF-8", "enregistrez-le en UTF-8")
            sources.append(Source(None, {}, [problem]))
        except OSError as error:
            reason = f"le fichier ne peut pas être lu ({error.strerror})"
            sources.append(Source(None, {}, [Problem(path, 0, "erreur", reason, "vérifiez ses droits")]))
        except FrontMatterError as error:
            problem = Problem(path, error.line, "erreur", error.message, error.remede)
            sources.append(Source(None, {}, [problem]))
    return sources
