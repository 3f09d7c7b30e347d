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
from pipelines.sources.kind_frames import currency_codes, required_text, set_aside, shaped
from pipelines.sources.money_text import DecimalMark, MarkClues, decimal_mark_clues, parse_money
from pipelines.sources.parsed_column import ParsedColumn
from pipelines.sources.source import REJECT_SCHEMA, Batch, Decoded, Question, SourceError
from pipelines.sources.statements.ofx_events import events
from pipelines.sources.statements.ofx_statements import Account, Part, StatementReader, extra_of, reference_of
from warehouse.record_kinds import ACCOUNTS, BALANCES, BANK_TRANSACTIONS, CURRENCY_PATTERN

_DATE = r"^\s*([0-9]{4})-?([0-9]{2})-?([0-9]{2})(?:[T ]?[0-9:.]*)\s*(?:\[[^\]]*\])?\s*(?:Z|[+-][0-9:]+)?$"
_IDENTITY = ("account_id", "booked_date", "transaction_amount", "currency_code", "payee_name", "description")
"""What names a transaction where the bank gives it no id."""


class OfxFormat:
    """Reads OFX 1 (SGML), OFX 2 (XML) and QFX; see docs/formats.md for the rules."""

    source = "ofx"
    title = "OFX or QFX bank statement"
    kinds = ("accounts", "balances", "bank_transactions")

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
        seen: dict[str, list[str]] = {}
        for part in chain([first], parts):
            yield _decoded(part, mark, answers.get(CURRENCY, ""), seen)


def _mark(part: Part, answers: Mapping[str, str]) -> DecimalMark | None:
    """The decimal mark of the file. OFX knows no grouping, so the only separator of an amount is its decimal mark."""
    if DECIMAL_MARK in answers:
        return Clues().settle({DECIMAL_MARK: answers[DECIMAL_MARK]}).mark
    texts = [leaves.get("TRNAMT", "") for _, _, _, leaves in part.transactions]
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
    own = [leaves.get("CURRENCY.CURSYM") or account.currency for _, account, _, leaves in part.transactions]
    return [code or answer for code in (*own, *(account.currency for _, account, _, _ in part.balances))]


def _lacks_currency(part: Part) -> bool:
    """Whether a row that has an amount has no currency."""
    amounts = [leaves.get("TRNAMT") for _, _, _, leaves in part.transactions]
    amounts += [leaves["BALAMT"].strip() for _, _, _, leaves in part.balances]
    return any(amount and not code for amount, code in zip(amounts, _currencies(part, ""), strict=True))


def _days(text: pl.Series) -> ParsedColumn:
    """Days of OFX times, as the bank wrote them: their zone is the bank's own."""
    written = text.str.extract_groups(_DATE).struct
    iso = pl.select(pl.concat_str([written[n] for n in range(3)], separator="-")).to_series()
    return parse_days(iso.fill_null(text), DateOrder.DAY_FIRST)


def _decoded(part: Part, mark: DecimalMark, answer: str, seen: dict[str, list[str]]) -> Decoded:
    codes = _currencies(part, answer)
    count = len(part.transactions)
    rejects = [pl.DataFrame(part.rejects, schema=REJECT_SCHEMA)]
    batches = [_accounts(part, answer)]
    for made, refused in (_transactions(part, codes[:count], mark, seen), _balances(part, codes[count:], mark)):
        batches += made
        rejects.append(refused)
    whole = pl.concat(rejects)
    filled = tuple(batch for batch in batches if batch.frame.height)
    counted = dict.fromkeys(OfxFormat.kinds, 0)
    for batch in filled:
        counted[batch.kind] += batch.frame.height
    for kind in whole["kind"]:
        counted[kind] += 1
    return Decoded(filled, whole, counted)


def _accounts(part: Part, answer: str) -> Batch:
    rows = [
        {
            "row_no": row,
            "record_id": account.record_id,
            "account_name": account.name,
            "account_kind": account.kind,
            "currency_code": _code_or_none(account.currency or answer),
            "institution_name": account.institution or None,
            "masked_number": account.masked_number or None,
        }
        for row, account in part.accounts
    ]
    names = [name for name in rows[0] if name != "row_no"] if rows else []
    frame = pl.DataFrame(rows, schema={"row_no": pl.Int64} | dict.fromkeys(names, pl.String))
    return Batch(ACCOUNTS.name, shaped(ACCOUNTS, frame, {name: pl.col(name) for name in names}))


def _code_or_none(code: str) -> str | None:
    return code.upper() if re.fullmatch(CURRENCY_PATTERN, code.upper()) else None


