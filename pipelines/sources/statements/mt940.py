"""MT940 and MT942 statements as records: accounts, balances, statements and bank transactions.

Put here what becomes of a file's parts as rows. Keep out what its fields mean (`mt940_statements`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from pipelines.sources.account_numbers import masked_number
from pipelines.sources.byte_stream import head_text
from pipelines.sources.conventions import CURRENCY
from pipelines.sources.source import Decoded, Question, SourceError
from pipelines.sources.statements.mt940_fields import TAGS, fields
from pipelines.sources.statements.mt940_remittance import remittance
from pipelines.sources.statements.mt940_statements import (
    SOURCE,
    Line,
    Message,
    Part,
    StatementReader,
    day_text,
    entry_day,
    plain_amount,
    settle_account,
    signed,
)
from pipelines.sources.statements.statement_frames import (
    KINDS,
    ROWS_PER_STRETCH,
    Forms,
    Found,
    Row,
    StatementFrames,
    extra_text,
)
from pipelines.sources.statements.statement_text import lines, single_spaced
from warehouse.fields import CURRENCY_PATTERN

_NAMES = {"booked_date": ":61: day", "value_date": ":61: value day", "transaction_amount": ":61: amount"}
_BALANCE_KINDS = {"60F": "opening", "62F": "ledger", "64": "available"}
_NONE = {"NONREF", "NOREF", "NREF", "EREF", "EREF+", "KREF", "KREF+", "MREF", "MREF+"}
"""What banks write where there is no reference, or where one stands in the purpose."""
_TAG_LINE = re.compile(rf"^[ \t\x01]*(?:\{{4:)?:({'|'.join(TAGS)}):", re.MULTILINE)
_IBAN = re.compile(r"^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$")
_NAME_BEHIND = re.compile(r"^(\S.{0,14}?)\s{2,}(\S.*)$")
_DAY = re.compile(r"\d{6}")
_ESSENTIAL = {"25", "25P", "60F", "60M", "61", "62F", "62M", "34F"}


class Mt940Format:
    """Reads MT940 and MT942, bare or in SWIFT's blocks; see docs/formats.md for the rules."""

    source = SOURCE
    title = "MT940 or MT942 bank statement"
    kinds = KINDS

    def sniff(self, head: bytes) -> bool:
        """Whether two different fields of a statement begin lines of it."""
        found = set(_TAG_LINE.findall(head_text(head).replace("\r", "\n")))
        return len(found) > 1 and bool(found & _ESSENTIAL)

    def questions(self, body: BinaryIO) -> list[Question]:
        """The currency, when a statement names none. Raises SourceError."""
        open_ones = False
        for part in _parts(body):
            accounts = [line.account for line in part.lines] + [message.account for message in part.messages]
            for account in accounts:
                if not account.naming:
                    settle_account(account, "")
                open_ones = open_ones or not account.currency
        text = "Which currency are the amounts in (three letters, such as EUR)? The statement does not say."
        return [Question(CURRENCY, text, pattern=CURRENCY_PATTERN)] if open_ones else []

    def read(self, body: BinaryIO, answers: Mapping[str, str]) -> Iterator[Decoded]:
        """Decode the file. Raises SourceError."""
        frames = StatementFrames(Forms(names=_NAMES))
        for part in _parts(body):
            yield frames.decoded(_found(part, answers.get(CURRENCY, "")))


def _parts(body: BinaryIO) -> Iterator[Part]:
    """The file's rows; those before the first that can be used wait for it. Raises SourceError when there is none."""
    reader = StatementReader()
    refused: list[Row] = []
    for part in reader.parts(fields(lines(body))):
        if reader.found:
            part.rejects = refused + part.rejects
            refused = []
            yield part
        else:
            refused += part.rejects
            if len(refused) >= ROWS_PER_STRETCH:
                break
    if not reader.found:
        why = "no account (:25:)" if refused else "neither a balance (:60F:, :62F:) nor a transaction (:61:)"
        raise SourceError(f"The file looks like MT940 but names {why}; download the whole statement again.")


