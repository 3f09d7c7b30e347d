"""The CSV that Mint exported before it closed, with its header or, as some tools pass it on, without.

Put here what Mint's columns mean. Amounts are unsigned and `Transaction Type` says their direction; a file that
states it wrongly cannot be told from one that states it right.
"""

from __future__ import annotations

import csv
import html.entities
import re
from collections.abc import Iterator
from typing import BinaryIO

import polars as pl

from pipelines.sources.apps.app_table import AppTable, EntryReader
from pipelines.sources.apps.paired_legs import with_partners
from pipelines.sources.byte_stream import HEAD_BYTES, head_text
from pipelines.sources.conventions import Clues, Conventions
from pipelines.sources.date_text import OrderClues, parse_days
from pipelines.sources.delimited import Shape, Stretch, open_table, read_delimited, read_table
from pipelines.sources.kind_frames import json_of, required_text, set_aside, shaped
from pipelines.sources.money_text import MarkClues, parse_money
from pipelines.sources.parsed_column import ParsedColumn
from pipelines.sources.source import Batch, Decoded
from warehouse.record_kinds import LEDGER_ENTRIES

_COLUMNS = (
    *("Date", "Description", "Original Description", "Amount", "Transaction Type", "Category", "Account Name"),
    *("Labels", "Notes"),
)
_ALWAYS = 7
"""Columns every export has; labels and notes are left out by some tools."""
_TRIED_ROWS = 20
_IDENTITY = ("account_id", "entry_date", "entry_amount", "currency_code", "payee_name", "note")
_SIGNS = {"debit": -1, "credit": 1}
_TRANSFERS = ("transfer", "credit card payment")
_HIDDEN = ("hide from budgets & trends", "exclude from mint")
"""Categories whose name says that Mint leaves their entries out of every total."""

_SHORT_YEAR = r"^(\s*[0-9]{1,2}/[0-9]{1,2}/)([0-9]{2})\s*$"
_ENTITIES = {
    **{f"&{name}": text for name, text in html.entities.html5.items() if name.endswith(";")},
    **{f"&#{number};": chr(number) for number in range(32, 384)},
    **{f"&#0{number};": chr(number) for number in range(32, 100)},
}


class MintFormat(AppTable):
    """Reads the export; see docs/formats.md for the rules."""

    source = "mint"
    title = "Mint (CSV)"
    needed = frozenset(_COLUMNS[:_ALWAYS])
    amounts = ("Amount",)
    date = "Date"
    habits = Clues(MarkClues(point=1), OrderClues(month_first=1))

    def sniff(self, head: bytes) -> bool:
        """Whether the header names Mint's columns, or there is none and every row is Mint's beyond doubt."""
        return super().sniff(head) or bool(_bare_width(head))

    def begin(self, conventions: Conventions, currency: str) -> EntryReader:
        """The reader of one file."""
        return _Reader(conventions, currency)

    def stretches(self, body: BinaryIO) -> Iterator[Stretch]:
        """The file's rows as text. Raises SourceError."""
        stream = open_table(body)
        width = _bare_width(stream.head)
        if width:
            return read_table(stream, Shape(",", 0, _COLUMNS[:width]), kind=LEDGER_ENTRIES.name)
        return read_delimited(stream, kind=LEDGER_ENTRIES.name, needed=self.needed)

    def days(self, frame: pl.DataFrame) -> pl.Series:
        """The days; Mint opened in 2006, so years of two digits are of this century."""
        return frame["Date"].str.replace(_SHORT_YEAR, "${1}20${2}")


def _bare_width(head: bytes) -> int:
    """Columns of a file without a header whose first rows are all Mint's; 0 when it is anything else."""
    lines = [line for line in re.split(r"\r\n|\r|\n", head_text(head)) if line.strip()]
    whole = lines[:-1] if len(head) == HEAD_BYTES and len(lines) > 1 else lines
    try:
        rows = list(csv.reader(whole[:_TRIED_ROWS]))
    except csv.Error:
        return 0
    widths = {len(row) for row in rows}
    if len(widths) != 1 or not _ALWAYS <= (width := widths.pop()) <= len(_COLUMNS):
        return 0
    return width if all(_is_mints(row) for row in rows) else 0


