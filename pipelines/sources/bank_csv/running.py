"""The running balance of every account: does it add up, and where does the statement begin and end.

Put here what rows beside each other say about balances. Banks write the newest row first or last; the order in which
more balances follow from each other is the file's, the dates decide where none or both do. Opening is the balance
before the oldest row, closing the one behind the newest; where those rows have none, they stay empty. A balance that
does not follow is counted and told, never mended.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import polars as pl

from pipelines.sources.kind_frames import json_of, shaped
from pipelines.sources.money_text import MONEY
from pipelines.sources.source import Batch
from warehouse.record_kinds import STATEMENTS

IDENTITY = (
    *("account_id", "statement_number", "first_date", "last_date"),
    *("opening_amount", "closing_amount", "currency_code"),
)
"""What names a statement, which has no id of its own."""

_KEY = ["account_id", "currency_code"]
_SEEN: dict[str, pl.DataType] = {
    "row_no": pl.Int64(),
    "booked_date": pl.Date(),
    "transaction_amount": MONEY,
    "balance": MONEY,
}

_STATEMENT: dict[str, pl.DataType | type[pl.DataType]] = {
    "row_no": pl.Int64,
    "account_id": pl.String,
    "first_date": pl.Date,
    "last_date": pl.Date,
    "opening_amount": MONEY,
    "closing_amount": MONEY,
    "transactions_amount": MONEY,
    "transactions_count": pl.Int64,
    "currency_code": pl.String,
    "breaks": pl.Int64,
}


@dataclass(slots=True)
class _Run:
    """One account in one currency, so far."""

    first: tuple[date, Decimal, Decimal | None]
    last: tuple[date, Decimal, Decimal | None]
    row: int
    amount: Decimal = Decimal(0)
    count: int = 0
    earliest: date = date.max
    latest: date = date.min
    pairs: int = 0
    down: int = 0
    """Pairs of rows that add up when the oldest stands first."""
    up: int = 0

    @property
    def oldest_first(self) -> bool:
        """The order of the rows in the file."""
        if self.down != self.up:
            return self.down > self.up
        return self.first[0] <= self.last[0]

    def ends(self) -> tuple[Decimal | None, Decimal | None]:
        """The balances before the oldest and behind the newest row."""
        oldest, newest = (self.first, self.last) if self.oldest_first else (self.last, self.first)
        opening = oldest[2] - oldest[1] if oldest[2] is not None else None
        return opening, newest[2]


class RunningBalances:
    """Sums and balances over all stretches of a file."""

    def __init__(self) -> None:
        """Begin before the first row."""
        self._runs: dict[tuple[str, str], _Run] = {}
        self._before = pl.DataFrame(schema={**dict.fromkeys(_KEY, pl.String()), **_SEEN})
        self._stated: dict[tuple[str, str], dict[str, Decimal]] = {}

    def add(self, booked: pl.DataFrame) -> None:
        """Take note of booked transactions, in the file's order: key, `_SEEN`."""
        if booked.is_empty():
            return
        new = booked.select([*_KEY, *_SEEN])
        joined = pl.concat([self._before, new])
        previous_balance, previous_amount = (
            pl.col(name).shift(1).over(_KEY) for name in ("balance", "transaction_amount")
        )
        pairs = joined.select(
            *_KEY,
            pair=previous_balance.is_not_null() & pl.col("balance").is_not_null(),
            down=pl.col("balance") == previous_balance + pl.col("transaction_amount"),
            up=previous_balance == pl.col("balance") + previous_amount,
        )
        hits = pairs.group_by(_KEY).agg(pl.col("pair", "down", "up").sum())
        edges = new.group_by(_KEY, maintain_order=True).agg(
            pl.struct("booked_date", "transaction_amount", "balance").first().alias("first"),
            pl.struct("booked_date", "transaction_amount", "balance").last().alias("last"),
            pl.col("row_no").first(),
            pl.col("transaction_amount").sum(),
            pl.len(),
            pl.col("booked_date").min().alias("earliest"),
            pl.col("booked_date").max().alias("latest"),
        )
        for row in edges.join(hits, on=_KEY, how="left").iter_rows(named=True):
            first, last = (tuple(row[edge].values()) for edge in ("first", "last"))
            run = self._runs.setdefault((row["account_id"], row["currency_code"]), _Run(first, last, row["row_no"]))
            run.last = last
            run.amount += row["transaction_amount"]
            run.count += row["len"]
            run.earliest = min(run.earliest, row["earliest"])
            run.latest = max(run.latest, row["latest"])
            run.pairs += row["pair"]
            run.down += row["down"]
            run.up += row["up"]
        self._before = joined.unique(_KEY, keep="last", maintain_order=True)

    def state(self, account: str, currency: str, which: str, balance: Decimal) -> None:
        """Take note of an `opening` or `closing` balance that the file states in a row of its own."""
        stated = self._stated.setdefault((account, currency), {})
        # The first opening and the last closing are those of the whole file.
        if which == "closing" or which not in stated:
            stated[which] = balance

    def statements(self, period: tuple[date | None, date | None]) -> Batch:
        """One row per account and currency; `period` is the one the file states, where it tells of one account."""
        rows = []
        alone = len(self._runs) == 1
        for (account, currency), run in sorted(self._runs.items(), key=lambda pair: pair[1].row):
            opening, closing = run.ends()
            stated = self._stated.get((account, currency), {})
            breaks = run.pairs - max(run.down, run.up)
            first, last = period if alone and all(period) else (None, None)
            rows.append(
                {
                    "row_no": run.row,
                    "account_id": account,
                    "first_date": min(first or run.earliest, run.earliest),
                    "last_date": max(last or run.latest, run.latest),
                    "opening_amount": stated.get("opening", opening),
                    "closing_amount": stated.get("closing", closing),
                    "transactions_amount": run.amount,
                    "transactions_count": run.count,
                    "currency_code": currency,
                    "breaks": breaks or None,
                }
            )
        names = [name for name in _STATEMENT if name not in {"row_no", "breaks"}]
        frame = pl.DataFrame(rows, schema=_STATEMENT)
        extra = {"extra": json_of({"balances_that_do_not_follow": pl.col("breaks")})}
        made = shaped(STATEMENTS, frame, {name: pl.col(name) for name in names} | extra)
        return Batch(STATEMENTS.name, made, IDENTITY)
