"""Amounts, currencies and moments of a Money Manager backup, as text other readers take.

Put here which of a row's three amounts is its account's own, and how the two platforms count time. Keep out what the
rows mean (`mmbak`).
"""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from pipelines.sources.apps.mmbak_accounts import iso_codes, main_currency
from pipelines.sources.apps.mmbak_tables import Backup
from pipelines.sources.date_text import INSTANT

_TOO_FINE = r"^-?[0-9]+\.[0-9]{5,}$"
_STORED = Decimal("0.0001")
_MILLISECONDS_FROM = 100_000_000_000
_SECONDS_FROM = 1_200_000_000
"""Numbers below count seconds from 2001 on, as Apple does: this one lies in 2039 there, and in 2008 otherwise."""
_APPLE_EPOCH = 978_307_200
_MICRO = 1_000_000
_LATEST = 7_000_000_000
"""In 2191."""
_COUNT = pl.Decimal(24, 6)
_NUMBER = r"^([0-9]{1,16}(?:\.[0-9]{1,6})?)[0-9]*$"


def with_amounts(backup: Backup, answered: str) -> pl.DataFrame:
    """The entries with `amount` (text), `currency_code`, `entered_currency` and `to_currency`; null where unknown.

    `AMOUNT_ACCOUNT` is in the currency of the row's account. `ZMONEY`, which old versions have alone, was restated in
    the main currency of the day of the backup.
    """
    codes = iso_codes(backup)
    main = main_currency(backup)
    of_account = {
        uid: codes.get(currency or "") for uid, currency in backup.assets.select("uid", "currency").iter_rows() if uid
    }

    def looked_up(column: str, table: dict[str, str | None]) -> pl.Expr:
        return pl.col(column).replace_strict(list(table), list(table.values()), default=None, return_dtype=pl.String)

    own = looked_up("asset", of_account)
    row = looked_up("currency", dict(codes))
    said, by_main = pl.lit(answered or None, dtype=pl.String), pl.lit(main or None, dtype=pl.String)
    # Rows older than the column have a nought in it.
    account_amount = pl.col("account_amount").replace(["", "0"], None)
    by_account = account_amount.is_not_null()
    code = (
        pl.when(by_account).then(pl.coalesce(own, row, by_main, said)).otherwise(pl.coalesce(by_main, row, own, said))
    )
    return backup.entries.with_columns(
        amount=pl.coalesce(account_amount, pl.col("main_amount").replace("", None), "account_amount"),
        currency_code=code,
        entered_currency=row,
        to_currency=looked_up("to_asset", of_account),
    )


def rounded(text: pl.Series) -> pl.Series:
    """Amounts to the four decimals that are kept: the app keeps converted ones to every digit of a float."""
    fine = text.str.contains(_TOO_FINE).fill_null(value=False)
    if not fine.any():
        return text
    cells = text.filter(fine).unique()
    shorter = {cell: f"{Decimal(cell).quantize(_STORED):f}" for cell in cells}
    return text.replace(list(shorter), list(shorter.values()))


def with_moments(entries: pl.DataFrame) -> pl.DataFrame:
    """The entries with `entry_at`, and with the UTC day of it where the row names no day."""
    written = pl.col("moment").str.strip_chars()
    plain = pl.when(written.str.contains(_NUMBER)).then(written.str.extract(_NUMBER, 1))
    number = plain.cast(_COUNT)
    seconds = (
        pl.when(number >= _MILLISECONDS_FROM)
        .then(number / 1000)
        .when(number >= _SECONDS_FROM)
        .then(number)
        .when(number > 0)
        .then(number + _APPLE_EPOCH)
    ).cast(_COUNT)
    in_range = seconds.is_between(0, _LATEST)
    instant = pl.when(in_range).then((seconds * _MICRO).cast(pl.Int64)).cast(INSTANT)
    timed = entries.with_columns(entry_at=instant)
    day = pl.col("day").str.strip_chars().replace("", None)
    return timed.with_columns(day=pl.coalesce(day, pl.col("entry_at").dt.strftime("%Y-%m-%d")))
