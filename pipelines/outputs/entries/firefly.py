"""Firefly III's export of transactions: a row per journal, from a source to a destination.

An entry is a withdrawal or a deposit, a transfer's two legs are one journal, the parts of a split are journals of one
group. Keys of the warehouse stand where Firefly writes its numbers, so that a file made again names the same entries.
"""

from __future__ import annotations

import polars as pl

from pipelines.outputs.entries.target import (
    COUNTERPARTY_AS_PAYEE,
    FINE_AMOUNT,
    IS_TRANSFER,
    NAMED_TRANSFER,
    NO_COUNTERPARTY,
    NO_EXCLUSION,
    NO_EXTRA,
    PAYEE,
    Loss,
    Target,
    has,
    kind_loss,
)
from pipelines.outputs.minor_units import exact_text

_HEADER = """
    user_id group_id journal_id created_at updated_at group_title type currency_code amount foreign_currency_code
    foreign_amount primary_currency_code pc_amount pc_foreign_amount description date source_name source_iban
    source_type destination_name destination_iban destination_type reconciled category budget bill tags notes sepa_cc
    sepa_ct_op sepa_ct_id sepa_db sepa_country sepa_ep sepa_ci sepa_batch_id external_url interest_date book_date
    process_date due_date payment_date invoice_date recurrence_id internal_reference bunq_payment_id import_hash
    import_hash_v2 external_id original_source recurrence_total recurrence_count recurrence_date
"""
_COLUMNS = tuple(_HEADER.split())
_OWN = pl.lit("Asset account")
_KIND, _AMOUNT = pl.col("entry_kind"), pl.col("entry_amount")
_ARRIVES = _AMOUNT > 0
_TYPE = (
    pl.when(NAMED_TRANSFER)
    .then(pl.lit("Transfer"))
    .when(_KIND == "opening_balance")
    .then(pl.lit("Opening balance"))
    .when(_KIND == "adjustment")
    .then(pl.lit("Reconciliation"))
    .when(_ARRIVES)
    .then(pl.lit("Deposit"))
    .otherwise(pl.lit("Withdrawal"))
)
_BECOMES = (
    pl.when(NAMED_TRANSFER | _KIND.is_in(["opening_balance", "adjustment"]))
    .then(_KIND)
    .when(_ARRIVES)
    .then(pl.lit("income"))
    .otherwise(pl.lit("expense"))
)
_OTHER_TYPE = (
    pl.when(NAMED_TRANSFER)
    .then(_OWN)
    .when(_KIND == "opening_balance")
    .then(pl.lit("Initial balance account"))
    .when(_KIND == "adjustment")
    .then(pl.lit("Reconciliation account"))
    .when(_ARRIVES)
    .then(pl.lit("Revenue account"))
    .otherwise(pl.lit("Expense account"))
)
_OTHER = pl.when(NAMED_TRANSFER).then("other_account").otherwise(PAYEE)
_CROSSES = pl.col("is_paired") & (pl.col("other_currency_code") != pl.col("currency_code"))
_HAS_ORIGINAL = (
    (has("original_amount") & (pl.col("original_currency_code") != pl.col("currency_code")))
    .fill_null(value=False)
    .and_(~IS_TRANSFER)
)
_FOREIGN = pl.when(_CROSSES).then("other_currency_code").when(_HAS_ORIGINAL).then("original_currency_code")
_FOREIGN_AMOUNT = pl.when(_CROSSES).then("other_amount").when(_HAS_ORIGINAL).then("original_amount").abs()
_GROUPED = has("part_no") & pl.col("is_one_way")
_SECOND = pl.col("entry_at").dt.truncate("1s")
_TIME_FITS = (
    (has("entry_at") & (pl.col("entry_at").dt.date() == pl.col("entry_date")))
    .fill_null(value=False)
    .and_(_SECOND.dt.replace_time_zone(None) != pl.col("entry_date").cast(pl.Datetime("us")))
)
_INSTANT = (
    pl.when(_TIME_FITS).then(_SECOND.dt.replace_time_zone(None)).otherwise(pl.col("entry_date").cast(pl.Datetime("us")))
)
_RECONCILED = pl.col("cleared_status").str.strip_chars().str.to_lowercase() == "reconciled"
_TEXTS = ("note", "category_name", "labels", "payee_name", "counterparty_name")


