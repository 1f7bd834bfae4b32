"""The one e-mail address that a doctor may leave, for the reply to a passed question."""

from __future__ import annotations

import re

from email_validator import EmailNotValidError, validate_email

_CANDIDATE = re.compile(r"[^\s<>()\[\],;:«»\"“”]+@[^\s<>()\[\],;:«»\"“”]+")


def find_address(text: str) -> str | None:
    """The e-mail address in `text`, in normal form; None when it holds none or several, or an impossible one.

    By the rules of RFC 5321 and 5322 (the library `email-validator`); no server is asked.
    """
    found = [candidate.rstrip(".!?…'’") for candidate in _CANDIDATE.findall(text)]
    if len(found) != 1:
        return None
    try:
        return str(validate_email(found[0], check_deliverability=False, allow_smtputf8=False).normalized)
    except EmailNotValidError:
        return None


def conceal(address: str) -> str:
    """`address` as it may be shown to its owner and repeated: "j•••@exemple.fr"."""
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}•••@{domain}"