def _found(part: Part, answer: str) -> Found:
    accounts = [account for _, account in part.accounts]
    accounts += [line.account for line in part.lines] + [message.account for message in part.messages]
    for account in accounts:
        if not account.naming:
            settle_account(account, answer)
    return Found(
        accounts=part.accounts,
        transactions=[_transaction(line) for line in part.lines],
        balances=[row for message in part.messages for row in _balances(message)],
        statements=[_statement(message) for message in part.messages],
        rejects=part.rejects,
    )


def _transaction(line: Line) -> Row:
    parts = line.parts
    value = day_text(parts["value"])
    entry = parts["entry"].strip()
    customer, bank, name, account = _references(parts["references"])
    more = single_spaced(" ".join(line.more))
    if _IBAN.match(more):
        more, account = "", more
    told = remittance(line.info, line.own, more)
    original = told.original_currency not in {"", line.account.currency}
    sign = signed(parts["mark"], parts["amount"])
    extra = told.left | {
        "customer reference": customer if bank else "",
        "account": told.left.get("account") or (f"…{masked_number(account)}" if account else ""),
        "funds code": parts["funds"],
        "mark": parts["mark"] if len(parts["mark"]) > 1 else "",
        "value day as written": parts["value"] if not value.endswith(parts["value"][4:]) else "",
        "supplementary": more if told.description else "",
    }
    return {
        "row_no": line.row,
        "statement": line.statement,
        "account_id": line.account.record_id,
        "booked_date": entry_day(entry, value) if entry else value,
        "value_date": value,
        "transaction_amount": sign,
        "currency_code": line.account.currency,
        "transaction_type": parts["type"].strip(),
        "booking_status": "pending" if parts["mark"].startswith("E") else "booked",
        "payee_name": told.payee or name,
        "description": told.description or more or told.left.get("posting text"),
        "bank_reference": bank or customer,
        "original_amount": ("-" if sign.startswith("-") else "") + plain_amount(told.original_amount)
        if original
        else None,
        "original_currency_code": told.original_currency if original else None,
        "extra": extra_text(extra),
    }


def _references(text: str) -> tuple[str, str, str, str]:
    """The customer's and the bank's reference, and what some banks put there: the other side's name, its IBAN."""
    customer, _, bank = (part.strip() for part in text.partition("//"))
    named = _NAME_BEHIND.match(customer)
    customer, name = (named[1], named[2]) if named else (customer, "")
    account = customer if _IBAN.match(customer) else ""
    customer, bank = ("" if each in _NONE or each == account or len(each) == 1 else each for each in (customer, bank))
    return customer, bank, single_spaced(name), account


def _balances(message: Message) -> Iterator[Row]:
    """Balances of whole statements; those between pages (60M, 62M) stand with their statement only."""
    for number, (tag, kind) in enumerate(_BALANCE_KINDS.items()):
        if tag in message.balances:
            amount, day = message.balances[tag]
            yield {
                "row_no": message.number * 3 + number - 2,
                "account_id": message.account.record_id,
                "balance_kind": kind,
                "balance_amount": amount,
                "balance_date": day,
                "currency_code": message.account.currency,
            }


def _statement(message: Message) -> Row:
    opening = message.balances.get("60F") or message.balances.get("60M") or ("", "")
    closing = message.balances.get("62F") or message.balances.get("62M") or ("", "")
    return {
        "row_no": message.number,
        "statement": message.number,
        "account_id": message.account.record_id,
        "statement_number": message.page,
        "first_date": opening[1],
        "last_date": closing[1] or (day_text(made[0]) if (made := _DAY.match(message.made)) else None),
        "opening_amount": opening[0],
        "closing_amount": closing[0],
        "stated_credit_amount": message.stated.get("90C"),
        "stated_debit_amount": message.stated.get("90D"),
        "currency_code": message.account.currency,
        "extra": extra_text(
            message.left
            | {"forward available": ", ".join(message.ahead), "text": " ".join(filter(None, message.texts))}
        ),
    }


FORMAT = Mt940Format()
