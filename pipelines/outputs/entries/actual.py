"""Actual Budget's export of all accounts: a row per entry, and one that states a split's total and moves nothing.

One budget has one currency, which no row names. A transfer has the other account's name for its payee and no category.
"""

from __future__ import annotations

import polars as pl

from pipelines.outputs.entries.target import (
    BY_SIGN,
    COUNTERPARTY_AS_PAYEE,
    IS_TRANSFER,
    NAMED_TRANSFER,
    NO_COUNTERPARTY,
    NO_EXCLUSION,
    NO_EXTRA,
    NO_LABELS,
    NO_ORIGINAL,
    NO_SPLIT_APART,
    NO_TIME,
    PAYEE,
    Loss,
    Target,
    cleared_words,
    has,
    kind_loss,
)
from pipelines.outputs.minor_units import exact_text

_COLUMNS = ("Account", "Date", "Payee", "Notes", "Category_Group", "Category", "Amount", "Split_Amount", "Cleared")
_TRANSFER, _OPENING = "Transfer", "Starting Balances"
_OPENING_WORDS = ["starting balances", "starting balance"]
_IS_OPENING = pl.col("entry_kind") == "opening_balance"
_SAYS_SPLIT = r"^\(SPLIT (?:INTO|[0-9]+ OF) [0-9]+\)"
_CLEARED, _NO_WORD = cleared_words({"cleared": "Cleared", "uncleared": "Not cleared", "reconciled": "Reconciled"})
_NOTHING = pl.lit(0, dtype=pl.Decimal(18, 4))
_CATEGORY = (
    pl.when(NAMED_TRANSFER)
    .then(None)
    .when(IS_TRANSFER)
    .then(pl.lit(_TRANSFER))
    .when(_IS_OPENING)
    .then(pl.lit(_OPENING))
    .otherwise(pl.col("category_name"))
)


def _rows(entries: pl.DataFrame) -> pl.DataFrame:
    currency = pl.col("currency_code")
    mark = pl.format("(SPLIT {} OF {})", "part_no", "part_count")
    note = pl.col("note")
    parts = entries.select(
        place=pl.int_range(pl.len()) * 2 + 1,
        Account="account",
        Date=pl.col("entry_date").cast(pl.String),
        Payee=pl.when(NAMED_TRANSFER).then("other_account").otherwise(PAYEE),
        Notes=pl.when(has("part_no")).then(pl.concat_str(mark, note, separator=" ", ignore_nulls=True)).otherwise(note),
        Category_Group=pl.when(~IS_TRANSFER & ~_IS_OPENING).then("category_group"),
        Category=_CATEGORY,
        Amount=exact_text(pl.col("entry_amount"), currency),
        Split_Amount=exact_text(_NOTHING, currency),
        Cleared=_CLEARED,
    )
    totals = (
        entries.with_columns(place=pl.int_range(pl.len()) * 2)
        .filter(pl.col("part_no") == 1)
        .select(
            "place",
            Account="account",
            Date=pl.col("entry_date").cast(pl.String),
            Payee=PAYEE,
            Notes=pl.format("(SPLIT INTO {})", "part_count"),
            Category_Group=pl.lit(None, dtype=pl.String),
            Category=pl.lit(None, dtype=pl.String),
            Amount=exact_text(_NOTHING, currency),
            Split_Amount=exact_text(pl.col("total_amount"), currency),
            Cleared=_CLEARED,
        )
    )
    return pl.concat([parts, totals]).sort("place").drop("place")


_BECOMES = (
    pl.when(IS_TRANSFER).then(pl.lit("transfer")).when(_IS_OPENING).then(pl.lit("opening_balance")).otherwise(BY_SIGN)
)
_HAS_CATEGORY = has("category_name") | has("category_group")

TARGET = Target(
    name="actual",
    title="Actual Budget",
    columns=_COLUMNS,
    rows=_rows,
    one_currency=True,
    losses=(
        kind_loss(_BECOMES),
        Loss(
            "the payee of a transfer",
            "the other account's name",
            NAMED_TRANSFER & PAYEE.is_not_null() & (pl.col("other_account") != PAYEE),
        ),
        Loss(
            "the category of a transfer or an opening balance",
            "Actual's own",
            (IS_TRANSFER | _IS_OPENING) & _HAS_CATEGORY,
        ),
        Loss(
            "a transfer nobody knows the other account of", "gets the category Transfer", IS_TRANSFER & ~NAMED_TRANSFER
        ),
        Loss(
            "a category or note in words that Actual gives a meaning",
            "is read with that meaning",
            (~IS_TRANSFER & pl.col("category_name").str.strip_chars().str.to_lowercase().is_in(["transfer"]))
            | (~_IS_OPENING & pl.col("category_name").str.strip_chars().str.to_lowercase().is_in(_OPENING_WORDS))
            | (~has("part_no") & pl.col("note").str.contains(_SAYS_SPLIT)),
        ),
        Loss(
            "decimals beyond the two Actual keeps",
            "in the file; Actual rounds them",
            pl.col("entry_amount") != pl.col("entry_amount").round(2),
        ),
        *(NO_TIME, NO_LABELS, NO_SPLIT_APART, COUNTERPARTY_AS_PAYEE, NO_COUNTERPARTY, NO_EXCLUSION, NO_ORIGINAL),
        *(_NO_WORD, NO_EXTRA),
    ),
)
