"""What a legal citation is: an article (or decision, or document) and the place in it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Reference:
    """One article, text, decision or document.

    `code` is a key of `bot.law.codes.CODES` ("CSP", "RGPD", "CJUE", "DOC"…), `number` its canonical
    number ("L1111-8", "28", "C-340/21", "ans-faq-hds").
    """

    code: str
    number: str

    @property
    def key(self) -> str:
        """The canonical form, which is also the key of the law register: "CSP L1111-8"."""
        return f"{self.code} {self.number}"


@dataclass(frozen=True, slots=True, order=True)
class Citation:
    """A reference and the place in it: canonical parts such as ("II",), ("§ 3", "h)"), ("al. 1",)."""

    reference: Reference
    pinpoint: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The form written in fiches, without brackets: "RGPD 28, § 3, h)"."""
        return ", ".join((self.reference.key, *self.pinpoint))
