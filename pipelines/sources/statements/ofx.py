"""OFX and QFX statements as records: accounts, balances and bank transactions with exact amounts.

Put here how OFX values are typed. Keep out what its elements mean (`ofx_statements`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import BinaryIO

import polars as pl

from pipelines.sources.byte_stream import head_text
from pipelines.sources.conventions import CURRENCY, DECIMAL_MARK, Clues
from pipelines.sources.date_text import DateOrder, parse_days
from pipelines.sources.money_text import DecimalMark, MarkClues, decimal_mark_clues
from pipelines.sources.parsed_column import ParsedColumn
from pipelines.sources.source import Decoded, Question, SourceError
from pipelines.sources.statements.ofx_events import events
from pipelines.sources.statements.ofx_statements import Part, StatementReader, extra_of, reference_of
from pipelines.sources.statements.statement_frames import KINDS, Account, Forms, Found, StatementFrames
from warehouse.fields import CURRENCY_PATTERN

_DATE = r"^\s*([0-9]{4})-?([0-9]{2})-?([0-9]{2})(?:[T ]?[0-9:.]*)\s*(?:\[[^\]]*\])?\s*(?:Z|[+-][0-9:]+)?$"
_IDENTITY = ("account_id", "booked_date", "transaction_amount", "currency_code", "payee_name", "description")
"""What names a transaction where the bank gives it no id."""
_NAMES = {
    "booked_date": "DTPOSTED",
    "value_date": "VALUE",
    "transaction_amount": "TRNAMT",
    "balance_amount": "BALAMT",
    "balance_date": "DTASOF",
    "currency_code": "CURRENCY",
    "first_date": "DTSTART",
    "last_date": "DTEND",
    "closing_amount": "BALAMT",
}
"""What OFX calls the columns."""


class OfxFormat:
    """Reads OFX 1 (SGML), OFX 2 (XML) and QFX; see docs/formats.md for the rules."""

    source = "ofx"
    title = "OFX or QFX bank statement"
    kinds = KINDS

    def sniff(self, head: bytes) -> bool:
        """Whether the file begins like OFX: its header, or XML whose outermost element is OFX."""
        text = head_text(head).lstrip()
        return bool(
            re.match(r"OFXHEADER\s*:|<\?OFX\b|<OFX>|<\?xml\b[^>]*>.{0,4000}?<OFX\b", text, re.IGNORECASE | re.DOTALL)
        )

    def questions(self, body: BinaryIO) -> list[Question]:
        """The currency when a statement names none, the decimal mark when amounts contradict each other."""
        reader = StatementReader()
        first, asked = None, []
        without_currency = False
        for part in reader.parts(events(body)):
            first = first or part
            without_currency = without_currency or _lacks_currency(part)
        if first and _mark(first, {}) is None:
            asked += Clues(MarkClues(point=1, comma=1)).questions()
        if without_currency:
            text = "Which currency are the amounts in (three letters, such as USD)? The statement does not say."
            asked.append(Question(CURRENCY, text, pattern=CURRENCY_PATTERN))
        return asked

    def read(self, body: BinaryIO, answers: Mapping[str, str]) -> Iterator[Decoded]:
        """Decode the file. Raises SourceError."""
        parts = StatementReader().parts(events(body))
        first = next(parts)
        mark = _mark(first, answers)
        if mark is None:
            raise SourceError(
                "The file's amounts have both decimal points and commas; answer decimal_mark, for example point."
            )
        seen: dict[str, dict[str, int]] = {}
        frames = StatementFrames(Forms(mark, _days, _NAMES, _IDENTITY))
        for part in chain([first], parts):
            yield frames.decoded(_found(part, answers.get(CURRENCY, ""), seen))


def _mark(part: Part, answers: Mapping[str, str]) -> DecimalMark | None:
    """The decimal mark of the file. OFX knows no grouping, so the only separator of an amount is its decimal mark."""
    if DECIMAL_MARK in answers:
        return Clues().settle({DECIMAL_MARK: answers[DECIMAL_MARK]}).mark
    texts = [leaves.get("TRNAMT", "") for _, _, _, _, leaves in part.transactions]
    texts += [leaves["BALAMT"] for _, _, _, leaves in part.balances]
    amounts = pl.Series(texts, dtype=pl.String)
    clues = decimal_mark_clues(amounts)
    if clues.point or clues.comma:
        return Clues(clues).mark()
    points, commas = (amounts.str.contains(sign, literal=True).any() for sign in (".", ","))
    if points and commas:
        return None
    return DecimalMark.COMMA if commas else DecimalMark.POINT


def _currencies(part: Part, answer: str) -> list[str]:
    """The currency of each transaction, then of each balance; empty where the file names none."""
    own = [leaves.get("CURRENCY.CURSYM") or account.currency for _, account, _, _, leaves in part.transactions]
    return [code or answer for code in (*own, *(account.currency for _, account, _, _ in part.balances))]


def _lacks_currency(part: Part) -> bool:
    """Whether a row that has an amount has no currency."""
    amounts = [leaves.get("TRNAMT") for _, _, _, _, leaves in part.transactions]
    amounts += [leaves["BALAMT"].strip() for _, _, _, leaves in part.balances]
    return any(amount and not code for amount, code in zip(amounts, _currencies(part, ""), strict=True))


def _days(text: pl.Series) -> ParsedColumn:
    """Days of OFX times, as the bank wrote them: their zone is the bank's own."""
    written = text.str.extract_groups(_DATE).struct
    iso = pl.select(pl.concat_str([written[n] for n in range(3)], separator="-")).to_series()
    return parse_days(iso.fill_null(text), DateOrder.DAY_FIRST)


