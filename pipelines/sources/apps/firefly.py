"""The transactions that Firefly III exports as CSV.

Put here what Firefly's columns mean. A row is a journal: money goes from a source to a destination, and each side is
an account of the person's own or only a name for the other party. An own side is an entry, so a transfer, and a
payment to or from a liability, gives two. The direction is that of the sides; the sign in the file adds nothing.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from typing import BinaryIO

import polars as pl

from pipelines.sources.account_numbers import masked_number, number_key
from pipelines.sources.apps.account_names import account_kind
from pipelines.sources.apps.app_table import AppTable, EntryReader
from pipelines.sources.apps.described_accounts import Facts, Row
from pipelines.sources.byte_stream import head_text
from pipelines.sources.conventions import Clues, Conventions
from pipelines.sources.date_text import parse_days, parse_instants
from pipelines.sources.delimited import Shape, Stretch, column_names, header_of, open_table, read_table
from pipelines.sources.kind_frames import currency_codes, json_of, required_text, set_aside, shaped
from pipelines.sources.money_text import MarkClues, parse_money
from pipelines.sources.parsed_column import ParsedColumn
from pipelines.sources.source import Batch, Decoded, SourceError
from warehouse.record_kinds import LEDGER_ENTRIES

_NEEDED = frozenset(
    {
        *("journal_id", "group_id", "group_title", "type", "currency_code", "amount", "foreign_currency_code"),
        *("foreign_amount", "description", "date", "source_name", "source_type", "destination_name"),
        "destination_type",
        "category",
        "tags",
        "reconciled",
    }
)
_TRIED_ROWS = 50
_OWN = ("asset account", "default account", "credit card", "loan", "debt", "mortgage")
_LIABILITIES = ("loan", "debt", "mortgage")
_TYPES = ("withdrawal", "deposit", "transfer", "opening balance", "reconciliation", "liability credit")
_KINDS = {"opening balance": "opening_balance", "liability credit": "opening_balance", "reconciliation": "adjustment"}
_ACCOUNT_KINDS = {"credit card": "card"} | dict.fromkeys(_LIABILITIES, "loan")
_MIDNIGHT = r"T00:00(?::00(?:\.0+)?)?(?:Z|[+-]|$)"
_ZEROS = r"^(-?[0-9]+\.[0-9]{4})0+$"
"""Databases fill amounts up with zeros: `-12.500000000000`."""


class FireflyFormat(AppTable):
    """Reads the export; see docs/formats.md for the rules."""

    source = "firefly"
    title = "Firefly III (CSV)"
    needed = _NEEDED
    amounts = ("amount", "foreign_amount")
    date = "date"
    habits = Clues(MarkClues(point=1))
    names_currency = True

    def begin(self, conventions: Conventions, currency: str) -> EntryReader:
        """The reader of one file."""
        return _Reader(conventions, currency)

    def stretches(self, body: BinaryIO) -> Iterator[Stretch]:
        """The file's rows as text; Firefly's header has one column more than its rows. Raises SourceError."""
        stream = open_table(body)
        return read_table(stream, _shape(stream.head), kind=LEDGER_ENTRIES.name)


def _shape(head: bytes) -> Shape:
    """The table as wide as most of its rows. Raises SourceError when the header lacks a column."""
    cells, delimiter = header_of(head)
    names = column_names(cells)
    if missing := sorted(_NEEDED - set(names)):
        raise SourceError(f"The file's header lacks {', '.join(missing)}; export it again with all its columns.")
    lines = re.split(r"\r\n|\r|\n", head_text(head))
    place = next(number for number, line in enumerate(lines) if line.strip())
    rows = csv.reader((f"{line}\n" for line in lines[place + 1 :] if line), delimiter=delimiter)
    widths = Counter(len(row) for row, _ in zip(rows, range(_TRIED_ROWS), strict=False))
    width = widths.most_common(1)[0][0] if widths else len(names)
    is_short = len(_NEEDED) < width < len(names) and set(names[:width]) >= _NEEDED
    return Shape(delimiter, place + 1, tuple(names[:width] if is_short else names))


class _Reader(EntryReader):
    def decoded(self, stretch: Stretch) -> Decoded:
        frame = stretch.frame.with_columns(
            *(pl.col(f"{side}_type").str.strip_chars().str.to_lowercase().alias(f"{side} kind") for side in _SIDES),
            pl.col("type").str.strip_chars().str.to_lowercase().alias("journal kind"),
            pl.col("amount", "foreign_amount").str.replace(_ZEROS, "${1}"),
        )
        whole, rejects = set_aside(LEDGER_ENTRIES.name, frame, self._read(frame))
        whole = _with_shared(whole)
        legs = [shaped(LEDGER_ENTRIES, _side(whole, side), _columns(side)) for side in _SIDES]
        for side in _SIDES:
            self.accounts.describe(_told(_side(whole, side), side), _described)
        entries = pl.concat(legs).sort("row_no", maintain_order=True)
        self.accounts.add(entries)
        # A row between two own accounts holds two entries.
        second_legs = entries.height - whole.height
        return Decoded(
            (Batch(LEDGER_ENTRIES.name, entries),),
            pl.concat([stretch.rejects, rejects]).sort("row_no"),
            {LEDGER_ENTRIES.name: stretch.row_count + second_legs},
        )

    def _read(self, frame: pl.DataFrame) -> dict[str, tuple[str, ParsedColumn]]:
        mark = self.conventions.mark
        date = frame["date"]
        timed = ~date.str.contains(_MIDNIGHT).fill_null(value=True) & date.str.contains("T", literal=True)
        return {
            "journal": ("journal_id", required_text(frame["journal_id"], "journal id")),
            "known type": ("type", _known_types(frame["journal kind"])),
            "sides": ("source_type", _sides(frame)),
            **{f"{side} account": (f"{side}_name", _names(frame, side)) for side in _SIDES},
            "entry_date": ("date", parse_days(date, self.conventions.order).requiring("date")),
            "entry_at": ("date", parse_instants(date.zip_with(timed, pl.Series([None], dtype=pl.String)))),
            "worth": ("amount", parse_money(frame["amount"], mark).requiring("amount")),
            "code": ("currency_code", currency_codes(frame["currency_code"]).requiring("currency")),
            "foreign worth": ("foreign_amount", parse_money(frame["foreign_amount"], mark)),
            "foreign code": ("foreign_currency_code", currency_codes(frame["foreign_currency_code"])),
        }


_SIDES = ("source", "destination")
_OTHER = {"source": "destination", "destination": "source"}


def _side(whole: pl.DataFrame, side: str) -> pl.DataFrame:
    """The rows whose account on this side is the person's own."""
    return whole.filter(pl.col(f"{side} kind").is_in(_OWN))


