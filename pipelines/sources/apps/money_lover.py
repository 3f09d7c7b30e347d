"""The table Money Lover exports, as a workbook or as CSV.

Put here what Money Lover's columns mean. Their order and names differ by version, so they are known by name without
case. Amounts are signed; a transfer is two rows of two categories, and debts have categories of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import BinaryIO, ClassVar

import polars as pl

from pipelines.sources.apps.app_table import AppTable, EntryReader
from pipelines.sources.apps.paired_legs import with_partners
from pipelines.sources.apps.wallet_words import plain_word
from pipelines.sources.conventions import Conventions
from pipelines.sources.date_text import parse_days
from pipelines.sources.delimited import Stretch, header_of, read_delimited
from pipelines.sources.kind_frames import currency_codes, json_of, required_text, set_aside, shaped
from pipelines.sources.money_text import parse_money
from pipelines.sources.parsed_column import ParsedColumn
from pipelines.sources.serial_days import written_out
from pipelines.sources.source import Batch, Decoded, SourceError
from warehouse.record_kinds import LEDGER_ENTRIES

_NAMES: Mapping[str, frozenset[str]] = {
    "number": frozenset({"no.", "no", "id", "#"}),
    "category": frozenset({"category"}),
    "amount": frozenset({"amount"}),
    "note": frozenset({"note"}),
    "wallet": frozenset({"wallet", "account"}),
    "currency": frozenset({"currency"}),
    "date": frozenset({"date"}),
    "with": frozenset({"with"}),
    "excluded": frozenset({"exclude report", "excluded report", "exclude from report", "excluded from report"}),
}
"""What the columns are called, by what they are here; in any case."""
_OPTIONAL = frozenset({"with", "excluded"})
_NEEDED = frozenset(_NAMES) - _OPTIONAL
_MOST_COLUMNS = 12
_IDENTITY = ("account_id", "entry_date", "entry_amount", "currency_code", "note")

_TRANSFER_WORDS = """
    incoming transfer, outgoing transfer, tiền chuyển đến, tiền chuyển đi, transfer masuk, transfer keluar
"""
_DEBT_WORDS = """
    debt, loan, debt collection, repayment, đi vay, cho vay, thu nợ, trả nợ, hutang, pinjaman, penagihan utang,
    pembayaran kembali
"""
"""Categories of the app itself, in English, Vietnamese and Indonesian; a person's own are none of these."""
_OTHER_SIDE = r"(?i)\b(?:to|from)\s+(\S.*)$"
_TRUTHS = {"true": True, "yes": True, "1": True, "x": True, "false": False, "no": False, "0": False, "": False}


def _words(table: str) -> frozenset[str]:
    return frozenset(plain_word(word) for word in table.split(","))


_TRANSFERS, _DEBTS = _words(_TRANSFER_WORDS), _words(_DEBT_WORDS)


class MoneyLoverFormat(AppTable):
    """Reads every layout; see docs/formats.md for the rules."""

    source = "money_lover"
    title = "Money Lover (Excel or CSV)"
    needed = _NEEDED
    amounts: ClassVar[tuple[str, ...]] = ("amount",)
    date = "date"
    names_currency = True

    def sniff(self, head: bytes) -> bool:
        """Whether the header names Money Lover's columns, and few others: banks' wide tables name all of them too."""
        cells = header_of(head)[0]
        return len(cells) <= _MOST_COLUMNS and set(_roles(cells)) >= _NEEDED

    def begin(self, conventions: Conventions, currency: str) -> EntryReader:
        """The reader of one file."""
        return _Reader(conventions, currency)

    def stretches(self, body: BinaryIO) -> Iterator[Stretch]:
        """The rows as text, under the names of `_NAMES`, with days written out. Raises SourceError."""
        for stretch in read_delimited(body, kind=LEDGER_ENTRIES.name, needed=frozenset()):
            roles = _roles(stretch.frame.columns)
            if missing := sorted(_NEEDED - set(roles)):
                lacking = ", ".join(missing)
                raise SourceError(f"The file's header lacks {lacking}; export it again with all its columns.")
            frame = stretch.frame.rename({name: role for role, name in roles.items()})
            yield Stretch(frame.with_columns(date=written_out(frame["date"])), stretch.rejects)


def _roles(names: list[str]) -> dict[str, str]:
    """The first column of each role."""
    found: dict[str, str] = {}
    for name in names:
        for role, called in _NAMES.items():
            if name.strip().casefold() in called:
                found.setdefault(role, name)
    return found


