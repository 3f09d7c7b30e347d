"""Names of months in many languages, for dates such as `7-Mar-26` or `5 лют. 2024`.

Put here which word is which month. A word that is two months in two languages (`listopad`) counts only where the
language is given.
"""

from __future__ import annotations

from functools import cache

from babel import Locale, UnknownLocaleError

_LANGUAGES = """
    en ar bg bn ca cs da de el es et fi fr ga he hi hr hu id it lt lv ms nb nl pl pt ro ru sk sl sr sv th tr uk ur vi
"""
_MORE = {"sept": 9, "märz": 3, "mrz": 3, "mär": 3, "mrt": 3}
"""Forms people and banks write that the tables lack."""

WORD = r"\p{L}[\p{L}\p{M}]*"
"""The letters of a month's name; dots are left out."""


def plain(word: str) -> str:
    """A name as it is compared: without case and dots."""
    return word.casefold().strip(" .\u200f\u200e")


def _is_name(word: str) -> bool:
    return len(word) > 2 and word[0].isalpha() and not any(c.isdigit() or c.isspace() for c in word)  # noqa: PLR2004


@cache
def months(language: str = "") -> dict[str, int]:
    """Month by name; only those of `language` (and English) when it is given."""
    found: dict[str, set[int]] = {}
    for code in ("en", language) if language else _LANGUAGES.split():
        try:
            locale = Locale.parse(code, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
        for names in (locale.months[use][width] for use in ("format", "stand-alone") for width in _WIDTHS):
            for month, name in names.items():
                if _is_name(word := plain(name)):
                    found.setdefault(word, set()).add(month)
    if not language:
        found |= {word: {month} for word, month in _MORE.items()}
    return {word: next(iter(which)) for word, which in found.items() if len(which) == 1}


_WIDTHS = ("abbreviated", "wide")