def _refused(found: pl.Series, reason: str, cure: str) -> pl.DataFrame:
    positions = found.arg_true().cast(pl.UInt32).alias("position").to_frame()
    return positions.with_columns(reason=pl.lit(reason), cure=pl.lit(cure))


def _known_types(kinds: pl.Series) -> ParsedColumn:
    known = kinds.is_in(_TYPES).fill_null(value=False)
    cure = "export the file again; if Firefly has a new type, report it"
    return ParsedColumn(kinds, _refused(~known, "Hisab does not know this type of transaction", cure))


def _sides(frame: pl.DataFrame) -> ParsedColumn:
    """Whether any side is an account of the person's own."""
    own = frame["source kind"].is_in(_OWN).fill_null(value=False)
    own |= frame["destination kind"].is_in(_OWN).fill_null(value=False)
    reason = "neither side is an asset account or a liability, so no account holds this entry"
    return ParsedColumn(own, _refused(~own, reason, "look at the accounts of this transaction in Firefly"))


def _names(frame: pl.DataFrame, side: str) -> ParsedColumn:
    """The account's name; an own account without one is refused."""
    names = frame[f"{side}_name"].str.strip_chars().replace("", None)
    nameless = names.is_null() & frame[f"{side} kind"].is_in(_OWN).fill_null(value=False)
    return ParsedColumn(names, _refused(nameless, f"the {side} account has no name", "name it in Firefly"))


def _with_shared(whole: pl.DataFrame) -> pl.DataFrame:
    """The rows with what both legs have alike."""
    title = pl.col("group_title").str.strip_chars().replace("", None)
    both = pl.all_horizontal(pl.col(f"{side} kind").is_in(_OWN).fill_null(value=False) for side in _SIDES)
    foreign = pl.col("foreign worth").is_not_null() & (pl.col("foreign code") != pl.col("code"))
    return whole.with_columns(
        pl.col("worth", "foreign worth").abs(),
        has_foreign=foreign.fill_null(value=False),
        is_between=both,
        split_group=pl.when(title.is_not_null()).then("group_id"),
        extra=json_of(_left_over(whole)),
    )


