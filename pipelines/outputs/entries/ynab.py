"""YNAB's register: a row per entry, `Split (1/2)` before the memo of parts, `Transfer : X` for a payee.

One plan has one currency, which no row names. Days are written `2026-05-01`, one of the forms YNAB itself offers.
Income stands in the group `Inflow`; money that comes into any other category is less spent, so refunds stay refunds.
"""

from __future__ import annotations

import polars as pl

from pipelines.outputs.entries.target import (
    BY_SIGN,
    COUNTERPARTY_AS_PAYEE,
    FINE_AMOUNT,
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

_COLUMNS = (
    *("Account", "Flag", "Date", "Payee", "Category Group/Category", "Category Group", "Category"),
    *("Memo", "Outflow", "Inflow", "Cleared"),
)
_OPENING = "Starting Balance"
_IS_OPENING = pl.col("entry_kind") == "opening_balance"
_SAYS_TRANSFER = r"^Transfer : "
_SAYS_SPLIT = r"^(?:Split \(|\(Split )[0-9]+/[0-9]+\)"
_INFLOW, _READY = "Inflow", "Ready to Assign"
_INCOME_GROUPS = [_INFLOW, "Income"]
_IS_INCOME = pl.col("entry_kind") == "income"
_GROUP = pl.when(_IS_INCOME).then(pl.lit(_INFLOW)).otherwise(pl.col("category_group"))
_CATEGORY = pl.when(_IS_INCOME).then(pl.col("category_name").fill_null(_READY)).otherwise(pl.col("category_name"))
_CLEARED, _NO_WORD = cleared_words({"cleared": "Cleared", "uncleared": "Uncleared", "reconciled": "Reconciled"})
_WRITTEN_PAYEE = (
    pl.when(NAMED_TRANSFER)
    .then(pl.concat_str(pl.lit("Transfer : "), "other_account"))
    .when(_IS_OPENING)
    .then(pl.lit(_OPENING))
    .otherwise(PAYEE)
)
_NOTHING = pl.lit(0, dtype=pl.Decimal(18, 4))


def _rows(entries: pl.DataFrame) -> pl.DataFrame:
    amount, currency = pl.col("entry_amount"), pl.col("currency_code")
    mark = pl.format("Split ({}/{})", "part_no", "part_count")
    note = pl.col("note")
    both = pl.concat_str(_GROUP.fill_null(""), pl.lit(": "), _CATEGORY.fill_null(""))
    return entries.select(
        Account="account",
        Flag=pl.lit(None, dtype=pl.String),
        Date=pl.col("entry_date").cast(pl.String),
        Payee=_WRITTEN_PAYEE,
        **{"Category Group/Category": pl.when(_GROUP.is_not_null() | _CATEGORY.is_not_null()).then(both)},
        **{"Category Group": _GROUP},
        Category=_CATEGORY,
        Memo=pl.when(has("part_no")).then(pl.concat_str(mark, note, separator=" ", ignore_nulls=True)).otherwise(note),
        Outflow=exact_text(pl.when(amount < 0).then(-amount).otherwise(_NOTHING), currency),
        Inflow=exact_text(pl.when(amount > 0).then(amount).otherwise(_NOTHING), currency),
        Cleared=_CLEARED,
    )


_BECOMES = (
    pl.when(NAMED_TRANSFER)
    .then(pl.lit("transfer"))
    .when(_IS_OPENING)
    .then(pl.lit("opening_balance"))
    .when(_IS_INCOME)
    .then(pl.lit("income"))
    .when(has("category_name"))
    .then(pl.lit("expense"))
    .otherwise(BY_SIGN)
)
"""Money into a category of spending is less spent in YNAB, not income."""

TARGET = Target(
    name="ynab",
    title="YNAB",
    columns=_COLUMNS,
    rows=_rows,
    one_currency=True,
    losses=(
        kind_loss(_BECOMES),
        Loss(
            "the payee of a transfer or an opening balance",
            "YNAB's own words",
            (NAMED_TRANSFER | _IS_OPENING) & PAYEE.is_not_null() & (PAYEE != _WRITTEN_PAYEE),
        ),
        Loss(
            "the group above the category of income",
            "YNAB's group Inflow",
            _IS_INCOME & has("category_group") & (pl.col("category_group") != _INFLOW),
        ),
        Loss(
            "a payee, group or memo in words that YNAB gives a meaning",
            "is read with that meaning",
            (~NAMED_TRANSFER & PAYEE.str.contains(_SAYS_TRANSFER))
            | (~_IS_OPENING & ~NAMED_TRANSFER & (PAYEE == _OPENING))
            | (~_IS_INCOME & pl.col("category_group").is_in(_INCOME_GROUPS))
            | (~has("part_no") & pl.col("note").str.contains(_SAYS_SPLIT)),
        ),
        *(NO_TIME, NO_LABELS, NO_SPLIT_APART, COUNTERPARTY_AS_PAYEE, NO_COUNTERPARTY, NO_EXCLUSION, NO_ORIGINAL),
        *(FINE_AMOUNT, _NO_WORD, NO_EXTRA),
    ),
)