class _Reader(EntryReader):
    def decoded(self, stretch: Stretch) -> Decoded:
        frame = stretch.frame
        read = {
            "account_id": ("wallet", required_text(frame["wallet"], "wallet")),
            "entry_date": ("date", parse_days(frame["date"], self.conventions.order).requiring("date")),
            "currency_code": ("currency", currency_codes(frame["currency"]).requiring("currency")),
            "entry_amount": ("amount", parse_money(frame["amount"], self.conventions.mark).requiring("amount")),
        }
        if "excluded" in frame.columns:
            read["is_excluded"] = ("excluded", _truths(frame["excluded"]))
        whole, rejects = set_aside(LEDGER_ENTRIES.name, frame, read)
        words = {word: plain_word(word) for word in whole["category"].unique().drop_nulls()}
        plain = pl.col("category").replace_strict(
            list(words), list(words.values()), default=None, return_dtype=pl.String
        )
        whole = whole.with_columns(
            is_transfer=plain.is_in(list(_TRANSFERS)).fill_null(value=False),
            is_debt=plain.is_in(list(_DEBTS)).fill_null(value=False),
        )
        whole = with_partners(whole, "date")
        entries = shaped(LEDGER_ENTRIES, whole, _columns(whole))
        self.accounts.add(entries)
        return stretch.read_as(Batch(LEDGER_ENTRIES.name, entries, _IDENTITY), rejects)


def _truths(text: pl.Series) -> ParsedColumn:
    words = text.str.strip_chars().str.to_lowercase().fill_null("")
    values = words.replace_strict(list(_TRUTHS), list(_TRUTHS.values()), default=None, return_dtype=pl.Boolean)
    unknown = values.is_null().arg_true().cast(pl.UInt32).alias("position").to_frame()
    return ParsedColumn(
        values,
        unknown.with_columns(
            reason=pl.lit("the exclusion from reports is neither true nor false"),
            cure=pl.lit("write TRUE or FALSE, as Money Lover does"),
        ),
    )


def _columns(frame: pl.DataFrame) -> dict[str, pl.Expr]:
    """The kind's columns from the read ones."""
    read = ("account_id", "entry_date", "entry_amount", "currency_code", "transfer_account", "transfer_group")
    by_sign = pl.when(pl.col("entry_amount") > 0).then(pl.lit("income")).otherwise(pl.lit("expense"))
    kind = (
        pl.when("is_transfer").then(pl.lit("transfer")).when("is_debt").then(pl.lit("debt_payment")).otherwise(by_sign)
    )
    note = pl.col("note").str.strip_chars().replace("", None)
    # The app writes `Lent to Karim`; people who write the note themselves name the person alone.
    other_side = pl.coalesce(_text(frame, "with"), note.str.extract(_OTHER_SIDE), note)
    excluded = pl.when("is_excluded").then(pl.lit("reports")) if "is_excluded" in frame.columns else pl.lit(None)
    return {
        **{name: pl.col(name) for name in read},
        "entry_kind": kind,
        "category_name": pl.col("category"),
        "counterparty_name": pl.when("is_debt").then(other_side),
        "note": pl.col("note"),
        "excluded_from": excluded,
        "extra": json_of(_left_over(frame)),
    }


def _text(frame: pl.DataFrame, name: str) -> pl.Expr:
    return pl.col(name).str.strip_chars().replace("", None) if name in frame.columns else pl.lit(None, dtype=pl.String)


def _left_over(frame: pl.DataFrame) -> dict[str, pl.Expr]:
    """What has no column of its own; the number only where it does more than count the rows."""
    own = {
        *("row_no", "account_id", "entry_date", "entry_amount", "currency_code", "is_excluded", "is_transfer"),
        *("is_debt", "transfer_account", "transfer_group"),
    }
    taken = _NEEDED | own | {"excluded"}
    cells = {name: pl.col(name) for name in frame.columns if name not in taken and frame[name].count()}
    counts = pl.col("number").cast(pl.Int64, strict=False) == pl.col("row_no") - 1
    cells["number"] = pl.when(~counts.fill_null(value=False)).then("number")
    cells["date"] = pl.when(pl.col("date").str.len_bytes() > 10).then("date")  # noqa: PLR2004 - a day with its time
    return cells


FORMAT = MoneyLoverFormat()
