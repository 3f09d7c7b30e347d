"""Which legs of transfers belong together, where an app does not say: only pairs that are beyond doubt."""

from __future__ import annotations

import polars as pl

_KEY = ("entry_date", "currency_code", "worth")


def other_accounts(legs: pl.DataFrame) -> pl.Series:
    """For each leg the account of its other leg: same day, same amount, other direction, and no third leg like them.

    Args:
        legs: `account` (its name), `account_id`, `entry_date`, `entry_amount`, `currency_code`, one row per leg.

    Returns:
        Names, as long as `legs`; null where there is no partner, or more than one could be it.
    """
    signed = legs.with_columns(worth=pl.col("entry_amount").abs(), out=pl.col("entry_amount") < 0)
    ends = {"from": pl.col("out"), "to": ~pl.col("out")}
    pairs = (
        signed.group_by(_KEY)
        .agg(
            pl.len(),
            *(pl.col("account").filter(end).first().alias(name) for name, end in ends.items()),
            *(pl.col("account_id").filter(end).first().alias(f"{name} id") for name, end in ends.items()),
        )
        .filter((pl.col("len") == 2) & (pl.col("from id") != pl.col("to id")))  # noqa: PLR2004 - a pair
    )
    joined = signed.join(pairs, on=_KEY, how="left", maintain_order="left")
    return joined.select(pl.when("out").then("to").otherwise("from")).to_series()
