"""What a file was understood to say, told to the person before anything is merged."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

import polars as pl
import pyarrow as pa

from pipelines.ingest.decoding import Rejects, Rows, Stretch

SHOWN_REJECTS = 5


@dataclass(slots=True)
class Money:
    """Totals of one account in one currency."""

    rows: int = 0
    money_in: Decimal = Decimal(0)
    money_out: Decimal = Decimal(0)
    first: dt.date | None = None
    last: dt.date | None = None


@dataclass(slots=True)
class Understanding:
    """A file, as understood.

    Attributes:
        accounts: (account, currency) to its totals.
        names: What the accounts are called, by their ids.
        rows_in: Rows the file holds.
        rows_out: Rows that can be merged.
        rejects: The first rows that would be set aside: (row, column, value, reason, cure).
        reject_count: How many there are.
    """

    accounts: dict[tuple[str, str], Money] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    rows_in: int = 0
    rows_out: int = 0
    rejects: list[tuple[int | None, str, str, str, str]] = field(default_factory=list)
    reject_count: int = 0


MONEY_COLUMNS = {
    "ledger_entries": ("entry_date", "entry_amount"),
    "bank_transactions": ("booked_date", "transaction_amount"),
}
"""Day and amount of the record kinds that tell of money moved."""


def understand(pieces: Iterable[Rows | Rejects | Stretch]) -> Understanding:
    """Sum up what a decoded file holds, without keeping its rows."""
    result = Understanding()
    for piece in pieces:
        match piece:
            case Rows(kind=kind) if kind in MONEY_COLUMNS:
                result.rows_out += len(piece.table)
                _add_money(result, piece.table, *MONEY_COLUMNS[kind])
            case Rows(kind="accounts"):
                called = piece.table.select(["record_id", "account_name"]).to_pydict()
                result.names.update(zip(called["record_id"], called["account_name"], strict=True))
            case Rejects():
                _add_rejects(result, piece.table)
            case Stretch():
                result.rows_in += sum(count for kind, count in piece.rows_read.items() if kind in MONEY_COLUMNS)
            case _:
                pass
    return result


def _add_money(result: Understanding, table: pa.Table, date: str, amount: str) -> None:
    frame = pl.DataFrame(pl.from_arrow(table.select(["account_id", "currency_code", date, amount])))
    totals = frame.group_by("account_id", "currency_code").agg(
        pl.len().alias("rows"),
        pl.col(amount).filter(pl.col(amount) > 0).sum().alias("money_in"),
        pl.col(amount).filter(pl.col(amount) < 0).sum().alias("money_out"),
        pl.col(date).min().alias("first"),
        pl.col(date).max().alias("last"),
    )
    for row in totals.iter_rows(named=True):
        known = result.accounts.setdefault((row["account_id"], row["currency_code"]), Money())
        known.rows += row["rows"]
        known.money_in += row["money_in"] or Decimal(0)
        known.money_out += row["money_out"] or Decimal(0)
        known.first = min(filter(None, (known.first, row["first"])))
        known.last = max(filter(None, (known.last, row["last"])))


def _add_rejects(result: Understanding, table: pa.Table) -> None:
    result.reject_count += len(table)
    for row in table.slice(0, max(0, SHOWN_REJECTS - len(result.rejects))).to_pylist():
        shown = (row["row_no"], row["column"] or "", row["value"] or "", row["reason"], row["cure"])
        result.rejects.append(shown)
