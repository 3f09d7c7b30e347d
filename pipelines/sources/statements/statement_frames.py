"""Statements as frames: what the reader of a statement file found, as text, becomes typed batches and rejects.

Put here what all statement formats share: accounts and their names, typed columns, and the sums that a statement is
held against. Keep out how any one format is written (its own module).

A reader fills `Found` with one stretch of the file after another, and `StatementFrames` makes a `Decoded` of each::

    frames = StatementFrames(Forms(mark=DecimalMark.COMMA))
    for found in stretches:          # at most ROWS_PER_STRETCH transactions each
        yield frames.decoded(found)

Texts are as the file has them, but for the sign, which the reader puts before the amount. Transactions name their
statement by a number that is the reader's own; the statement's row may come in the same stretch or in a later one.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from pipelines.sources.account_numbers import masked_number, number_key
from pipelines.sources.date_text import DateOrder, parse_days
from pipelines.sources.kind_frames import currency_codes, required_text, set_aside, shaped
from pipelines.sources.money_text import DecimalMark, parse_money
from pipelines.sources.parsed_column import ParsedColumn
from pipelines.sources.source import REJECT_SCHEMA, Batch, Decoded
from warehouse.fields import CURRENCY_PATTERN
from warehouse.record_kinds import ACCOUNTS, BALANCES, BANK_TRANSACTIONS, STATEMENTS

KINDS = (ACCOUNTS.name, BALANCES.name, BANK_TRANSACTIONS.name, STATEMENTS.name)
"""Record kinds every statement format gives."""

ROWS_PER_STRETCH = 20_000
"""Transactions that make one stretch."""

Row = Mapping[str, str | int | None]
"""`row_no` (int), and text under the names of the record kind's columns; what is missing is empty."""

CONTENT = (
    *("account_id", "booked_date", "transaction_amount", "currency_code", "booking_status"),
    *("payee_name", "description", "bank_reference"),
)
"""What names a transaction that has no id of its own. A pending row and the booked one stay two."""
REFERENCE = ("account_id", "booked_date", "transaction_amount", "currency_code", "booking_status", "bank_reference")
"""What names it where the bank's own reference stays and its wording may change from file to file."""
_STATEMENT = (
    *("account_id", "statement_number", "first_date", "last_date"),
    *("opening_amount", "closing_amount", "currency_code"),
)
_TEXTS = (
    *("account_id", "transaction_type", "booking_status", "payee_name", "description", "bank_reference"),
    *("merchant_category_code", "bank_category", "extra", "record_id"),
)
_TYPED = (
    *("booked_date", "value_date", "transaction_amount", "currency_code", "original_amount"),
    "original_currency_code",
)
_ACCOUNT = (
    *("record_id", "account_name", "account_kind", "currency_code"),
    *("institution_name", "masked_number", "number_key"),
)
_SPOKEN = ("payee_name", "description", "bank_reference", "statement_number", "extra")
"""Texts banks write freely, so that the account's own number may stand in them."""
_LONG = 8
"""Characters from which a number is looked for in such texts."""
_NAMELESS = ("the account has neither a number nor a name", "download the file again with its account number")


@dataclass(slots=True)
class Account:
    """One account as a file names it; its number never leaves this object whole.

    Attributes:
        source: Name of the file format.
        naming: What names the account in files of this format; empty texts name none.
        number: The account's number, as far as the file tells it.
        currency: ISO 4217 code, empty when the file is silent.
        label: What the bank or the person calls it.
    """

    source: str
    naming: tuple[str, ...] = ()
    number: str = ""
    currency: str = ""
    kind: str = "other"
    label: str = ""
    institution: str = ""

    @property
    def record_id(self) -> str:
        """A short name made from `naming`; empty when the file names no account."""
        digest = hashlib.sha256("|".join(self.naming).encode()).hexdigest()
        return f"{self.source}-{digest[:16]}" if any(self.naming) else ""

    @property
    def name(self) -> str:
        """What people call it: its label unless that gives the number away, or bank, kind and last characters."""
        if self.label and (not self.number or self.number not in self.label):
            return self.label
        shown = masked_number(self.number)
        return " ".join(filter(None, (self.institution or "Bank", self.kind, shown and f"…{shown}")))


