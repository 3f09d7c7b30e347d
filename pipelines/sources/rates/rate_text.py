"""Text into exchange rates and the units they are quoted for, a whole column at once; no float on the way.

Put here how one rate is written: up to twelve decimals, where an amount has four. Which decimal mark a file has is
given (`conventions`), as it is for amounts.
"""

from __future__ import annotations

import polars as pl

from pipelines.sources.digit_text import ARABIC_DECIMAL, ARABIC_THOUSANDS, to_ascii_digits
from pipelines.sources.money_text import DecimalMark
from pipelines.sources.parsed_column import ParsedColumn
from warehouse.kinds import RATE_PRECISION, RATE_SCALE

RATE = pl.Decimal(RATE_PRECISION, RATE_SCALE)
_MOST_DIGITS = RATE_PRECISION - RATE_SCALE
_NOTHING = ("", "-", "--", "—", "n/a", "na", "n.a.", "nil")
_UNITS = {str(10**power): 10**power for power in range(5)}
_UNREAD = pl.Series([None], dtype=pl.String)


def says_nothing(text: pl.Expr) -> pl.Expr:
    """Whether a cell says that there is no rate: empty, a dash, N/A."""
    return text.is_null() | text.str.strip_chars().str.to_lowercase().is_in(_NOTHING)


def parse_rates(text: pl.Series, mark: DecimalMark) -> ParsedColumn:
    """Read a column of rates: positive numbers, with or without grouped thousands.

    Returns:
        Decimal(28, 12) values, and a reason for each cell that is no rate above 0; blank cells are empty.
    """
    plain = to_ascii_digits(text).str.replace_many([ARABIC_DECIMAL, ARABIC_THOUSANDS], [mark.sign, mark.other])
    whole = rf"(?:[0-9]{{1,{_MOST_DIGITS}}}|[1-9][0-9]{{0,2}}(?:[ '\{mark.other}][0-9]{{3}}){{1,4}})"
    formed = plain.str.contains(rf"^{whole}(?:\{mark.sign}[0-9]{{1,{RATE_SCALE}}})?$").fill_null(value=False)
    number = plain.str.replace_many([mark.other, " ", "'"], ["", "", ""]).str.replace(mark.sign, ".", literal=True)
    values = number.zip_with(formed, _UNREAD).cast(RATE, strict=False)
    is_zero = (values == 0).fill_null(value=False)
    values = values.zip_with(~is_zero, pl.Series([None], dtype=RATE))
    refused = (values.is_null() & (plain != "")).fill_null(value=False)
    cells = pl.DataFrame({"position": refused.arg_true().cast(pl.UInt32), "zero": is_zero.filter(refused)})
    refusals = cells.select(
        "position",
        reason=pl.when("zero")
        .then(pl.lit("the rate is 0"))
        .otherwise(pl.lit(f"the text is no rate with a decimal {mark.value}")),
        cure=pl.lit(f"write a number above 0 such as 121{mark.sign}50, with {RATE_SCALE} decimals at most"),
    )
    return ParsedColumn(values, refusals)


def parse_units(text: pl.Series) -> ParsedColumn:
    """Read a column that says for how many units a rate is quoted: 1, 10, 100, 1000 or 10000; blank is 1."""
    plain = to_ascii_digits(text.fill_null("")).replace("", "1").str.replace_all(",", "", literal=True)
    values = plain.replace_strict(list(_UNITS), list(_UNITS.values()), default=None, return_dtype=pl.Int64)
    refused = values.is_null().arg_true().cast(pl.UInt32).alias("position").to_frame()
    refusals = refused.with_columns(
        reason=pl.lit("the rate is for a number of units that is no 1, 10, 100, 1000 or 10000"),
        cure=pl.lit("write the rate of one unit, or of 100"),
    )
    return ParsedColumn(values, refusals)