def _found(part: Part, answer: str, seen: dict[str, dict[str, int]]) -> Found:
    codes = _currencies(part, answer)
    count = len(part.transactions)
    for _, account in part.accounts:
        account.currency = account.currency or answer
    return Found(
        accounts=part.accounts,
        transactions=[
            {
                "row_no": row,
                "statement": statement,
                "record_id": _record_id(account, leaves, seen),
                "account_id": account.record_id,
                "booked_date": leaves.get("DTPOSTED"),
                "value_date": leaves.get("DTAVAIL") or leaves.get("VALUEDATE"),
                "transaction_amount": leaves.get("TRNAMT"),
                "currency_code": code,
                "transaction_type": leaves.get("TRNTYPE"),
                "booking_status": status,
                "payee_name": leaves.get("NAME") or leaves.get("PAYEE.NAME"),
                "description": leaves.get("MEMO"),
                "bank_reference": leaves.get("CHECKNUM") or leaves.get("REFNUM"),
                "extra": extra_of(leaves),
            }
            for (row, account, statement, status, leaves), code in zip(part.transactions, codes[:count], strict=True)
        ],
        balances=[
            {
                "row_no": row,
                "account_id": account.record_id,
                "balance_kind": kind,
                "balance_amount": leaves["BALAMT"],
                "balance_date": leaves["DTASOF"],
                "currency_code": code,
            }
            for (row, account, kind, leaves), code in zip(part.balances, codes[count:], strict=True)
        ],
        statements=[
            {
                "row_no": number,
                "statement": number,
                "account_id": account.record_id,
                "first_date": leaves.get("DTSTART"),
                "last_date": leaves.get("DTEND") or leaves.get("DTASOF"),
                "closing_amount": leaves.get("BALAMT"),
                "currency_code": account.currency or answer,
            }
            for number, account, leaves in part.statements
        ],
        rejects=part.rejects,
    )


def _record_id(account: Account, leaves: dict[str, str], seen: dict[str, dict[str, int]]) -> str | None:
    """Account and FITID; a FITID that returns with other content is numbered, one with the same content is not."""
    reference = reference_of(account, leaves)
    if not reference:
        return None
    named = f"{account.record_id}:{reference}"
    content = [leaves.get(tag, "") for tag in ("DTPOSTED", "TRNAMT", "NAME", "MEMO", "TRNTYPE", "CHECKNUM")]
    digest = hashlib.sha256("\0".join(content).encode()).hexdigest()[:16]
    known = seen.setdefault(named, {})
    place = known.setdefault(digest, len(known) + 1)
    return named if place == 1 else f"{named}#{place}"


FORMAT = OfxFormat()