@dataclass(slots=True)
class Found:
    """One stretch of a file, as text.

    Attributes:
        accounts: Row number and account; an account may come again.
        transactions: Rows of `bank_transactions` with the number of their `statement` (int); a frame of String
            columns, with `row_no` and `statement` as Int64, where a format is read in columns.
        balances: Rows of `balances`.
        statements: Rows of `statements` with their number as `statement`; the sums of transactions are added here.
            An empty `first_date` or `last_date` becomes the first or last booked day.
        rejects: Rows the reader itself refused (REJECT_SCHEMA).
    """

    accounts: list[tuple[int, Account]] = field(default_factory=list)
    transactions: list[Row] | pl.DataFrame = field(default_factory=list)
    balances: list[Row] = field(default_factory=list)
    statements: list[Row] = field(default_factory=list)
    rejects: list[Row] = field(default_factory=list)


def iso_days(text: pl.Series) -> ParsedColumn:
    """Read days with the year first."""
    return parse_days(text, DateOrder.DAY_FIRST)


@dataclass(frozen=True, slots=True)
class Forms:
    """How a file writes its values.

    Attributes:
        mark: Decimal mark of its amounts.
        days: Reads a column of its days.
        names: Under the record kind's name of a column, what the file calls it (for rejects); its own name else.
        identity: What names a transaction without `record_id`.
        reference_names: Whether a transaction that has a `bank_reference` is named by it and not by its wording.
    """

    mark: DecimalMark = DecimalMark.POINT
    days: Callable[[pl.Series], ParsedColumn] = iso_days
    names: Mapping[str, str] = field(default_factory=dict)
    identity: tuple[str, ...] = CONTENT
    reference_names: bool = False


@dataclass(slots=True)
class _Sum:
    """Booked transactions that were read of one statement, in one currency."""

    amount: Decimal = Decimal(0)
    count: int = 0
    first: date | None = None
    last: date | None = None


