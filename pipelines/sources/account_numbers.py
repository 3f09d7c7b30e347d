"""Account numbers: what is shown of them, and how one account is known again in another source.

No whole number leaves a source. The last four characters are for people; a digest of the last eight lets the marts
see that a bank feed, an OFX file and a CSV tell of the same account. IBAN, local number and a number with leading
zeros end alike at most banks; where they do not (a French OFX number lacks the IBAN's check digits), the accounts
stay two. Two accounts of one party whose numbers end in the same eight characters would be taken for one.
"""

from __future__ import annotations

import hashlib
import re

_COMPARED = 8
_SHOWN = 4
_HIDDEN = re.compile(r"[Xx*•.]{3,}|[*•]")
"""A number the bank itself has masked: too little is left of it to compare."""


def masked_number(number: str) -> str:
    """The last four characters, fewer for numbers so short that four would be most of them; empty for none.

    Of a number the bank itself has masked, the last four of what it shows at the end.
    """
    if _HIDDEN.search(number):
        return _bare(_HIDDEN.split(number)[-1])[-_SHOWN:]
    bare = _bare(number)
    return bare[-min(_SHOWN, len(bare) // 2) :] if len(bare) > 1 else ""


def number_key(number: str) -> str | None:
    """SHA-256 (16 hex characters) of the last eight characters; None for numbers that are short or masked."""
    bare = _bare(number).upper()
    if len(bare) < _COMPARED or _HIDDEN.search(number):
        return None
    return hashlib.sha256(bare[-_COMPARED:].encode()).hexdigest()[:16]


def _bare(number: str) -> str:
    return "".join(character for character in number if character.isalnum())
