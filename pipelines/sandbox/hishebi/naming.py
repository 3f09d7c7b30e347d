"""Ids the pretend service gives: a letter for what it is, and a mark that follows from the seed and the place."""

from __future__ import annotations

import hashlib


def pretend_id(letter: str, *place: object) -> str:
    """The id of one thing; the same place in the same story has the same id."""
    path = "/".join(str(part) for part in place)
    return f"{letter}_{hashlib.sha256(path.encode()).hexdigest()[:10]}"