def _is_mints(row: list[str]) -> bool:
    date, _, _, amount, word, _, account = (cell.strip() for cell in row[:_ALWAYS])
    return (
        bool(re.fullmatch(r"[0-9]{1,2}/[0-9]{1,2}/(?:[0-9]{2}|[0-9]{4})", date))
        and bool(re.fullmatch(r"[0-9][0-9,.]*", amount))
        and word in _SIGNS
        and bool(account)
    )


class _Reader(EntryReader):
    def decoded(self, stretch: Stretch) -> Decoded:
        frame = stretch.frame
        signs = _signs(frame["Transaction Type"])
        amounts = parse_money(frame["Amount"], self.conventions.mark).requiring("amount")
        days = parse_days(FORMAT.days(frame), self.conventions.order).requiring("date")
        read = {
            "account_id": ("Account Name", required_text(frame["Account Name"], "account")),
            "entry_date": ("Date", days),
            "entry_amount": ("Amount", _signed(amounts, signs.values)),
            "sign": ("Transaction Type", signs),
        }
        whole, rejects = set_aside(LEDGER_ENTRIES.name, frame, read)
        category = pl.col("Category").str.strip_chars().str.to_lowercase()
        whole = whole.with_columns(
            currency_code=pl.lit(self.currency),
            is_transfer=category.is_in(_TRANSFERS).fill_null(value=False),
        )
        whole = with_partners(whole, "Date")
        entries = shaped(LEDGER_ENTRIES, whole, _columns(whole))
        self.accounts.add(entries)
        return stretch.read_as(Batch(LEDGER_ENTRIES.name, entries, _IDENTITY), rejects)


def _signs(text: pl.Series) -> ParsedColumn:
    words = text.str.strip_chars().str.to_lowercase()
    values = words.replace_strict(list(_SIGNS), list(_SIGNS.values()), default=None, return_dtype=pl.Int8)
    unknown = values.is_null().arg_true().cast(pl.UInt32).alias("position").to_frame()
    return ParsedColumn(
        values,
        unknown.with_columns(
            reason=pl.lit("the type is neither debit nor credit, so the amount has no sign"),
            cure=pl.lit("write debit or credit, as Mint did"),
        ),
    )


def _signed(amounts: ParsedColumn, signs: pl.Series) -> ParsedColumn:
    """Amounts signed by their type; one that bears a minus although it is a credit is refused."""
    out, negative = signs < 0, amounts.values < 0
    wrong = (negative & ~out).fill_null(value=False).arg_true().cast(pl.UInt32).alias("position").to_frame()
    refusals = wrong.with_columns(
        reason=pl.lit("the amount is negative although the row's type is credit"),
        cure=pl.lit("correct the type or the amount"),
    )
    signed = pl.select(pl.when(out & ~negative).then(-amounts.values).otherwise(amounts.values)).to_series()
    return ParsedColumn(signed, pl.concat([amounts.refusals, refusals]))


def _columns(frame: pl.DataFrame) -> dict[str, pl.Expr]:
    """The kind's columns from the read ones."""
    same = ("account_id", "entry_date", "entry_amount", "currency_code", "transfer_account", "transfer_group")
    by_sign = pl.when(pl.col("entry_amount") > 0).then(pl.lit("income")).otherwise(pl.lit("expense"))
    hidden = pl.col("Category").str.strip_chars().str.to_lowercase().is_in(_HIDDEN)
    named = {"category_name": "Category", "payee_name": "Description", "note": "Notes", "labels": "Labels"}
    taken = {*named.values(), *same, "row_no", "sign", "is_transfer"}
    taken |= {"Date", "Amount", "Transaction Type", "Account Name", "Original Description"}
    left_over = {name: pl.col(name) for name in frame.columns if name not in taken and frame[name].count()}
    original = pl.col("Original Description")
    if frame["Original Description"].str.contains("&", literal=True).any():
        original = original.str.replace_many(list(_ENTITIES), list(_ENTITIES.values()), leftmost=True)
    return {
        **{name: pl.col(name) for name in same},
        **{name: pl.col(column) for name, column in named.items() if column in frame.columns},
        "entry_kind": pl.when("is_transfer").then(pl.lit("transfer")).otherwise(by_sign),
        "excluded_from": pl.when(hidden).then(pl.lit("reports")),
        "extra": json_of({"Original Description": original} | left_over),
    }


FORMAT = MintFormat()
