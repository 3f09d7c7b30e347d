"""Digits, signs and spaces of many scripts, brought to ASCII before a number or a date is read.

Put here what two characters must be equal for every reader. Keep out grouping, decimal marks and currencies
(`money_text`) and the order of dates (`date_text`).
"""

from __future__ import annotations

import polars as pl

_ZEROS = {
    "Arabic-Indic": "\u0660",
    "Persian": "\u06f0",
    "Devanagari": "\u0966",
    "Bangla": "\u09e6",
    "full width": "\uff10",
}
_DIGITS = {chr(ord(zero) + n): str(n) for zero in _ZEROS.values() for n in range(10)}
_MINUS_SIGNS = "\u2212\u2010\u2011\u2012\u2013\ufe63\uff0d"
_SPACES = "\t\u00a0\u2002\u2003\u2007\u2008\u2009\u202f\u205f\u3000"
_APOSTROPHES = "\u2019\u02bc"
_INVISIBLE = "\u061c\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
_MAP = (
    _DIGITS
    | dict.fromkeys(_MINUS_SIGNS, "-")
    | dict.fromkeys(_SPACES, " ")
    | dict.fromkeys(_APOSTROPHES, "'")
    | dict.fromkeys(_INVISIBLE, "")
)

ARABIC_DECIMAL, ARABIC_THOUSANDS = "\u066b", "\u066c"
"""Marks that mean one thing only, whatever the file's decimal mark is."""


def to_ascii_digits(text: pl.Series) -> pl.Series:
    """The same text with ASCII digits, minus signs and spaces, without invisible direction marks, trimmed."""
    return text.str.replace_many(list(_MAP), list(_MAP.values())).str.strip_chars()