def _transactions(
    part: Part, codes: list[str], mark: DecimalMark, seen: dict[str, list[str]]
) -> tuple[list[Batch], pl.DataFrame]:
    """Two batches: transactions the bank numbered, and those it did not."""
    texts = {
        "record_id": [_record_id(account, leaves, seen) for _, account, _, leaves in part.transactions],
        "account": [account.record_id for _, account, _, _ in part.transactions],
        "DTPOSTED": [leaves.get("DTPOSTED") for _, _, _, leaves in part.transactions],
        "VALUE": [leaves.get("DTAVAIL") or leaves.get("VALUEDATE") for _, _, _, leaves in part.transactions],
        "TRNAMT": [leaves.get("TRNAMT") for _, _, _, leaves in part.transactions],
        "CURRENCY": codes,
        "transaction_type": [leaves.get("TRNTYPE") for _, _, _, leaves in part.transactions],
        "booking_status": [status for _, _, status, _ in part.transactions],
        "payee_name": [leaves.get("NAME") or leaves.get("PAYEE.NAME") for _, _, _, leaves in part.transactions],
        "description": [leaves.get("MEMO") for _, _, _, leaves in part.transactions],
        "bank_reference": [leaves.get("CHECKNUM") or leaves.get("REFNUM") for _, _, _, leaves in part.transactions],
        "extra": [extra_of(leaves) for _, _, _, leaves in part.transactions],
    }
    numbers = pl.Series("row_no", [row for row, _, _, _ in part.transactions], dtype=pl.Int64)
    frame = pl.DataFrame(texts, schema=dict.fromkeys(texts, pl.String)).with_columns(numbers)
    read = {
        "account_id": ("account", required_text(frame["account"], "account number")),
        "booked_date": ("DTPOSTED", _days(frame["DTPOSTED"]).requiring("date")),
        "value_date": ("VALUE", _days(frame["VALUE"])),
        "transaction_amount": ("TRNAMT", parse_money(frame["TRNAMT"], mark).requiring("amount")),
        "currency_code": ("CURRENCY", currency_codes(frame["CURRENCY"]).requiring("currency")),
    }
    whole, rejects = set_aside(BANK_TRANSACTIONS.name, frame, read)
    same = ("transaction_type", "booking_status", "payee_name", "description", "bank_reference", "extra", "record_id")
    made = shaped(BANK_TRANSACTIONS, whole, {name: pl.col(name) for name in (*read, *same)})
    numbered = made["record_id"].is_not_null()
    batches = [
        Batch(BANK_TRANSACTIONS.name, made.filter(numbered)),
        Batch(BANK_TRANSACTIONS.name, made.filter(~numbered), _IDENTITY),
    ]
    return batches, rejects


def _record_id(account: Account, leaves: dict[str, str], seen: dict[str, list[str]]) -> str | None:
    """Account and FITID; a FITID that returns with other content is numbered, one with the same content is not."""
    reference = reference_of(account, leaves)
    if not reference:
        return None
    named = f"{account.record_id}:{reference}"
    content = [leaves.get(tag, "") for tag in ("DTPOSTED", "TRNAMT", "NAME", "MEMO", "TRNTYPE", "CHECKNUM")]
    digest = hashlib.sha256("\0".join(content).encode()).hexdigest()[:16]
    known = seen.setdefault(named, [])
    if digest not in known:
        known.append(digest)
    place = known.index(digest) + 1
    return named if place == 1 else f"{named}#{place}"


def _balances(part: Part, codes: list[str], mark: DecimalMark) -> tuple[list[Batch], pl.DataFrame]:
    texts = {
        "account": [account.record_id for _, account, _, _ in part.balances],
        "balance_kind": [kind for _, _, kind, _ in part.balances],
        "BALAMT": [leaves["BALAMT"] for _, _, _, leaves in part.balances],
        "DTASOF": [leaves["DTASOF"] for _, _, _, leaves in part.balances],
        "CURRENCY": codes,
    }
    numbers = pl.Series("row_no", [row for row, _, _, _ in part.balances], dtype=pl.Int64)
    frame = pl.DataFrame(texts, schema=dict.fromkeys(texts, pl.String)).with_columns(numbers)
    read = {
        "account_id": ("account", required_text(frame["account"], "account number")),
        "balance_amount": ("BALAMT", parse_money(frame["BALAMT"], mark).requiring("amount")),
        "balance_date": ("DTASOF", _days(frame["DTASOF"]).requiring("date")),
        "currency_code": ("CURRENCY", currency_codes(frame["CURRENCY"]).requiring("currency")),
    }
    whole, rejects = set_aside(BALANCES.name, frame, read)
    named = pl.concat_str("account_id", "balance_kind", pl.col("balance_date").cast(pl.String), separator=":")
    columns = {name: pl.col(name) for name in (*read, "balance_kind")} | {"record_id": named}
    return [Batch(BALANCES.name, shaped(BALANCES, whole, columns))], rejects


FORMAT = OfxFormat()
