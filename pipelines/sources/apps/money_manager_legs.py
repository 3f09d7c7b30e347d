"""The two rows of a transfer in Money Manager's table: `Transfer-Out` names where it went, `Transfer-In` whence.

Put here which rows belong together and what becomes of one that is alone. An export of one account, and the import
table, have one row of each transfer: the other account's leg is then made from it, so that money that left one account
arrives in the other. It bears what the row itself would bear, so an export that has the row adds nothing to it.
"""

from __future__ import annotations

import polars as pl

_KEY = ("date", "from", "to")


class Legs:
    """Takes the transfer rows stretch by stretch; one whose partner has not come yet waits."""

    def __init__(self) -> None:
        """Begin before the first row."""
        self._held = pl.DataFrame()

    @property
    def waiting(self) -> int:
        """Rows that wait."""
        return self._held.height

    def matched(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Of the rows that wait and these, those with their partner; with `transfer_account`, `transfer_group`."""
        told = _told(rows)
        told = pl.concat([self._held, told], how="diagonal") if self._held.height else told
        paired, self._held = _paired(told, [*_KEY, "worth"])
        return paired

    def ending(self) -> tuple[pl.DataFrame, int]:
        """The rows that still wait, each with its other leg; and how many legs were made for that.

        Two rows of one moment between the same accounts belong together though the sums differ: currencies do.
        """
        alone = ~pl.col("key").is_duplicated()
        held = self._held.with_columns(key=pl.concat_str(*_KEY, pl.col("is_out").cast(pl.String), separator="|"))
        paired, rest = _paired(held.filter(alone).drop("key"), list(_KEY))
        rest = pl.concat([rest, held.filter(~alone).drop("key")], how="diagonal")
        self._held = self._held.clear()
        turn = pl.int_range(pl.len()).over([*_KEY, "worth"])
        named = (pl.col(name).cast(pl.String) for name in (*_KEY, "worth"))
        group = pl.concat_str(*named, turn.cast(pl.String), separator="|")
        rest = rest.with_columns(transfer_account="name", transfer_group=group)
        known = rest.filter(pl.col("name").is_not_null())
        made = known.with_columns(
            account_id="name",
            transfer_account="account_id",
            entry_amount=-pl.col("entry_amount"),
            original_amount=-pl.col("original_amount"),
        )
        return pl.concat([paired, rest, made], how="diagonal").sort("row_no"), made.height


def _told(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with where the money came from and went to."""
    is_out = pl.col("entry_amount") < 0
    return rows.with_columns(
        is_out.alias("is_out"),
        pl.when(is_out).then("account_id").otherwise("name").fill_null("").alias("from"),
        pl.when(is_out).then("name").otherwise("account_id").fill_null("").alias("to"),
        worth=pl.col("entry_amount").abs(),
    )


def _paired(rows: pl.DataFrame, key: list[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows with their partner, the first with the first of several alike; and those without."""
    numbered = rows.with_columns(pl.int_range(pl.len()).over([*key, "is_out"]).alias("turn"))
    both = [*key, "turn"]
    is_paired = pl.len().over(both) == 2  # noqa: PLR2004 - one each way
    told = numbered.with_columns(is_paired.alias("is_paired"))
    group = pl.concat_str(*(pl.col(name).cast(pl.String) for name in both), separator="|")
    found = told.filter("is_paired").with_columns(transfer_account="name", transfer_group=group)
    rest = told.filter(~pl.col("is_paired"))
    return found.drop("turn", "is_paired"), rest.drop("turn", "is_paired")
