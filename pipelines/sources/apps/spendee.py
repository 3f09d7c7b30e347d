"""The table Spendee exports, as CSV or as a workbook.

Put here what Spendee's columns mean. Amounts are signed; a transfer is two rows. Times are UTC where they carry a
zone (2026), and the phone's own where they carry none (2020 and the workbook).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import BinaryIO, ClassVar

import polars as pl

from pipelines.sources.apps.app_table import AppTable, EntryReader
from pipelines.sources.apps.paired_legs import with_partners
from pipelines.sources.apps.wallet_words import KIND_OF_WORD, plain_word
from pipelines.sources.conventions import Conventions, look_ahead
from pipelines.sources.currency_words import ISO_CODES
from pipelines.sources.date_text import parse_days, parse_instants
from pipelines.sources.delimited import Stretch, read_delimited
from pipelines.sources.kind_frames import currency_codes, json_of, required_text, set_aside, shaped
from pipelines.sources.money_text import parse_money
from pipelines.sources.serial_days import written_out
from pipelines.sources.source import Batch, Decoded, Question, SourceError
from warehouse.record_kinds import LEDGER_ENTRIES

_NEEDED = frozenset({"Date", "Wallet", "Type", "Category name", "Amount", "Currency"})
_TAKEN = {
    *("Wallet", "Type", "Category name", "Amount", "Currency", "Note", "Labels", "Date", "row_no", "account_id"),
    *("entry_date", "entry_at", "entry_amount", "currency_code", "is_transfer", "transfer_account", "transfer_group"),
    *("other_amount", "written_amount", "written_currency", "entry_kind"),
}
_IDENTITY = ("account_id", "entry_date", "entry_amount", "currency_code", "note")
"""Not the time: the workbook and the CSV of one wallet write it differently."""
_TRANSFERS = r"(?i)^\s*(?:(?:incoming|outgoing)\s+)?transfers?\s*$"
_ZONE = r"(?:Z|[+-][0-9]{2}:?[0-9]{2})\s*$"
_EIGHT_DECIMALS = r"^([-+]?[0-9]+[.,][0-9]{4})0{4}$"
_OTHER_AMOUNT = re.compile(r"Amount \(([A-Z]{3})\)")
WALLET_AMOUNT = "wallet_amount"
"""Name of the question which of the two amounts the wallets are kept in."""
_DAY_LENGTH = 10


class SpendeeFormat(AppTable):
    """Reads the export; see docs/formats.md for the rules."""

    source = "spendee"
    title = "Spendee (CSV or Excel)"
    needed = _NEEDED
    amounts: ClassVar[tuple[str, ...]] = ("Amount",)
    date = "Date"
    names_currency = True

    def questions(self, body: BinaryIO) -> list[Question]:
        """What the conventions leave open; and in which of two amounts wallets are kept. Raises SourceError."""
        clues, stretches = look_ahead(self.stretches(body), self._clues)
        asked = clues.questions()
        sample = next(stretches).frame
        column = _other_amount(sample)
        if column and not _wallet_amount(sample, column):
            text = f"Every amount is given twice, in Amount and in {column}. Which of them is the wallet's own?"
            asked.append(Question(WALLET_AMOUNT, text, ("Amount", column)))
        return asked

    def read(self, body: BinaryIO, answers: Mapping[str, str]) -> Iterator[Decoded]:
        """Decode the file; the accounts come last. Raises SourceError."""
        clues, stretches = look_ahead(self.stretches(body), self._clues)
        reader = _Reader(clues.settle(answers), answers.get(WALLET_AMOUNT, ""))
        for stretch in stretches:
            yield reader.decoded(stretch)
        yield from reader.ending()

    def begin(self, conventions: Conventions, currency: str) -> EntryReader:
        """The reader of one file."""
        return _Reader(conventions, currency)

    def stretches(self, body: BinaryIO) -> Iterator[Stretch]:
        """The rows as text, days written out and amounts without the zeros Spendee fills them with."""
        for stretch in read_delimited(body, kind=LEDGER_ENTRIES.name, needed=self.needed):
            names = [name for name in stretch.frame.columns if name == "Amount" or _OTHER_AMOUNT.fullmatch(name)]
            shorter = pl.col(names).str.replace(_EIGHT_DECIMALS, "${1}")
            frame = stretch.frame.with_columns(shorter).with_columns(Date=written_out(stretch.frame["Date"]))
            yield Stretch(frame, stretch.rejects)


class _Reader(EntryReader):
    """`currency` is not used; the wallets' amounts are in the column `wallet_amount`, empty until it is settled."""

    def __init__(self, conventions: Conventions, wallet_amount: str) -> None:
        super().__init__(conventions, "")
        self._wallet_amount = wallet_amount

    def decoded(self, stretch: Stretch) -> Decoded:
        frame = stretch.frame
        mark = self.conventions.mark
        column = self._settled(frame)
        date = frame["Date"]
        zoned = date.str.contains(_ZONE).fill_null(value=False)
        amounts = parse_money(frame["Amount"], mark).requiring("amount")
        codes = currency_codes(frame["Currency"]).requiring("currency")
        read = {
            "account_id": ("Wallet", required_text(frame["Wallet"], "wallet")),
            "entry_date": ("Date", parse_days(date, self.conventions.order).requiring("date")),
            "entry_at": ("Date", parse_instants(date.zip_with(zoned, pl.Series([None], dtype=pl.String)))),
            "written_currency": ("Currency", codes),
            "written_amount": ("Amount", amounts),
        }
        if column != "Amount":
            read["other_amount"] = (column, parse_money(frame[column], mark).requiring("amount"))
        whole, rejects = set_aside(LEDGER_ENTRIES.name, frame, read)
        own = "other_amount" if column != "Amount" else "written_amount"
        code = pl.lit(_code(column)) if column != "Amount" else pl.col("written_currency")
        whole = whole.with_columns(
            entry_amount=pl.col(own),
            currency_code=code,
            is_transfer=pl.col("Type").str.contains(_TRANSFERS).fill_null(value=False),
        )
        whole = _with_kinds(with_partners(whole, "Date"))
        entries = shaped(LEDGER_ENTRIES, whole, _columns(whole, column))
        self.accounts.add(entries)
        return stretch.read_as(Batch(LEDGER_ENTRIES.name, entries, _IDENTITY), rejects)

    def _settled(self, frame: pl.DataFrame) -> str:
        """The column of the wallets' own amounts, settled with the first rows for the whole file."""
        if not self._wallet_amount:
            column = _other_amount(frame)
            self._wallet_amount = _wallet_amount(frame, column) if column else "Amount"
            if not self._wallet_amount:
                raise SourceError(
                    f"The file leaves open which amount is the wallet's own; answer {WALLET_AMOUNT}, for example "
                    f"{WALLET_AMOUNT}=Amount."
                )
        if self._wallet_amount not in frame.columns:
            raise SourceError(f"The answer {WALLET_AMOUNT}={self._wallet_amount!r} is no column of the file.")
        return self._wallet_amount


