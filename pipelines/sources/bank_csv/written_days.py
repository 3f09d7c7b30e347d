"""Days as banks write them: months by name, years of two digits, digits without marks between them.

Put here how such days become ones that `date_text` reads. Which of day and month comes first is given or found there.
"""

from __future__ import annotations

import polars as pl

from pipelines.sources.bank_csv.month_names import WORD, months, plain
from pipelines.sources.bank_csv.profile import Profile
from pipelines.sources.digit_text import to_ascii_digits

_TIME = r"[T ,\-]+(?:[01]?[0-9]|2[0-3])[:.][0-5][0-9](?:[:.][0-5][0-9](?:[.,][0-9]{1,9})?)?(?: ?[AaPp]\.?[Mm]\.?)?"
_ZONE = r"(?: ?(?:Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2}))?"
_BEHIND = rf"(?:{_TIME}{_ZONE})?\.?$"
_GAP = r"[ \-/.,]*"
_DAY_NAMED = rf"^([0-9]{{1,2}})(?:st|nd|rd|th)?{_GAP}({WORD}){_GAP}([0-9]{{4}}|[0-9]{{2}}){_BEHIND}"
_NAMED_DAY = rf"^({WORD}){_GAP}([0-9]{{1,2}})(?:st|nd|rd|th)?{_GAP}([0-9]{{4}}){_BEHIND}"
_YEAR_NAMED = rf"^([0-9]{{4}}){_GAP}({WORD}){_GAP}([0-9]{{1,2}}){_BEHIND}"
_NUMBERS = rf"^([0-9]{{1,2}})[-/. ]+([0-9]{{1,2}})[-/. ]+([0-9]{{4}}|'?[0-9]{{2}}){_BEHIND}"
_YEAR_FIRST = rf"^([0-9]{{4}}|[0-9]{{2}})[-/. ]+([0-9]{{1,2}})[-/. ]+([0-9]{{1,2}}){_BEHIND}"
_JOINED = rf"^([0-9]{{4}})([0-9]{{2}})([0-9]{{2}}){_BEHIND}"
_LONG_YEAR_FIRST = rf"^([0-9]{{4}})[-/. ]+([0-9]{{1,2}})[-/. ]+([0-9]{{1,2}}){_BEHIND}"
_JOINED_LAST = rf"^([0-9]{{2}})([0-9]{{2}})([0-9]{{4}}){_BEHIND}"
_PLAIN = r"^(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{2}([/.])[0-9]{2}[/.][0-9]{4})$"

_CENTURY = 70
"""Years of two digits from here on lie in the last century."""


def plain_days(text: pl.Series, profile: Profile) -> pl.Series:
    """The column with its days as `2024-01-31`, or `31/01/2024` where the order is open; other cells as they were."""
    if text.str.contains(_PLAIN).all():
        return text
    cells = to_ascii_digits(text.fill_null("")).alias("cell")
    distinct = cells.unique()
    named = [_named(distinct, form, order, profile.language) for form, order in _NAMED]
    numbered = [_numbered(distinct, form, is_first) for form, is_first in _NUMBERED.get(profile.date_form, _LAST)]
    found = pl.DataFrame({"cell": distinct, "day": pl.select(pl.coalesce([*named, *numbered, distinct])).to_series()})
    whole = cells.to_frame().join(found, on="cell", how="left", maintain_order="left")["day"]
    return whole.zip_with(text.is_not_null(), pl.Series([None], dtype=pl.String)).alias(text.name)


_LAST = ((_NUMBERS, False), (_LONG_YEAR_FIRST, True), (_JOINED_LAST, False))
_NUMBERED = {
    "": ((_NUMBERS, False), (_LONG_YEAR_FIRST, True), (_JOINED, True)),
    "year-first": ((_YEAR_FIRST, True), (_JOINED, True)),
}
"""Per date form, how a day in digits is written, and whether its year is first; `_LAST` for all others."""
_NAMED = ((_DAY_NAMED, "dmy"), (_NAMED_DAY, "mdy"), (_YEAR_NAMED, "ymd"))


def _groups(cells: pl.Series, form: str) -> list[pl.Series]:
    parts = cells.str.extract_groups(form).struct
    return [parts[place] for place in range(3)]


def _year(year: pl.Series) -> pl.Series:
    short = year.str.strip_prefix("'")
    century = (
        pl.when(short.str.len_bytes() > 2)  # noqa: PLR2004 - digits of a short year
        .then(pl.lit(""))
        .when(short.cast(pl.Int32, strict=False) >= _CENTURY)
        .then(pl.lit("19"))
        .otherwise(pl.lit("20"))
    )
    return pl.select(pl.concat_str([century, pl.lit(short)])).to_series()


def _named(cells: pl.Series, form: str, order: str, language: str) -> pl.Series:
    parts = dict(zip(order, _groups(cells, form), strict=True))
    names = months(language)
    words = {word: names.get(plain(word)) for word in parts["m"].drop_nulls().unique()}
    numbers = [f"{number:02}" if number else None for number in words.values()]
    month = parts["m"].replace_strict(list(words), numbers, default=None, return_dtype=pl.String)
    joined = pl.concat_str([_year(parts["y"]), month, parts["d"].str.zfill(2)], separator="-")
    return pl.select(joined).to_series()


def _numbered(cells: pl.Series, form: str, year_first: bool) -> pl.Series:
    one, two, three = _groups(cells, form)
    if year_first:
        joined = pl.concat_str([_year(one), two.str.zfill(2), three.str.zfill(2)], separator="-")
    else:
        joined = pl.concat_str([one.str.zfill(2), two.str.zfill(2), _year(three)], separator="/")
    return pl.select(joined).to_series()
