"""Wallet's export of the web, twelve columns: amounts without sign, instants in UTC, transfers as two rows.

Wallet tells which legs of transfers belong together by their time and their worth in one currency
(`ref_currency_amount`), so both legs are written with the worth of the leg that left.
"""

from __future__ import annotations

import polars as pl

from pipelines.outputs.entries.target import (
    BY_SIGN,
    COUNTERPARTY_AS_PAYEE,
    FINE_AMOUNT,
    IS_TRANSFER,
    NO_COUNTERPARTY,
    NO_EXCLUSION,
    NO_EXTRA,
    NO_ORIGINAL,
    PAYEE,
    Loss,
    Target,
    has,
    kind_loss,
)
from pipelines.outputs.minor_units import exact_text

_COLUMNS = (
    *("account", "category", "currency", "amount", "ref_currency_amount", "type", "payment_type", "note", "date"),
    *("transfer", "payee", "labels"),
)
_FORM = "%Y-%m-%dT%H:%M:%S%.3fZ"
_TIME_FITS = (has("entry_at") & (pl.col("entry_at").dt.date() == pl.col("entry_date"))).fill_null(value=False)
_INSTANT = (
    pl.when(_TIME_FITS)
    .then(pl.col("entry_at").dt.replace_time_zone(None))
    .otherwise(pl.col("entry_date").cast(pl.Datetime("us")))
)


def _rows(entries: pl.DataFrame) -> pl.DataFrame:
    currency = pl.col("currency_code")
    arrives = pl.when(IS_TRANSFER).then("is_arrival").otherwise(pl.col("entry_amount") > 0)
    return entries.select(
        account="account",
        category="category_name",
        currency=currency,
        amount=exact_text(pl.col("entry_amount").abs(), currency),
        ref_currency_amount=exact_text(pl.col("worth_amount"), currency),
        type=pl.when(arrives).then(pl.lit("Income")).otherwise(pl.lit("Expense")),
        payment_type=pl.lit(None, dtype=pl.String),
        note="note",
        date=_INSTANT.dt.strftime(_FORM),
        transfer=pl.when(IS_TRANSFER).then(pl.lit("true")).otherwise(pl.lit("false")),
        payee=PAYEE,
        labels="labels",
    )


TARGET = Target(
    name="wallet",
    title="Wallet by BudgetBakers",
    columns=_COLUMNS,
    rows=_rows,
    delimiter=";",
    losses=(
        kind_loss(pl.when(IS_TRANSFER).then(pl.lit("transfer")).otherwise(BY_SIGN)),
        Loss("the group above a category", "left out", has("category_group")),
        Loss("which parts belong to one split", "entries of their own", has("split_group")),
        Loss("no time of day", "shown as midnight", ~has("entry_at")),
        Loss(
            "a time that falls on another day in UTC than the person's",
            "midnight; the day stays",
            has("entry_at") & ~_TIME_FITS,
        ),
        Loss(
            "fractions of a millisecond",
            "left out",
            _TIME_FITS & (pl.col("entry_at") != pl.col("entry_at").dt.truncate("1ms")),
        ),
        Loss(
            "the other account of a transfer, unless time and worth tell its two rows from all others",
            "the rows are there, without saying which belong together",
            IS_TRANSFER & ~pl.col("is_told_by_time"),
        ),
        Loss("whether it is cleared", "left out", has("cleared_status")),
        *(FINE_AMOUNT, COUNTERPARTY_AS_PAYEE, NO_COUNTERPARTY, NO_EXCLUSION, NO_ORIGINAL, NO_EXTRA),
    ),
)
