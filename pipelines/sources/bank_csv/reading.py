"""Rows as records: text columns become bank transactions, accounts, balances and a statement.

Put here how one file is read once its layout is known. Running balances are no part of what names a transaction: a
bank that books something late changes them, and everything after it would count twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date

import polars as pl

from pipelines.sources.bank_csv.accounts import Accounts, shortened, without_ibans
from pipelines.sources.bank_csv.matching import Layout
from pipelines.sources.bank_csv.row_currencies import AMOUNT_FIELDS, RowCurrencies, foreign_amounts
from pipelines.sources.bank_csv.rows import Parted, parted
from pipelines.sources.bank_csv.running import RunningBalances
from pipelines.sources.bank_csv.signs import amounts, balances, signed_amounts, without_amounts
from pipelines.sources.bank_csv.written_days import plain_days
from pipelines.sources.conventions import CURRENCY, Conventions
from pipelines.sources.date_text import parse_days
from pipelines.sources.delimited import Stretch
from pipelines.sources.kind_frames import currency_codes, joined_text, json_of, set_aside, shaped
from pipelines.sources.parsed_column import ParsedColumn, all_read
from pipelines.sources.source import Batch, Decoded, SourceError
from pipelines.sources.statements.statement_frames import CONTENT, REFERENCE, Forms, Found, Row, StatementFrames
from warehouse.record_kinds import BANK_TRANSACTIONS

_TEXTS = {
    "payee": "payee_name",
    "description": "description",
    "type": "transaction_type",
    "category": "bank_category",
    "merchant_code": "merchant_category_code",
}
_DAY_LENGTH = 11
"""Characters from which a date says more than a day."""
_IN_COLUMNS = frozenset(
    {*_TEXTS, *AMOUNT_FIELDS, "currency", "account", "reference", "id", "original_amount", "original_currency"}
)
"""Fields whose text is kept in a column of the record, so not in `extra`."""


class FileReading:
    """Reads the stretches of one file, in order."""

    def __init__(self, source: str, layout: Layout, conventions: Conventions, answers: Mapping[str, str]) -> None:
        """Begin a file; `answers` may hold `currency` and `account`."""
        self._layout = layout
        self._conventions = conventions
        self._currencies = RowCurrencies(layout, answers.get(CURRENCY, ""))
        self._accounts = Accounts(source, layout, answers.get("account", ""))
        self._running = RunningBalances()
        self._count = 0

    def decoded(self, stretch: Stretch) -> Decoded:
        """The transactions of a stretch. Raises SourceError when it leaves their currency open."""
        rows = parted(stretch, self._layout)
        frame = rows.transactions
        codes = self._currencies.of(frame)
        read = self._read(frame, codes)
        whole, refused = set_aside(BANK_TRANSACTIONS.name, frame, _own(read))
        made = self._shaped(whole)
        self._accounts.saw(made)
        booked = whole.filter(pl.col("= booking_status") == "booked")
        self._running.add(booked.select("row_no", *(pl.col(f"= {name}").alias(name) for name in _RUNNING)))
        stated_rejects = self._stated(rows)
        self._count += made.height
        rejects = pl.concat([rows.rejects, refused, stated_rejects]).sort("row_no")
        has_id = pl.col("bank_reference").is_not_null() & bool(self._layout.column("id"))
        batches = [
            Batch(BANK_TRANSACTIONS.name, made.filter(has_id), REFERENCE),
            Batch(BANK_TRANSACTIONS.name, made.filter(~has_id), CONTENT),
        ]
        filled = tuple(batch for batch in batches if batch.frame.height)
        return Decoded(filled, rejects, {BANK_TRANSACTIONS.name: made.height + rejects.height})

    def ending(self) -> Decoded:
        """The accounts, their statements and closing balances."""
        statements = self._running.statements(self._period())
        closing: list[Row] = [
            {
                "row_no": row["row_no"],
                "account_id": row["account_id"],
                "balance_kind": "ledger",
                "balance_amount": f"{row['closing_amount']:f}",
                "balance_date": row["last_date"].isoformat(),
                "currency_code": row["currency_code"],
            }
            for row in statements.frame.iter_rows(named=True)
            if row["closing_amount"] is not None
        ]
        others = StatementFrames(Forms()).decoded(Found(accounts=self._accounts.found(), balances=closing))
        counted = {kind: count for kind, count in others.rows_read.items() if count}
        if not statements.frame.height:
            return Decoded(others.batches, others.rejects, counted)
        counted[statements.kind] = statements.frame.height
        return Decoded((*others.batches, statements), others.rejects, counted)

    def _read(self, frame: pl.DataFrame, codes: tuple[pl.Series, str]) -> dict[str, tuple[str, ParsedColumn]]:
        layout, mark = self._layout, self._conventions.mark
        account_column, accounts = self._accounts.ids(frame)
        booked, value = layout.column("booked_date"), layout.column("value_date")
        read = {
            "booked_date": (booked, self._days(frame[booked]).requiring("date")),
            **signed_amounts(frame, layout, mark),
            "currency_code": (codes[1], currency_codes(codes[0]).requiring("currency")),
            "account_id": (account_column, accounts),
            "balance": (booked, all_read(balances(frame, layout, mark))),
        }
        if value:
            days = self._days(frame[value])
            # What is no day there is no loss: the row has its date, and `extra` keeps the text.
            read["value_date"] = (value, all_read(days.values))
        return read | self._originals(frame)

    def _originals(self, frame: pl.DataFrame) -> dict[str, tuple[str, ParsedColumn]]:
        amount, code = self._layout.column("original_amount"), self._layout.column("original_currency")
        if not amount or not code:
            return {}
        read = amounts(frame[amount], self._conventions.mark)
        # Neither decides what happened to the account: what cannot be read stays in `extra` only.
        return {
            "original_amount": (amount, all_read(read.values)),
            "original_currency_code": (code, all_read(currency_codes(frame[code]).values)),
        }

    def _days(self, text: pl.Series) -> ParsedColumn:
        return parse_days(plain_days(text, self._layout.profile), self._conventions.order)

    def _shaped(self, whole: pl.DataFrame) -> pl.DataFrame:
        typed = ("account_id", "booked_date", "value_date", "transaction_amount", "currency_code")
        columns = {name: pl.col(f"= {name}") for name in typed if f"= {name}" in whole.columns}
        texts = {kept: self._text(field) for field, kept in _TEXTS.items() if self._layout.columns.get(field)}
        reference = self._text("id") if self._layout.column("id") else self._text("reference")
        texts["bank_reference"] = without_ibans(reference)
        texts = {name: self._accounts.hide(text) for name, text in texts.items()}
        extra = {"extra": self._accounts.hide(json_of(self._left_over(whole)))}
        status = {"booking_status": pl.col("= booking_status")}
        return shaped(BANK_TRANSACTIONS, whole, columns | texts | status | extra | foreign_amounts(whole))

    def _text(self, field: str) -> pl.Expr:
        return joined_text(self._layout.columns.get(field, ()))

    def _left_over(self, whole: pl.DataFrame) -> dict[str, pl.Expr]:
        """What has no column of its own, by the name the bank gives it."""
        columns = self._layout.columns
        in_columns = {name for field in _IN_COLUMNS for name in columns.get(field, ())}
        if columns.get("id"):
            in_columns -= set(columns.get("reference", ()))
        days = {name for field in ("booked_date", "value_date") for name in columns.get(field, ())}
        numbers = set(columns.get("numbers", ()))
        cells = {}
        for name in self._layout.shape.names:
            text = pl.col(name).str.strip_chars().replace("", None)
            if name in numbers:
                cells[name] = shortened(text)
            elif name in days:
                cells[name] = pl.when(text.str.len_chars() > _DAY_LENGTH).then(text)
            elif name not in in_columns and whole[name].count():
                cells[name] = without_ibans(text)
        return cells

    def _stated(self, rows: Parted) -> pl.DataFrame:
        """Take note of balances stated in rows of their own; those that cannot be read are rejects."""
        frame = rows.stated
        codes = self._currencies.of(frame)
        read = self._read(frame, codes)
        read.pop("booked_date")
        column, amount = read["transaction_amount"]
        running = read["balance"][1].values
        # A row that moves nothing states its balance where the others have theirs.
        alone = without_amounts(frame, self._layout) & running.is_not_null()
        values = amount.values.zip_with(~alone, running)
        unread = amount.refusals.filter(~pl.col("position").is_in(alone.arg_true().implode()))
        read["transaction_amount"] = (column, ParsedColumn(values, unread))
        whole, refused = set_aside(BANK_TRANSACTIONS.name, frame, _own(read))
        facts = whole.select(f"= {name}" for name in ("account_id", "currency_code", "stated", "transaction_amount"))
        for account, currency, which, amount in facts.iter_rows():
            self._running.state(account, currency, which, amount)
        return refused

    def _period(self) -> tuple[date | None, date | None]:
        """The days the lines above the header say the statement covers."""
        found = re.findall(r"[0-9]{1,4}[-/. ][0-9A-Za-z]{1,9}[-/. ][0-9]{2,4}", self._layout.above.get("period", ""))
        if len(found) != 2:  # noqa: PLR2004 - a first and a last day
            return None, None
        first, last = self._days(pl.Series(found, dtype=pl.String)).values
        return (first, last) if first and last and first <= last else (None, None)

    @property
    def is_empty(self) -> bool:
        """Whether no transaction was read."""
        return self._count == 0


_RUNNING = ("account_id", "currency_code", "booked_date", "transaction_amount", "balance")


def _own(read: Mapping[str, tuple[str, ParsedColumn]]) -> dict[str, tuple[str, ParsedColumn]]:
    """The same under names no file has, so that a column called `balance` keeps its text."""
    return {f"= {name}": column for name, column in read.items()}


def transactions_of(reading: FileReading, stretches: Iterator[Stretch]) -> Iterator[Decoded]:
    """Everything of a file. Raises SourceError when it holds rows and none of them is a transaction."""
    rejected = 0
    for stretch in stretches:
        decoded = reading.decoded(stretch)
        rejected += decoded.rejects.height
        yield decoded
    if reading.is_empty and not rejected:
        raise SourceError("The file holds no transactions; export it again with the period you want.")
    yield reading.ending()