class StatementFrames:
    """Turns the stretches of one file, in order, into `Decoded`; keeps the sums of statements that still run."""

    def __init__(self, forms: Forms) -> None:
        """Begin a file."""
        self._forms = forms
        self._sums: dict[tuple[int, str], _Sum] = {}
        self._hidden: dict[str, str] = {}

    def decoded(self, found: Found) -> Decoded:
        """The stretch's batches and rejects; every row of `found` is in one of them."""
        for _, account in found.accounts:
            tail = account.number.lstrip("0")
            written = {account.number, *(each for each in account.naming if tail and each.endswith(tail))}
            self._hidden |= {each: f"…{masked_number(each)}" for each in written if len(each) >= _LONG}
        batches = [Batch(ACCOUNTS.name, _accounts([(row, each) for row, each in found.accounts if each.record_id]))]
        nameless = [
            reject(ACCOUNTS.name, row, "account_id", None, *_NAMELESS)
            for row, each in found.accounts
            if not each.record_id
        ]
        rejects = [pl.DataFrame([*found.rejects, *nameless], schema=REJECT_SCHEMA)]
        # Statements come last: they are held against the transactions of this stretch too.
        steps = (
            (self._transactions, found.transactions),
            (self._balances, found.balances),
            (self._statements, found.statements),
        )
        for step, rows in steps:
            made, refused = step(rows)
            batches += made
            rejects.append(refused)
        filled = tuple(batch for batch in batches if batch.frame.height)
        whole = pl.concat(rejects)
        counted = dict.fromkeys(KINDS, 0)
        for batch in filled:
            counted[batch.kind] += batch.frame.height
        for kind in whole["kind"]:
            counted[kind] += 1
        return Decoded(filled, whole, counted)

    def _texts(self, rows: list[Row] | pl.DataFrame, names: tuple[str, ...]) -> pl.DataFrame:
        """The rows as text columns, under the file's own names where it has such."""
        frame = rows if isinstance(rows, pl.DataFrame) else _frame(rows, names)
        gaps = [pl.lit(None, dtype=pl.String).alias(name) for name in names if name not in frame.columns]
        spoken = [name for name in _SPOKEN if name in names]
        frame = frame.with_columns(gaps)
        if self._hidden:
            frame = frame.with_columns(
                pl.col(spoken).str.replace_many(list(self._hidden), list(self._hidden.values()), leftmost=True)
            )
        return frame.rename({n: called for n, called in self._forms.names.items() if n in names})

    def _read(self, frame: pl.DataFrame, **columns: ParsedColumn) -> dict[str, tuple[str, ParsedColumn]]:
        account = ("account_id", required_text(frame["account_id"], "account number"))
        called = {name: (self._forms.names.get(name, name), column) for name, column in columns.items()}
        return {"account_id": account} | called

    def _transactions(self, rows: list[Row] | pl.DataFrame) -> tuple[list[Batch], pl.DataFrame]:
        """Batches: transactions the bank numbered, those a reference names, those their content names."""
        frame = self._texts(rows, (*_TEXTS, *_TYPED))
        read = self._read(
            frame,
            booked_date=self._days(frame, "booked_date").requiring("date"),
            value_date=self._days(frame, "value_date"),
            transaction_amount=self._money(frame, "transaction_amount").requiring("amount"),
            currency_code=self._codes(frame, "currency_code").requiring("currency"),
            original_amount=self._money(frame, "original_amount"),
            original_currency_code=self._codes(frame, "original_currency_code"),
        )
        whole, rejects = set_aside(BANK_TRANSACTIONS.name, frame, read)
        self._remember(whole)
        made = shaped(BANK_TRANSACTIONS, whole, {name: pl.col(name) for name in (*_TEXTS, *read)})
        numbered = pl.col("record_id").is_not_null()
        referenced = pl.col("bank_reference").is_not_null() & self._forms.reference_names
        batches = [
            Batch(BANK_TRANSACTIONS.name, made.filter(numbered)),
            Batch(BANK_TRANSACTIONS.name, made.filter(~numbered & referenced), REFERENCE),
            Batch(BANK_TRANSACTIONS.name, made.filter(~numbered & ~referenced), self._forms.identity),
        ]
        return batches, rejects

    def _remember(self, whole: pl.DataFrame) -> None:
        booked = whole.filter(booking_status="booked").group_by("statement", "currency_code")
        day = pl.col("booked_date")
        sums = booked.agg(pl.col("transaction_amount").sum(), pl.len(), day.min(), day.max().alias("last"))
        for statement, currency, amount, count, first, last in sums.iter_rows():
            known = self._sums.setdefault((statement, currency), _Sum())
            known.amount += amount
            known.count += count
            known.first = min(known.first or first, first)
            known.last = max(known.last or last, last)

    def _balances(self, rows: list[Row] | pl.DataFrame) -> tuple[list[Batch], pl.DataFrame]:
        texts = ("account_id", "balance_kind", "balance_amount", "balance_date", "currency_code", "extra")
        frame = self._texts(rows, texts)
        read = self._read(
            frame,
            balance_amount=self._money(frame, "balance_amount").requiring("amount"),
            balance_date=self._days(frame, "balance_date").requiring("date"),
            currency_code=self._codes(frame, "currency_code").requiring("currency"),
        )
        whole, rejects = set_aside(BALANCES.name, frame, read)
        named = pl.concat_str("account_id", "balance_kind", pl.col("balance_date").cast(pl.String), separator=":")
        columns = {name: pl.col(name) for name in (*read, "balance_kind", "extra")} | {"record_id": named}
        return [Batch(BALANCES.name, shaped(BALANCES, whole, columns))], rejects

    def _statements(self, rows: list[Row] | pl.DataFrame) -> tuple[list[Batch], pl.DataFrame]:
        amounts = ("opening_amount", "closing_amount", "stated_credit_amount", "stated_debit_amount")
        texts = ("account_id", "statement_number", "first_date", "last_date", *amounts, "currency_code", "extra")
        frame = self._texts(rows, texts)
        codes = self._codes(frame, "currency_code").requiring("currency")
        sums = [self._sums.pop(key, _Sum()) for key in zip(frame["statement"], codes.values, strict=True)]
        began, ended = self._days(frame, "first_date"), self._days(frame, "last_date")
        first = began.values.fill_null(pl.Series([each.first for each in sums], dtype=pl.Date))
        last = ended.values.fill_null(pl.Series([each.last for each in sums], dtype=pl.Date))
        totals = pl.Series([str(each.amount) for each in sums], dtype=pl.String)
        frame = frame.with_columns(totals.alias("transactions_amount"))
        read = self._read(
            frame,
            currency_code=codes,
            first_date=ParsedColumn(first, began.refusals),
            last_date=ParsedColumn(last, ended.refusals).requiring("last day"),
            transactions_amount=parse_money(totals, DecimalMark.POINT),
            **{name: self._money(frame, name) for name in amounts},
        )
        counts = pl.Series([each.count for each in sums], dtype=pl.Int64)
        whole, rejects = set_aside(STATEMENTS.name, frame.with_columns(counts.alias("transactions_count")), read)
        columns = (*read, "statement_number", "transactions_count", "extra")
        made = shaped(STATEMENTS, whole, {name: pl.col(name) for name in columns})
        return [Batch(STATEMENTS.name, made, _STATEMENT)], rejects

    def _days(self, frame: pl.DataFrame, name: str) -> ParsedColumn:
        return self._forms.days(frame[self._forms.names.get(name, name)])

    def _money(self, frame: pl.DataFrame, name: str) -> ParsedColumn:
        return parse_money(frame[self._forms.names.get(name, name)], self._forms.mark)

    def _codes(self, frame: pl.DataFrame, name: str) -> ParsedColumn:
        return currency_codes(frame[self._forms.names.get(name, name)])