def _text(name: str) -> pl.Expr:
    return pl.col(name).str.strip_chars().replace("", None)


def _columns(side: str) -> dict[str, pl.Expr]:
    """The kind's columns of the leg on one side."""
    is_source = side == "source"
    other = pl.col(f"{_OTHER[side]} account")
    # What arrives in a transfer arrives in the foreign currency.
    arrives = pl.col("has_foreign") & (pl.col("journal kind") == "transfer") & pl.lit(not is_source)
    amount = pl.when(arrives).then("foreign worth").otherwise("worth")
    original = pl.when(arrives).then("worth").when("has_foreign").then("foreign worth")
    record = pl.col("journal")
    return {
        "record_id": record if is_source else pl.when("is_between").then(record + ":destination").otherwise(record),
        "account_id": pl.col(f"{side} account"),
        "entry_date": pl.col("entry_date"),
        "entry_at": pl.col("entry_at"),
        "entry_kind": _kind(side),
        "entry_amount": -amount if is_source else amount,
        "currency_code": pl.when(arrives).then("foreign code").otherwise("code"),
        "category_name": _text("category"),
        "payee_name": pl.when(~pl.col("is_between")).then(other),
        "counterparty_name": pl.when(_kind(side) == "debt_payment").then(other),
        "transfer_account": pl.when("is_between").then(other),
        "note": _text("description"),
        "labels": _text("tags").str.replace_all(r"\s*,\s*", ", "),
        "cleared_status": pl.when(_text("reconciled").str.to_lowercase().is_in(["1", "true"])).then(
            pl.lit("reconciled")
        ),
        "split_group": pl.col("split_group"),
        "transfer_group": pl.when("is_between").then("journal"),
        "original_amount": -original if is_source else original,
        "original_currency_code": pl.when(arrives).then("code").when("has_foreign").then("foreign code"),
        "extra": pl.col("extra"),
    }


def _kind(side: str) -> pl.Expr:
    """What a leg is. Paying a liability is a debt payment of the account it leaves and moves the liability only."""
    kind = pl.col("journal kind")
    own_liability = pl.col(f"{side} kind").is_in(_LIABILITIES)
    by_type = pl.when(kind == "deposit").then(pl.lit("income")).otherwise(pl.lit("expense"))
    paid = pl.when(kind == "withdrawal").then(pl.lit("debt_payment")).otherwise(by_type)
    return (
        pl.when(kind.is_in(list(_KINDS)))
        .then(kind.replace(_KINDS))
        .when((kind == "transfer") | (pl.col("is_between") & own_liability))
        .then(pl.lit("transfer"))
        .when("is_between")
        .then(paid)
        .otherwise(by_type)
    )


def _told(rows: pl.DataFrame, side: str) -> pl.DataFrame:
    """What the rows say of the accounts on one side."""
    iban = f"{side}_iban"
    numbers = pl.col(iban).str.strip_chars() if iban in rows.columns else pl.lit(None, dtype=pl.String)
    return rows.select(account_id=f"{side} account", iban=numbers, type=f"{side} kind")


def _described(said: Row) -> Facts:
    name, number, kind = (said[column] or "" for column in ("account_id", "iban", "type"))
    return {
        "account_kind": _ACCOUNT_KINDS.get(kind, "") or account_kind(name),
        "masked_number": masked_number(number),
        "number_key": number_key(number),
    }


def _left_over(whole: pl.DataFrame) -> dict[str, pl.Expr]:
    """What has no column of its own, by the name Firefly gives it; of IBANs the last four characters."""
    own = {"journal", "known type", "sides", "entry_date", "entry_at", "worth", "code", "foreign worth", "foreign code"}
    own |= {f"{side} {what}" for side in _SIDES for what in ("account", "kind")} | {"row_no", "journal kind"}
    taken = own | {
        *("journal_id", "currency_code", "amount", "foreign_currency_code", "foreign_amount", "description", "date"),
        *("source_name", "destination_name", "category", "tags", "reconciled", "source_iban", "destination_iban"),
    }
    cells = {name: _text(name) for name in whole.columns if name not in taken and whole[name].count()}
    for side in _SIDES:
        if f"{side}_iban" in whole.columns and whole[f"{side}_iban"].count():
            tail = pl.col(f"{side}_iban").str.replace_all(r"[^\p{L}\p{N}]", "").str.tail(4)
            cells[f"{side}_iban"] = pl.when(tail != "").then(pl.concat_str(pl.lit("…"), tail))
    return cells


FORMAT = FireflyFormat()