def _other_amount(frame: pl.DataFrame) -> str:
    """The column of amounts in one other currency; empty in files that have none."""
    found = (name for name in frame.columns if (other := _OTHER_AMOUNT.fullmatch(name)) and other[1] in ISO_CODES)
    return next(found, "")


def _code(column: str) -> str:
    found = _OTHER_AMOUNT.fullmatch(column)
    return found[1] if found else ""


def _wallet_amount(frame: pl.DataFrame, column: str) -> str:
    """The column of the wallets' own amounts; empty where the rows do not prove it."""
    codes = frame.select("Wallet", pl.col("Currency").str.strip_chars().str.to_uppercase())
    if (codes["Currency"] == _code(column)).all():
        return "Amount"
    # A wallet has one currency, so where its rows name several the other column is its own.
    several = codes.group_by("Wallet").agg(pl.col("Currency").n_unique())["Currency"].max()
    return column if isinstance(several, int) and several > 1 else ""


def _with_kinds(frame: pl.DataFrame) -> pl.DataFrame:
    words = {word: KIND_OF_WORD.get(plain_word(word)) for word in frame["Type"].unique().drop_nulls()}
    said = pl.col("Type").replace_strict(list(words), list(words.values()), default=None, return_dtype=pl.String)
    by_sign = pl.when(pl.col("entry_amount") > 0).then(pl.lit("income")).otherwise(pl.lit("expense"))
    kind = pl.when("is_transfer").then(pl.lit("transfer")).otherwise(pl.coalesce(said, by_sign))
    return frame.with_columns(entry_kind=kind)


def _columns(frame: pl.DataFrame, column: str) -> dict[str, pl.Expr]:
    """The kind's columns from the read ones."""
    read = ("account_id", "entry_date", "entry_at", "entry_kind", "entry_amount", "currency_code")
    found = ("transfer_account", "transfer_group")
    foreign = pl.col("written_currency") != pl.col("currency_code")
    named = {"category_name": "Category name", "note": "Note", "labels": "Labels"}
    texts = {name: pl.col(text) for name, text in named.items() if text in frame.columns}
    if "labels" in texts:
        texts["labels"] = texts["labels"].str.replace_all(r"\s*,\s*", ", ")
    return {
        **{name: pl.col(name) for name in (*read, *found)},
        **texts,
        "original_amount": pl.when(foreign).then("written_amount"),
        "original_currency_code": pl.when(foreign).then("written_currency"),
        "extra": json_of(_left_over(frame, column)),
    }


def _left_over(frame: pl.DataFrame, column: str) -> dict[str, pl.Expr]:
    """What has no column of its own, by the name Spendee gives it."""
    cells = {name: pl.col(name) for name in frame.columns if name not in _TAKEN and frame[name].count()}
    cells.pop(column, None)
    if frame["entry_at"].null_count():
        # A time without its zone is no instant; it is kept as written.
        cells["Date"] = pl.when(pl.col("entry_at").is_null() & (pl.col("Date").str.len_bytes() > _DAY_LENGTH)).then(
            "Date"
        )
    words = pl.col("Type").str.strip_chars().str.to_lowercase()
    cells["Type"] = pl.when(words != pl.col("entry_kind")).then("Type")
    return cells


FORMAT = SpendeeFormat()
