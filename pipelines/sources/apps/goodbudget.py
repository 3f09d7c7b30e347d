"""The CSV that Goodbudget exports, with or without the columns Details and check number.

Put here what Goodbudget's columns mean. A row with several envelopes names them in `Details`: it becomes an entry per
part. A fill moves no money between accounts, only between envelopes: it becomes plan lines.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import polars as pl

from pipelines.sources.apps.app_table import AppTable, EntryReader
from pipelines.sources.apps.envelope_parts import Parts, read_parts
from pipelines.sources.apps.paired_legs import with_partners
from pipelines.sources.conventions import Conventions
from pipelines.sources.date_text import parse_days
from pipelines.sources.delimited import Stretch
from pipelines.sources.kind_frames import json_of, set_aside, shaped
from pipelines.sources.money_text import parse_money
from pipelines.sources.parsed_column import ParsedColumn
from pipelines.sources.serial_days import written_out
from pipelines.sources.source import Batch, Decoded
from warehouse.planning_kinds import BUDGETS
from warehouse.record_kinds import LEDGER_ENTRIES

_NEEDED = frozenset({"Date", "Envelope", "Account", "Name", "Notes", "Amount", "Status"})
_DETAILS = "Details"
_IDENTITY = ("account_id", "entry_date", "entry_amount", "currency_code", "payee_name", "note")
_FILL_IDENTITY = ("month_date", "category_group", "category_name", "budgeted_amount", "currency_code")
_NO_ACCOUNT = "[none]"
_TRANSFER = r"(?i)\btransfer\b"
_OPENING = r"(?i)^(starting|initial|opening) balance$"


class GoodbudgetFormat(AppTable):
    """Reads the export; see docs/formats.md for the rules."""

    source = "goodbudget"
    title = "Goodbudget (CSV)"
    kinds = ("accounts", "budgets", "ledger_entries")
    needed = _NEEDED
    amounts: ClassVar[tuple[str, ...]] = ("Amount",)
    date = "Date"

    def begin(self, conventions: Conventions, currency: str) -> EntryReader:
        """The reader of one file."""
        return _Reader(conventions, currency)

    def days(self, frame: pl.DataFrame) -> pl.Series:
        """The days, those a spreadsheet counted written out."""
        return written_out(frame["Date"])


class _Reader(EntryReader):
    def decoded(self, stretch: Stretch) -> Decoded:
        frame = stretch.frame.with_columns(Date=written_out(stretch.frame["Date"]))
        if _DETAILS not in frame.columns:
            frame = frame.with_columns(pl.lit(None, dtype=pl.String).alias(_DETAILS))
        amounts = parse_money(frame["Amount"], self.conventions.mark).requiring("amount")
        parts = read_parts(frame[_DETAILS], amounts, self.conventions.mark)
        is_fill = _fills(frame, amounts, parts)
        read = {
            "account_id": ("Account", _accounts(frame, amounts, is_fill)),
            "entry_date": ("Date", parse_days(frame["Date"], self.conventions.order).requiring("date")),
            "entry_amount": ("Amount", amounts),
            "part_count": (_DETAILS, ParsedColumn(parts.counts, parts.refusals(is_fill))),
        }
        told = frame.with_columns(is_fill.alias("is_fill"), pl.int_range(frame.height, dtype=pl.UInt32).alias("place"))
        whole, rejects = set_aside(LEDGER_ENTRIES.name, told, read)
        fills, rows = whole.filter("is_fill"), whole.filter(~pl.col("is_fill"))
        entries = self._entries(rows, parts)
        self.accounts.add(entries)
        expected = int(rows["part_count"].clip(lower_bound=1).sum())
        return Decoded(
            (
                Batch(LEDGER_ENTRIES.name, entries, _IDENTITY),
                Batch(BUDGETS.name, self._budgets(fills, parts), _FILL_IDENTITY),
            ),
            pl.concat([stretch.rejects, rejects]).sort("row_no"),
            {
                LEDGER_ENTRIES.name: stretch.rejects.height + rejects.height + expected,
                BUDGETS.name: int(fills["part_count"].sum()),
            },
        )

    def _entries(self, rows: pl.DataFrame, parts: Parts) -> pl.DataFrame:
        """An entry per row, or per part of a row that has several."""
        is_plain = pl.col("Envelope").str.strip_chars().replace("", None).is_null() & (pl.col("part_count") == 0)
        named = pl.col("Name").str.contains(_TRANSFER) | (pl.col("Envelope").str.strip_chars() == "Transfer")
        rows = rows.with_columns(
            currency_code=pl.lit(self.currency),
            no_envelope=is_plain & (pl.col("entry_amount") != 0),
            is_transfer=(is_plain & (pl.col("entry_amount") != 0)) | named.fill_null(value=False),
            is_named=named.fill_null(value=False),
        )
        rows = with_partners(rows, "Date")
        # A row without an envelope is a transfer only when its other leg is found, or its name says so.
        rows = rows.with_columns(is_transfer=pl.col("is_named") | pl.col("transfer_account").is_not_null())
        rows = rows.join(_split_groups(rows), on="place", how="left", maintain_order="left")
        split = rows.join(parts.frame, on="place", how="left", maintain_order="left")
        several = pl.col("part_count") > 1
        split = split.with_columns(
            envelope=pl.coalesce("part_envelope", pl.col("Envelope").str.strip_chars().replace("", None)),
            part_amount=pl.when(several).then("part_amount").otherwise("entry_amount"),
        )
        return shaped(LEDGER_ENTRIES, split, _columns(split))

    def _budgets(self, fills: pl.DataFrame, parts: Parts) -> pl.DataFrame:
        lines = fills.join(parts.frame, on="place", how="inner", maintain_order="left")
        lines = lines.with_columns(envelope=pl.col("part_envelope"))
        taken = {"Envelope", "Amount", "Details"}
        cells = {name: pl.col(name) for name in fills.columns if name in _NEEDED - taken and fills[name].count()}
        return shaped(
            BUDGETS,
            lines,
            {
                "month_date": pl.col("entry_date").dt.month_start(),
                **_category(),
                "budget_kind": pl.lit("envelope"),
                "budgeted_amount": pl.col("part_amount"),
                "currency_code": pl.lit(self.currency),
                "extra": json_of(cells | _others(fills)),
            },
        )


def _split_groups(rows: pl.DataFrame) -> pl.DataFrame:
    """`place` of each split and a name for it: what the row says, and its number among those that say the same."""
    cells = [pl.col(name).fill_null("") for name in ("Date", "Account", "Name", "Amount")]
    splits = rows.filter(pl.col("part_count") > 1).select("place", said=pl.concat_str(cells, separator="|"))
    turn = pl.int_range(pl.len()).over("said")
    return splits.select("place", split_group=pl.concat_str("said", pl.lit("|"), turn))


def _fills(frame: pl.DataFrame, amounts: ParsedColumn, parts: Parts) -> pl.Series:
    """Rows that only move money between envelopes: nothing in the account, something in the envelopes."""
    of_account = ~frame["Account"].str.strip_chars().is_in(["", _NO_ACCOUNT]).fill_null(value=True)
    moves = parts.sums != 0
    still = (amounts.values == 0) & (parts.counts > 0)
    return (still & (moves | ~of_account)).fill_null(value=False)


def _accounts(frame: pl.DataFrame, amounts: ParsedColumn, is_fill: pl.Series) -> ParsedColumn:
    """The accounts; a fill needs none, and a row that moves nothing in none says nothing."""
    names = frame["Account"].str.strip_chars().replace("", None)
    values = names.zip_with(~(is_fill & names.is_null()), pl.Series([_NO_ACCOUNT]))
    read = ParsedColumn(values, pl.DataFrame(schema={"position": pl.UInt32, "reason": pl.String, "cure": pl.String}))
    empty = ((amounts.values == 0) & ~is_fill & (names == _NO_ACCOUNT)).fill_null(value=False)
    silent = (
        empty.arg_true()
        .cast(pl.UInt32)
        .alias("position")
        .to_frame()
        .with_columns(
            reason=pl.lit("the row moves money neither in an account nor in an envelope"),
            cure=pl.lit("export the file again with the column Details, which says what a fill put where"),
        )
    )
    return ParsedColumn(values, pl.concat([read.requiring("account").refusals, silent]).sort("position"))


def _category() -> Mapping[str, pl.Expr]:
    """`Group: Name` of an envelope."""
    parted = pl.col("envelope").str.extract_groups(r"^(?:(.*?): )?(.+)$")
    return {"category_group": parted.struct[0], "category_name": parted.struct[1]}


def _columns(frame: pl.DataFrame) -> dict[str, pl.Expr]:
    kind = (
        pl.when("is_transfer")
        .then(pl.lit("transfer"))
        .when(pl.col("Name").str.strip_chars().str.contains(_OPENING))
        .then(pl.lit("opening_balance"))
        .when(pl.col("part_amount") > 0)
        .then(pl.lit("income"))
        .otherwise(pl.lit("expense"))
    )
    left = frame["Envelope"].str.strip_chars().replace("", None)
    cells = {"Envelope": pl.when(pl.lit(left) != pl.col("envelope")).then("Envelope")}
    return {
        "account_id": pl.col("account_id"),
        "entry_date": pl.col("entry_date"),
        "entry_kind": kind,
        "entry_amount": pl.col("part_amount"),
        "currency_code": pl.col("currency_code"),
        **_category(),
        "payee_name": pl.col("Name"),
        "transfer_account": pl.col("transfer_account"),
        "transfer_group": pl.col("transfer_group"),
        "note": pl.col("Notes"),
        "cleared_status": pl.col("Status"),
        "split_group": pl.col("split_group"),
        "extra": json_of(cells | _others(frame)),
    }


_OWN = {
    *("row_no", "place", "account_id", "entry_date", "entry_amount", "part_count", "is_fill", "currency_code"),
    *("no_envelope", "is_transfer", "is_named", "transfer_account", "transfer_group", "part_no", "envelope"),
    *("part_envelope", "part_amount", "split_group", _DETAILS),
}


def _others(frame: pl.DataFrame) -> dict[str, pl.Expr]:
    """Columns Goodbudget's known layouts do not have, such as the check number."""
    return {name: pl.col(name) for name in frame.columns if name not in _OWN | _NEEDED and frame[name].count()}


FORMAT = GoodbudgetFormat()
