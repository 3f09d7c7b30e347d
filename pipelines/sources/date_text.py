"""Text into business days and instants, a whole column at once.

Put here how a day or an instant is written. Whether 03/04 is a day in March or in April is given, never guessed per
row; `date_order_clues` counts what a column's own values say about it and `conventions` decides.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import Enum

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.sources.digit_text import to_ascii_digits
from pipelines.sources.parsed_column import ParsedColumn, all_read
from warehouse.fields import EARLIEST, LATEST


class DateOrder(Enum):
    """Which part a date with the year last begins with; the value is the answer a person gives."""

    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"

    @property
    def form(self) -> str:
        """The order as a pattern of Polars."""
        return "%d/%m/%Y" if self is DateOrder.DAY_FIRST else "%m/%d/%Y"


INSTANT = pl.Datetime("us", "UTC")

_TIME = r"(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,9})?)?"
_AFTER_DAY = rf"(?:[T ]{_TIME} ?(?:Z|[+-][0-9]{{2}}:?[0-9]{{2}})?)?$"
_YEAR_FIRST = r"^[0-9]{4}(?:-[0-9]{1,2}-|/[0-9]{1,2}/|\.[0-9]{1,2}\.)[0-9]{1,2}"
_YEAR_LAST = r"^(?:[0-9]{1,2}-[0-9]{1,2}-|[0-9]{1,2}/[0-9]{1,2}/|[0-9]{1,2}\.[0-9]{1,2}\.)[0-9]{4}"
_SHORT_YEAR = r"^[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{2}(?:[^0-9].*)?$"
_ISO_DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}" + _AFTER_DAY
_ZONED = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?"
    r"(?:Z|[+-](?:0[0-9]|1[0-4]):?[0-5][0-9])$"
)
_ZONED_FORM = "%Y-%m-%dT%H:%M:%S%.f%#z"


def _unreadable() -> pl.Series:
    return pl.Series([None], dtype=pl.String)


def _within_range(days: pl.Series) -> pl.Series:
    return days.is_between(dt.date.fromisoformat(EARLIEST), dt.date.fromisoformat(LATEST))


def parse_days(text: pl.Series, order: DateOrder) -> ParsedColumn:
    """Read a column of days, with or without a time behind them (the time is not looked at).

    Args:
        text: Strings as written; null and blank cells are empty days, not refusals.
        order: How days with the year last are read; those with the year first need none.

    Returns:
        Date values, and a reason for each cell that is no day of the calendar between 1900 and 2199.
    """
    if text.str.contains(_ISO_DAY).all():
        values = text.str.head(10).str.to_date("%Y-%m-%d", strict=False)
        if values.null_count() == text.null_count() and _within_range(values).all():
            return all_read(values)
    plain = to_ascii_digits(text)
    first = plain.str.contains(_YEAR_FIRST + _AFTER_DAY)
    last = plain.str.contains(_YEAR_LAST + _AFTER_DAY)
    day = plain.str.extract(r"^([0-9]+[-/.][0-9]+[-/.][0-9]+)").str.replace_all(r"[-.]", "/")
    year_first = day.zip_with(first, _unreadable()).str.to_date("%Y/%m/%d", strict=False)
    year_last = day.zip_with(last, _unreadable()).str.to_date(order.form, strict=False)
    values = year_first.fill_null(year_last)
    values = values.zip_with(_within_range(values), pl.Series([None], dtype=pl.Date))
    refused = (values.is_null() & (plain != "")).fill_null(value=False)
    if not refused.any():
        return all_read(values)
    return ParsedColumn(values, _day_refusals(plain, refused, order))


def _day_refusals(plain: pl.Series, refused: pl.Series, order: DateOrder) -> pl.DataFrame:
    position = refused.arg_true().cast(pl.UInt32)
    cells = plain.gather(position)
    last = cells.str.contains(_YEAR_LAST + _AFTER_DAY)
    swapped = DateOrder.MONTH_FIRST if order is DateOrder.DAY_FIRST else DateOrder.DAY_FIRST
    day = cells.str.extract(r"^([0-9]+[-/.][0-9]+[-/.][0-9]+)").str.replace_all(r"[-.]", "/")
    frame = pl.DataFrame(
        {
            "position": position,
            "cell": cells,
            "swapped": last & day.zip_with(last, _unreadable()).str.to_date(swapped.form, strict=False).is_not_null(),
            "formed": last | cells.str.contains(_YEAR_FIRST + _AFTER_DAY),
            "far": ~cells.str.contains(r"(?:^|[-/.])(?:19|20|21)[0-9]{2}"),
        }
    )
    return frame.select(
        "position",
        reason=pl.when(pl.col("formed") & pl.col("far"))
        .then(pl.lit(f"the date is not between {EARLIEST[:4]} and {LATEST[:4]}"))
        .when("swapped")
        .then(pl.lit(f"the date does not fit this file, whose dates are {order.value}"))
        .when("formed")
        .then(pl.lit("there is no such day in the calendar"))
        .when(pl.col("cell").str.contains(_SHORT_YEAR))
        .then(pl.lit("the year has two digits"))
        .otherwise(pl.lit("the text is not a date")),
        cure=pl.when("swapped")
        .then(pl.lit("correct the date, or say which date order the file has"))
        .when("formed")
        .then(pl.lit("correct the date in the source and import the file again"))
        .otherwise(pl.lit("write the date with a four-digit year, best as YYYY-MM-DD")),
    )


def parse_instants(text: pl.Series) -> ParsedColumn:
    """Read a column of instants that carry their zone (`2025-07-31T13:45:00.000Z`, `… +06:00`).

    Returns:
        UTC instants in microseconds, and a reason for each cell that is not one.
    """
    values = _quick_instants(text)
    if values is not None and _within_range(values.dt.date()).all():
        return all_read(values)
    plain = to_ascii_digits(text)
    whole = plain.str.replace(r" ?(Z|[+-][0-9]{2}:?[0-9]{2})$", "${1}").str.replace(" ", "T", literal=True)
    whole = whole.str.replace(r"(T[0-9]{2}:[0-9]{2})(Z|[+-])", "${1}:00${2}")
    formed = whole.str.contains(_ZONED)
    values = whole.zip_with(formed, _unreadable()).str.to_datetime(_ZONED_FORM, time_unit="us", strict=False)
    values = values.zip_with(_within_range(values.dt.date()), pl.Series([None], dtype=INSTANT))
    refused = (values.is_null() & (plain != "")).fill_null(value=False)
    cells = pl.DataFrame({"position": refused.arg_true().cast(pl.UInt32), "formed": formed.filter(refused)})
    refusals = cells.select(
        "position",
        reason=pl.when("formed")
        .then(pl.lit(f"there is no such time, or it is not between {EARLIEST[:4]} and {LATEST[:4]}"))
        .otherwise(pl.lit("the text is not a time with its zone")),
        cure=pl.lit("correct it in the source; a time looks like 2025-07-31T13:45:00.000Z"),
    )
    return ParsedColumn(values, refusals)


def _quick_instants(text: pl.Series) -> pl.Series | None:
    """All instants at once when every cell is ISO 8601, else None; several times faster than a pattern."""
    try:
        column = pc.cast(text.to_arrow(), pa.timestamp("us", "UTC"))
    except pa.ArrowInvalid:
        return None
    values = pl.from_arrow(column)
    return values.cast(INSTANT) if isinstance(values, pl.Series) else None


@dataclass(frozen=True, slots=True)
class OrderClues:
    """What values say about the date order: how many prove day-first, prove month-first, or can be read both ways."""

    day_first: int = 0
    month_first: int = 0
    unsure: int = 0

    def __add__(self, other: OrderClues) -> OrderClues:
        """Clues of two columns or stretches together."""
        return OrderClues(
            self.day_first + other.day_first, self.month_first + other.month_first, self.unsure + other.unsure
        )


def date_order_clues(text: pl.Series) -> OrderClues:
    """Count what a column of days says about its order; days with the year first, and ill-formed ones, say nothing."""
    plain = to_ascii_digits(text.drop_nulls().unique())
    cells = plain.filter(plain.str.contains(_YEAR_LAST + _AFTER_DAY))
    one = cells.str.extract(r"^([0-9]+)").cast(pl.Int32)
    two = cells.str.extract(r"^[0-9]+[-/.]([0-9]+)").cast(pl.Int32)
    months = (one.is_between(1, 12), two.is_between(1, 12))
    days = (one.is_between(1, 31), two.is_between(1, 31))
    return OrderClues(
        day_first=int((days[0] & ~months[0] & months[1]).sum()),
        month_first=int((days[1] & ~months[1] & months[0]).sum()),
        unsure=int((months[0] & months[1] & (one != two)).sum()),
    )
