"""What a check found wrong in a file that an editor wrote: where, what, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Level = Literal["erreur", "avertissement"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding. `line` counts from 1 (0: the file as a whole); `message` and `remede` are French.

    An `erreur` keeps the file out of what is published; an `avertissement` does not.
    """

    path: Path
    line: int
    level: Level
    message: str
    remede: str = ""

    @property
    def is_error(self) -> bool:
        """Whether the finding blocks publication."""
        return self.level == "erreur"

    def __str__(self) -> str:
        """One line, in French: "chemin:ligne: erreur : message — remède"."""
        place = f"{self.path}:{self.line}" if self.line else str(self.path)
        mend = f" — {self.remede}" if self.remede else ""
        return f"{place}: {self.level}\u00a0: {self.message}{mend}"
