"""Reference numbers of passed questions: short enough to copy, too many to guess.

Whoever knows a number may withdraw its question, so that it must not be found by trying: eight signs of
thirty make 6.6e11 numbers, against a front that lets an address try sixty a minute.
"""

from __future__ import annotations

import re
import secrets

# Without 0 and O, 1, I and L, which are misread; U is out so that fewer words appear.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_REFERENCE = re.compile(rf"\bBM[ \u00a0-]?([{ALPHABET}]{{4}})[ \u00a0-]?([{ALPHABET}]{{4}})\b", re.IGNORECASE)


def new_reference() -> str:
    """A random number, as "BM-7K3F-92QD"."""
    signs = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return f"BM-{signs[:4]}-{signs[4:]}"


def find_reference(text: str) -> str | None:
    """The first number in `text`, in its canonical form, whatever its case and hyphens."""
    found = _REFERENCE.search(re.sub(r"[‐‑‒–—]", "-", text))
    return f"BM-{found[1]}-{found[2]}".upper() if found else None
