"""Mending the typography of a fiche's file in place: what the doctor reads, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from bot.fiches.frontmatter import FrontMatterError, compose, split
from bot.fiches.typography import typeset


def typeset_file(text: str) -> str:
    """The content of a fiche's file with the typography of its title, precisions and body mended.

    The wordings to learn (questions, contre_exemples, epreuves, relances) imitate real typing: they stay.
    Raises `FrontMatterError` when the file or its YAML cannot be read.
    """
    halves = split(text)
    head = text[: len(text) - len(halves.body)]
    start = head.index("\n") + 1
    end = start + len(halves.yaml)
    return head[:start] + _typeset_yaml(head[start:end]) + head[end:] + typeset(halves.body)


def _typeset_yaml(yaml: str) -> str:
    count = len(list(_shown(compose(yaml))))
    # From the last to the first, so that the marks of those still to come stay true.
    for rank in reversed(range(count)):
        node = list(_shown(compose(yaml)))[rank]
        mended = _splice(yaml, node)
        if mended != yaml and _is_same_but(yaml, mended, rank):
            yaml = mended
    return yaml


def _shown(root: Node | None) -> Iterator[ScalarNode]:
    """The scalars of the front matter that the doctor reads, in the order of the file."""
    for key, value in _pairs(root):
        if key == "titre" and isinstance(value, ScalarNode):
            yield value
        if key == "precisions" and isinstance(value, SequenceNode):
            for precision in value.value:
                yield from _shown_precision(precision)


def _shown_precision(precision: Node) -> Iterator[ScalarNode]:
    for key, value in _pairs(precision):
        if key == "question" and isinstance(value, ScalarNode):
            yield value
        if key == "options" and isinstance(value, SequenceNode):
            for option in value.value:
                for name, text in _pairs(option):
                    if name in ("titre", "reponse") and isinstance(text, ScalarNode):
                        yield text


def _pairs(node: Node | None) -> Iterator[tuple[str, Node]]:
    if isinstance(node, MappingNode):
        for key, value in node.value:
            yield str(key.value), value


def _splice(yaml: str, node: ScalarNode) -> str:
    """`yaml` with the source of one scalar typeset, in the quoting that it has."""
    start, end = int(node.start_mark.index), int(node.end_mark.index)
    source = yaml[start:end]
    if node.style == "'":
        mended = "'" + typeset(source[1:-1].replace("''", "'")).replace("'", "''") + "'"
    elif node.style == '"':
        mended = '"' + typeset(source[1:-1]) + '"'
    else:
        mended = typeset(source)
    return yaml[:start] + mended + yaml[end:]


def _is_same_but(before: str, after: str, rank: int) -> bool:
    """Whether YAML still reads `after` as `before`, save the shown scalar `rank`, which reads typeset."""
    try:
        old, new = compose(before), compose(after)
    except FrontMatterError:
        return False
    old_texts, new_texts = ([str(node.value) for node in _shown(root)] for root in (old, new))
    old_texts[rank] = typeset(old_texts[rank])
    return old_texts == new_texts and _keys(old) == _keys(new)


def _keys(root: Node | None) -> list[str]:
    return [key for key, _ in _pairs(root)]