def _frame(rows: list[Row], names: tuple[str, ...]) -> pl.DataFrame:
    numbers = {
        name: pl.Series(name, [row.get(name) for row in rows], dtype=pl.Int64) for name in ("row_no", "statement")
    }
    texts = {name: pl.Series(name, [row.get(name) or None for row in rows], dtype=pl.String) for name in names}
    return pl.DataFrame(numbers | texts)


def _accounts(accounts: list[tuple[int, Account]]) -> pl.DataFrame:
    rows = [
        {
            "row_no": row,
            "record_id": account.record_id,
            "account_name": account.name,
            "account_kind": account.kind,
            "currency_code": code if re.fullmatch(CURRENCY_PATTERN, code := account.currency.upper()) else None,
            "institution_name": account.institution or None,
            "masked_number": masked_number(account.number) or None,
            "number_key": number_key(account.number),
        }
        for row, account in accounts
    ]
    frame = pl.DataFrame(rows, schema={"row_no": pl.Int64} | dict.fromkeys(_ACCOUNT, pl.String))
    return shaped(ACCOUNTS, frame, {name: pl.col(name) for name in _ACCOUNT})


def reject(kind: str, row: int, column: str, value: str | None, reason: str, cure: str) -> dict[str, str | int | None]:
    """A row for `Found.rejects`."""
    return {"kind": kind, "row_no": row, "column": column, "value": value, "reason": reason, "cure": cure}


def extra_text(left: Mapping[str, Any]) -> str | None:
    """What has no column as JSON text, empty values left out; None when nothing is left."""
    filled = {name: value for name, value in left.items() if value}
    return json.dumps(filled, ensure_ascii=False) if filled else None
