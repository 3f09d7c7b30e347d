"""Days as spreadsheets count them: a number of days since the end of 1899, its fraction the time.

Put here how such a number becomes a day that `date_text` reads. A workbook's own days are written out already
(`workbook`); these are cells that lost their format, in a sheet or in a CSV made of one.
"""

from __future__ import annotations

import datetime as dt

import polars as pl

_SERIAL = r"^[2-7][0-9]{4}(?:[.,][0-9]+)?$"
"""1954 to 2119: no other way of writing a day looks like it."""
_FIRST = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet's days have no zone
_DAY_SECONDS = 86_400
_DAYS = pl.Decimal(18, 10)
_TOO_FINE = r"(\.[0-9]{10})[0-9]+$"
_NOTHING = pl.Series([None], dtype=pl.String)


def written_out(text: pl.Series) -> pl.Series:
    """The column with its serial days as `2026-07-14`, or `2026-07-14 09:30:00` (to the second); others as they are."""
    serial = text.str.contains(_SERIAL).fill_null(value=False)
    if not serial.any():
        return text
    days = text.zip_with(serial, _NOTHING).str.replace(",", ".", literal=True).str.replace(_TOO_FINE, "${1}")
    counted = days.cast(_DAYS).to_frame("days").select(seconds=(pl.col("days") * _DAY_SECONDS).round(0).cast(pl.Int64))
    moments = counted.select(pl.lit(_FIRST) + pl.duration(seconds="seconds")).to_series()
    shown = moments.dt.to_string("%Y-%m-%d %H:%M:%S").str.strip_suffix(" 00:00:00")
    return shown.zip_with(serial, text).alias(text.name)
