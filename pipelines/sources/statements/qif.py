"""QIF as records: accounts, balances, statements and bank transactions.

Put here how QIF writes dates and amounts, and what it leaves to the person. Keep out what its letters mean
(`qif_statements`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import BinaryIO

import polars as pl

from pipelines.sources.byte_stream import head_text
from pipelines.sources.conventions import CURRENCY, Clues, Conventions, look_ahead
from pipelines.sources.date_text import date_order_clues, parse_days
from pipelines.sources.money_text import decimal_mark_clues
from pipelines.sources.parsed_column import ParsedColumn
from pipelines.sources.source import Decoded, Question, SourceError
from pipelines.sources.statements.qif_records import records
from pipelines.sources.statements.qif_statements import (
    SOURCE,
    Part,
    StatementReader,
    amount_of,
    name_account,
    transaction_row,
)
from pipelines.sources.statements.statement_frames import KINDS, Forms, Found, StatementFrames
from pipelines.sources.statements.statement_text import lines
from warehouse.fields import CURRENCY_PATTERN

ACCOUNT = "account"
"""Name of the question for the account a file does not name."""

_HEADER = re.compile(r"^\s*!(?:Type:|Account\b|Option:|Clear:)", re.IGNORECASE | re.MULTILINE)
_DATE = r"^\s*([0-9]{1,4})\s*([-/.])\s*([0-9]{1,2})\s*[-/.' ]\s*'?\s*([0-9]{4}|[0-9]{1,2})\s*$"
_COMPACT = r"^\s*((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})\s*$"
_NAMES = {"booked_date": "D", "transaction_amount": "T", "balance_amount": "T", "balance_date": "D"}
_CENTURY_TURNS = 70
"""Two-digit years from here on are of the last century, unless an apostrophe stands before them."""


class QifFormat:
    """Reads QIF; see docs/formats.md for the rules."""

    source = SOURCE
    title = "QIF (Quicken interchange format)"
    kinds = KINDS

    def sniff(self, head: bytes) -> bool:
        """Whether a header of QIF begins a line."""
        return bool(_HEADER.search(head_text(head).replace("\r", "\n")))

    def questions(self, body: BinaryIO) -> list[Question]:
        """The currency always; date order, decimal mark and account where the file is silent. Raises SourceError."""
        clues, parts = look_ahead(_parts(body), _clues)
        unnamed = amounts = False
        for part in parts:
            amounts = amounts or bool(part.transactions or part.balances)
            unnamed = unnamed or any(not section.account.naming for _, section, _ in part.transactions)
        asked = clues.questions()
        if amounts:
            text = "Which currency are the amounts in (three letters, such as USD)? QIF does not say."
            asked.append(Question(CURRENCY, text, pattern=CURRENCY_PATTERN))
        if unnamed:
            text = "What is the account called? The file does not name it."
            asked.append(Question(ACCOUNT, text, pattern=r"\S.{0,79}"))
        return asked

    def read(self, body: BinaryIO, answers: Mapping[str, str]) -> Iterator[Decoded]:
        """Decode the file. Raises SourceError."""
        clues, parts = look_ahead(_parts(body), _clues)
        frames = StatementFrames(_forms(clues.settle(answers)))
        currency, name = answers.get(CURRENCY, "").upper(), answers.get(ACCOUNT, "").strip()
        for part in parts:
            if (part.transactions or part.balances) and not currency:
                raise SourceError("The file leaves open its currency; answer currency, for example currency=USD.")
            if not name and any(not section.account.naming for _, section, _ in part.transactions):
                raise SourceError("The file does not name its account; answer account, for example account=Savings.")
            yield frames.decoded(_found(part, currency, name))


def _parts(body: BinaryIO) -> Iterator[Part]:
    """The file's rows. Raises SourceError when it holds none."""
    parts = StatementReader().parts(records(lines(body)))
    first = next(parts)
    if not (first.accounts or first.transactions or first.balances or first.rejects):
        raise SourceError("The file is QIF but holds no account and no transaction; export it again with transactions.")
    return chain([first], parts)


def _forms(conventions: Conventions) -> Forms:
    def days(text: pl.Series) -> ParsedColumn:
        return parse_days(_four_digit_years(text), conventions.order)

    return Forms(conventions.mark, days, _NAMES)


def _clues(part: Part) -> Clues:
    amounts = [amount_of(record) for _, _, record in part.transactions] + [row[3] for row in part.balances]
    days = [record.get("D") for _, _, record in part.transactions] + [row[4] for row in part.balances]
    return Clues(
        decimal_mark_clues(pl.Series(amounts, dtype=pl.String)),
        date_order_clues(_four_digit_years(pl.Series(days, dtype=pl.String))),
    )


def _four_digit_years(text: pl.Series) -> pl.Series:
    """Dates with single separators and whole years: `2/10'20` is 2/10/2020, `20250731` is 2025-07-31."""
    parts = text.str.extract_groups(_DATE).struct
    first, mark, middle, last = (parts[number] for number in range(4))
    apostrophe = text.str.contains("'", literal=True)
    year = last.cast(pl.Int32)
    short = last.str.len_chars() <= len("99")
    century = pl.select(
        pl.when(short & (apostrophe | (year < _CENTURY_TURNS))).then(2000).when(short).then(1900).otherwise(0)
    ).to_series()
    year_last = pl.select(pl.concat_str([first, middle, (year + century).cast(pl.String)], separator="/")).to_series()
    year_first = pl.select(pl.concat_str([first, middle, last], separator="-")).to_series()
    compact = text.str.replace(_COMPACT, "${1}-${2}-${3}")
    whole = year_first.zip_with((first.str.len_chars() == len("2025")).fill_null(value=False), year_last)
    return whole.zip_with(mark.is_not_null(), compact)


def _found(part: Part, currency: str, name: str) -> Found:
    accounts = [account for _, account in part.accounts]
    accounts += [section.account for _, section, _ in part.transactions]
    for account in accounts:
        account.currency = currency
        if not account.naming:
            name_account(account, name)
    return Found(
        accounts=part.accounts,
        transactions=[transaction_row(*row, currency) for row in part.transactions],
        balances=[
            {
                "row_no": number,
                "account_id": account.record_id,
                "balance_kind": kind,
                "balance_amount": amount,
                "balance_date": day,
                "currency_code": currency,
            }
            for number, account, kind, amount, day in part.balances
        ],
        statements=[
            {
                "row_no": section.number,
                "statement": section.number,
                "account_id": section.account.record_id,
                "first_date": section.opening.get("D") if section.opening else "",
                "opening_amount": amount_of(section.opening) if section.opening else "",
                "last_date": section.opening.get("D") if section.opening and not section.count else "",
                "currency_code": currency,
            }
            for section in part.sections
        ],
        rejects=part.rejects,
    )


FORMAT = QifFormat()
