"""A copy of the project that has fewer wordings."""

from __future__ import annotations

from pathlib import Path

from benchmarks.fewer import write_project
from bot.nlu.importer import read_sources

ROOT = Path(__file__).resolve().parents[2]


def test_only_the_number_of_wordings_changes(tmp_path: Path) -> None:
    write_project(ROOT, tmp_path / "project", 12)
    for whole, fewer in zip(read_sources(ROOT)[0], read_sources(tmp_path / "project")[0], strict=True):
        assert (fewer.id, fewer.titre, fewer.en_bref) == (whole.id, whole.titre, whole.en_bref)
        assert len(fewer.questions) == 12
        assert set(fewer.questions) < set(whole.questions)
        assert fewer.epreuves == whole.epreuves
    for subject, small in zip(read_sources(ROOT)[1], read_sources(tmp_path / "project")[1], strict=True):
        assert small.id == subject.id
        assert small.exemples == tuple(e for e in subject.exemples if e in small.exemples)
        assert len(small.exemples) == min(12, len(subject.exemples))


def test_the_same_wordings_are_drawn_each_time(tmp_path: Path) -> None:
    for name in ("one", "other"):
        write_project(ROOT, tmp_path / name, 12)
    one, other = (read_sources(tmp_path / name)[0] for name in ("one", "other"))
    assert [f.questions for f in one] == [f.questions for f in other]
