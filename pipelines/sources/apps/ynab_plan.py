"""The rows of YNAB's plan: what was assigned to an envelope in a month, its activity and what is left.

Put here what the plan's columns mean; older exports call what was assigned `Budgeted`.
"""

from __future__ import annotations

import datetime as dt
import re

import polars as pl

from pipelines.sources.bank_csv.month_names import months, plain
from pipelines.sources.conventions import Clues, Conventions
from pipelines.sources.delimited import Stretch
from pipelines.sources.digit_text import to_ascii_digits
from pipelines.sources.kind_frames import json_of, required_text, set_aside, shaped
from pipelines.sources.money_text import decimal_mark_clues, parse_money
from pipelines.sources.parsed_column import ParsedColumn
from pipelines.sources.source import Batch, Decoded
from warehouse.fields import EARLIEST, LATEST
from warehouse.planning_kinds import BUDGETS

NEEDED = frozenset({"Month", "Category Group", "Category", "Assigned", "Activity", "Available"})
NEEDED_FORMERLY = (NEEDED - {"Assigned"}) | {"Budgeted"}
AMOUNTS = ("Assigned", "Activity", "Available")

_BOTH = "Category Group/Category"
_IDENTITY = ("month_date", "category_group", "category_name", "currency_code")
"""The plan has no ids: a line is known by its month and envelope, and its amounts may change."""
_NAMED = re.compile(r"(\D+?)\.? ?,? ?([0-9]{4})")
_NUMBERED = re.compile(r"([0-9]{4})[-/]([0-9]{1,2})(?:[-/]0?1)?")


def clues(stretch: Stretch) -> Clues:
    """What a stretch says of the file's conventions."""
    marks = [decimal_mark_clues(stretch.frame[name]) for name in AMOUNTS]
    return Clues(marks[0] + marks[1] + marks[2])


def renamed(stretch: Stretch) -> Stretch:
    """A stretch of an older plan under the present names of its columns."""
    return Stretch(stretch.frame.rename({"Budgeted": "Assigned"}), stretch.rejects)


def decoded(stretch: Stretch, conventions: Conventions, currency: str) -> Decoded:
    """The lines of a stretch."""
    frame = stretch.frame
    amounts = {name: parse_money(frame[name], conventions.mark) for name in AMOUNTS}
    read = {
        "month_date": ("Month", _parse_months(frame["Month"]).requiring("month")),
        "category_name": ("Category", required_text(frame["Category"], "category")),
        "assigned": ("Assigned", amounts["Assigned"].requiring("amount")),
        "activity": ("Activity", amounts["Activity"]),
        "available": ("Available", amounts["Available"]),
    }
    whole, rejects = set_aside(BUDGETS.name, frame, read)
    known = {*NEEDED, _BOTH, "row_no", *read}
    cells = {name: pl.col(name) for name in whole.columns if name not in known and whole[name].count()}
    if _BOTH in whole.columns:
        joined = pl.concat_str("Category Group", pl.lit(": "), "Category")
        cells[_BOTH] = pl.when(pl.col(_BOTH) != joined.fill_null("")).then(_BOTH)
    lines = shaped(
        BUDGETS,
        whole,
        {
            "month_date": pl.col("month_date"),
            "category_group": pl.col("Category Group"),
            "category_name": pl.col("category_name"),
            "budget_kind": pl.lit("envelope"),
            "budgeted_amount": pl.col("assigned"),
            "activity_amount": pl.col("activity"),
            "available_amount": pl.col("available"),
            "currency_code": pl.lit(currency),
            "extra": json_of(cells),
        },
    )
    return stretch.read_as(Batch(BUDGETS.name, lines, _IDENTITY), rejects)


def _parse_months(text: pl.Series) -> ParsedColumn:
    """Read a column of months (`Jan 2026`, `2026-01`) as their first days."""
    # A file has few months: each spelling is looked at once.
    spellings = text.unique().drop_nulls().to_list()
    days = {cell: day for cell in spellings if (day := _first_day(cell)) is not None}
    values = text.replace_strict(list(days), list(days.values()), default=None, return_dtype=pl.Date)
    refused = (values.is_null() & (text.str.strip_chars() != "")).fill_null(value=False).arg_true().cast(pl.UInt32)
    refusals = (
        refused.alias("position")
        .to_frame()
        .with_columns(reason=pl.lit("the text is no month"), cure=pl.lit("write the month as `Jan 2026` or 2026-01"))
    )
    return ParsedColumn(values, refusals)


def _first_day(cell: str) -> dt.date | None:
    written = to_ascii_digits(pl.Series([cell.strip()]))[0]
    if found := _NUMBERED.fullmatch(written):
        year, month = int(found[1]), int(found[2])
    elif (found := _NAMED.fullmatch(written)) and (known := months().get(plain(found[1]))):
        year, month = int(found[2]), known
    else:
        return None
    if not 1 <= month <= 12 or not int(EARLIEST[:4]) <= year <= int(LATEST[:4]):  # noqa: PLR2004 - months
        return None
    return dt.date(year, month, 1)
