"""Rows before their values are read: which are transactions, which state a balance, which belong together.

Put here what a profile says of whole rows. A row that no rule names is a transaction, so nothing gets lost unless the
profile says that it is no row.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from pipelines.sources.bank_csv.matching import Layout
from pipelines.sources.bank_csv.profile import RowRule
from pipelines.sources.delimited import Stretch
from pipelines.sources.source import REJECT_SCHEMA

_FORCED = r'^="(.*)"$'
"""Spreadsheets write texts so, to keep leading zeros."""


_READ = ("booked", "pending", "transfer", "opening_balance")
_EXCLUDED = "excluded"
IS_EXCLUDED = "= excluded"


@dataclass(frozen=True, slots=True)
class Parted:
    """One stretch, parted by what its rows are.

    Attributes:
        transactions: The rows to be read, with `= booking_status` (of a ledger: what the rules say the row is) and
            `= excluded`.
        stated: Rows that state a balance, with `= stated` (opening or closing).
        rejects: Rows set aside before their values were looked at (REJECT_SCHEMA).
    """

    transactions: pl.DataFrame
    stated: pl.DataFrame
    rejects: pl.DataFrame


def tidy(stretches: Iterator[Stretch], layout: Layout) -> Iterator[Stretch]:
    """The stretches without empty rows, and with wrapped texts in the row they belong to."""
    held: Stretch | None = None
    for stretch in stretches:
        whole = Stretch(_plain(stretch.frame), stretch.rejects)
        if not layout.profile.wrapped:
            yield whole
            continue
        if held is not None:
            whole = Stretch(pl.concat([held.frame, whole.frame]), pl.concat([held.rejects, whole.rejects]))
        # The last row may go on in the next stretch.
        joined = _unwrapped(whole.frame, layout)
        held = Stretch(joined[-1:], whole.rejects.clear())
        yield Stretch(joined[:-1], whole.rejects)
    if held is not None and held.frame.height:
        yield held


def _plain(frame: pl.DataFrame) -> pl.DataFrame:
    cells = pl.exclude("row_no")
    forced = frame.select(cells.str.starts_with('="').any()).row(0) if frame.height else ()
    if any(forced):
        frame = frame.with_columns(cells.str.replace(_FORCED, "${1}"))
    empty = pl.all_horizontal(cells.is_null() | (cells.str.strip_chars() == ""))
    return frame.filter(~empty)


def _unwrapped(frame: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """Rows without date and amounts go into the description of the row above."""
    firsts = [name for field in ("booked_date", "amount", "debit", "credit") for name in layout.columns.get(field, ())]
    texts = [name for field in ("description", "payee") for name in layout.columns.get(field, ())]
    if not frame.height or not texts:
        return frame
    blank = pl.all_horizontal(pl.col(name).is_null() | (pl.col(name).str.strip_chars() == "") for name in firsts)
    goes_on = blank & pl.any_horizontal(pl.col(name).is_not_null() for name in texts)
    marked = frame.with_columns((~goes_on).cum_sum().alias("= whole row"))
    joined = [pl.col(name).drop_nulls().str.join(" ").replace("", None) for name in texts]
    grouped = marked.group_by("= whole row", maintain_order=True).agg(
        *joined, *(pl.col(name).first() for name in frame.columns if name not in texts)
    )
    return grouped.select(frame.columns)


def parted(stretch: Stretch, layout: Layout) -> Parted:
    """What each row of a stretch is."""
    frame = stretch.frame
    kinds = pl.lit(None, dtype=pl.String)
    reasons = pl.lit(None, dtype=pl.String)
    for place, rule in enumerate(layout.profile.rows):
        column = next(iter(layout.columns.get(f"rule {place}", ())), "")
        if column and rule.are != _EXCLUDED:
            hit = _says(rule, column)
            kinds = pl.coalesce(kinds, pl.when(hit).then(pl.lit(rule.are)))
            reasons = pl.coalesce(reasons, pl.when(hit).then(pl.lit(rule.reason)))
    for column in _judged(layout):
        kinds = pl.coalesce(kinds, pl.lit("unknown"))
        reasons = pl.coalesce(reasons, pl.lit(f"the profile does not say what this text in column {column} means"))
    excluded = [
        _says(rule, column)
        for place, rule in enumerate(layout.profile.rows)
        for column in layout.columns.get(f"rule {place}", ())
        if rule.are == _EXCLUDED
    ]
    frame = frame.with_columns(pl.any_horizontal(pl.lit(value=False), *excluded).alias(IS_EXCLUDED))
    told = frame.with_columns(kinds.fill_null("booked").alias("= row kind"), reasons.alias("= row reason"))
    aside = told.filter(pl.col("= row kind").is_in(["skipped", "unknown"]))
    rest = told.drop("= row reason")
    return Parted(
        rest.filter(pl.col("= row kind").is_in(_READ)).rename({"= row kind": "= booking_status"}),
        rest.filter(pl.col("= row kind").is_in(["opening", "closing"])).rename({"= row kind": "= stated"}),
        pl.concat([stretch.rejects, _rejects(aside, layout)]).sort("row_no"),
    )


def _says(rule: RowRule, column: str) -> pl.Expr:
    cell = pl.col(column).fill_null("").str.strip_chars().str.to_lowercase()
    hit = cell.is_in([word.strip().lower() for word in rule.words])
    for beginning in rule.begins:
        hit = hit | cell.str.starts_with(beginning.lower())
    return hit


def _judged(layout: Layout) -> list[str]:
    """Columns whose every text must be known to a rule."""
    found = [
        name
        for place, rule in enumerate(layout.profile.rows)
        if rule.are == "booked"
        for name in layout.columns.get(f"rule {place}", ())
    ]
    return list(dict.fromkeys(found))[:1]


def _rejects(rows: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    if rows.is_empty():
        return pl.DataFrame(schema=REJECT_SCHEMA)
    places = range(len(layout.profile.rows))
    columns = list(dict.fromkeys(name for place in places for name in layout.columns.get(f"rule {place}", ())))
    return rows.select(
        kind=pl.lit(layout.profile.kind),
        row_no="row_no",
        column=pl.lit(columns[0]),
        value=pl.col(columns[0]),
        reason=pl.col("= row reason"),
        cure=pl.when(pl.col("= row kind") == "unknown")
        .then(pl.lit("add it to the profile's rows"))
        .otherwise(pl.lit("nothing to mend; a booked row comes with a later file")),
    )