def _rows(entries: pl.DataFrame) -> pl.DataFrame:
    currency = pl.col("currency_code")
    signed = pl.when((_TYPE == "Withdrawal") & (_AMOUNT != 0)).then(-_AMOUNT.abs()).otherwise(_AMOUNT.abs())
    # Both legs of a transfer are one journal: that of the leg which leaves.
    journals = entries.filter(~(NAMED_TRANSFER & pl.col("is_paired") & pl.col("is_arrival")))
    written = journals.select(
        group_id=pl.when(_GROUPED).then("first_key").otherwise("entry_key"),
        journal_id="entry_key",
        group_title=pl.when(_GROUPED).then(pl.coalesce(PAYEE.str.strip_chars().replace("", None), pl.lit("Split"))),
        type=_TYPE,
        currency_code=currency,
        amount=exact_text(signed, currency),
        foreign_currency_code=_FOREIGN,
        foreign_amount=exact_text(_FOREIGN_AMOUNT, _FOREIGN),
        description="note",
        date=pl.concat_str(_INSTANT.dt.strftime("%Y-%m-%dT%H:%M:%S"), pl.lit("+00:00")),
        source_name=pl.when(_ARRIVES).then(_OTHER).otherwise("account"),
        source_type=pl.when(_ARRIVES).then(_OTHER_TYPE).otherwise(_OWN),
        destination_name=pl.when(_ARRIVES).then("account").otherwise(_OTHER),
        destination_type=pl.when(_ARRIVES).then(_OWN).otherwise(_OTHER_TYPE),
        reconciled=pl.when(_RECONCILED).then(pl.lit("1")),
        category="category_name",
        tags="labels",
    )
    nothing = pl.lit(None, dtype=pl.String)
    return written.select(pl.col(name) if name in written.columns else nothing.alias(name) for name in _COLUMNS)


TARGET = Target(
    name="firefly",
    title="Firefly III",
    columns=_COLUMNS,
    rows=_rows,
    losses=(
        kind_loss(_BECOMES),
        Loss("the group above a category", "left out", has("category_group")),
        Loss("the payee of a transfer", "left out", NAMED_TRANSFER & PAYEE.is_not_null()),
        Loss(
            "a transfer whose other leg is not among the entries",
            "Firefly writes both sides, so the other account moves too",
            NAMED_TRANSFER & ~pl.col("is_paired"),
        ),
        Loss(
            "what the arriving leg of a transfer tells otherwise than the one that leaves",
            "left out",
            NAMED_TRANSFER & pl.col("is_paired") & pl.col("is_arrival") & ~pl.col("is_mirror"),
        ),
        Loss(
            "parts of a split that a group cannot hold: other days, accounts or currencies, both signs, transfers",
            "entries of their own",
            has("split_group") & ~_GROUPED,
        ),
        Loss(
            "a time of midnight in UTC, or on another day in UTC than the person's",
            "left out; the day stays",
            has("entry_at") & ~_TIME_FITS,
        ),
        Loss("fractions of a second", "left out", _TIME_FITS & (pl.col("entry_at") != _SECOND)),
        Loss("whether it is cleared", "left out, unless it is reconciled", has("cleared_status") & ~_RECONCILED),
        Loss(
            "the amount in the currency it was paid in, without that currency, or of a transfer",
            "left out",
            has("original_amount") & ~_HAS_ORIGINAL,
        ),
        Loss(
            "blanks around a text",
            "left out",
            pl.any_horizontal(
                (pl.col(name) != pl.col(name).str.strip_chars()).fill_null(value=False) for name in _TEXTS
            ),
        ),
        *(FINE_AMOUNT, COUNTERPARTY_AS_PAYEE, NO_COUNTERPARTY, NO_EXCLUSION, NO_EXTRA),
    ),
)
