"""The two legs of a transfer, where an app writes each as a row and never says which belong together.

Put here which pairs are beyond doubt. Those of one moment come first, then those of one day; legs that could belong to
several others stay alone.
"""

from __future__ import annotations

import polars as pl

_FOUND = ("transfer_account", "transfer_group")


def with_partners(frame: pl.DataFrame, moment: str, *, name: str = "account_id") -> pl.DataFrame:
    """The frame with `transfer_account` and `transfer_group`, null for what is no transfer or has no sure partner.

    Args:
        frame: `row_no`, `account_id`, `entry_date`, `entry_amount`, `currency_code`, `is_transfer`.
        moment: Name of the column whose text is equal on both legs when the app writes their time.
        name: Name of the column with the accounts' names, where those are not their ids.
    """
    nothing = [pl.lit(None, dtype=pl.String).alias(name) for name in _FOUND]
    legs = frame.filter("is_transfer").select(
        *("row_no", "account_id", "currency_code"),
        moment=pl.col(moment),
        name=pl.col(name),
        day=pl.col("entry_date").cast(pl.String),
        worth=pl.col("entry_amount").abs().cast(pl.String),
        out=pl.col("entry_amount") < 0,
    )
    if legs.is_empty():
        return frame.with_columns(nothing)
    exact = _paired(legs, "moment")
    rest = legs.join(exact, on="row_no", how="anti")
    found = pl.concat([exact, _paired(rest, "day")])
    return frame.join(found, on="row_no", how="left", maintain_order="left")


def _paired(legs: pl.DataFrame, when: str) -> pl.DataFrame:
    """`row_no` and what is found of the legs that have exactly one partner."""
    key = [when, "worth", "currency_code"]
    ends = {"from": pl.col("out"), "to": ~pl.col("out")}
    pairs = (
        legs.group_by(key)
        .agg(
            pl.len(),
            *(pl.col("account_id").filter(end).first().alias(side) for side, end in ends.items()),
            *(pl.col("name").filter(end).first().alias(f"{side} name") for side, end in ends.items()),
        )
        .filter((pl.col("len") == 2) & (pl.col("from") != pl.col("to")))  # noqa: PLR2004 - a pair
        .with_columns(transfer_group=pl.concat_str(*key, "from", "to", separator="|"))
    )
    joined = legs.join(pairs, on=key, how="inner", maintain_order="left")
    return joined.select(
        "row_no",
        transfer_account=pl.when("out").then("to name").otherwise("from name"),
        transfer_group="transfer_group",
    )
