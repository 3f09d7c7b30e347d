"""From a page of Hishebi's ledger to records: amounts get their sign, nothing of an entry is dropped.

Wire amounts are unsigned; income is money in, expense and debt_payment are money out. Put here what a field means;
keep requests out (`client`) and the reading of JSON itself (`exact_json`).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact, InvalidOperation
from typing import Any

import polars as pl

from pipelines.sources.exact_json import NotJson, json_text, read_json
from pipelines.sources.source import REJECT_SCHEMA, Batch, Decoded, Page, SourceError, Window
from warehouse.fields import CURRENCY_PATTERN, MOST
from warehouse.kinds import AMOUNT_SCALE
from warehouse.record_kinds import ACCOUNTS, LEDGER_ENTRIES
from warehouse.schema_renderings import polars_schema

ACCOUNT_ID = "ledger"
"""record_id of the one account of a connection; Hishebi's ledger knows no accounts of its own."""
SIGNS = {"income": 1, "expense": -1, "debt_payment": -1}
"""The kinds of an entry and the direction of their money."""

_KNOWN = ("id", "kind", "amount", "category", "counterparty", "date", "note")
_EXACT = Context(prec=40, traps=[Inexact, InvalidOperation])
_SMALLEST = Decimal(1).scaleb(-AMOUNT_SCALE)
_PLAIN_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?")
_LONGEST_VALUE = 200
_ENTRY_SCHEMA = polars_schema(LEDGER_ENTRIES)
_ACCOUNT_SCHEMA = polars_schema(ACCOUNTS)


class _Unreadable(Exception):
    """Why an entry is set aside: its column, the reason and the cure."""

    def __init__(self, column: str, reason: str, cure: str) -> None:
        super().__init__(reason)
        self.column, self.reason, self.cure = column, reason, cure


@dataclass(frozen=True, slots=True)
class Contents:
    """The outer form of a page: its currency as it came, its entries and the token of the next page."""

    currency: Any
    entries: list[Any]
    next_page: str | None

    @property
    def ids(self) -> set[str]:
        """The ids of the entries, as JSON text."""
        return {json_text(entry["id"]) for entry in self.entries if isinstance(entry, dict) and "id" in entry}


def contents(document: Any) -> Contents:
    """The outer form of a parsed page. Raises SourceError when it is not a page of a ledger."""
    if not isinstance(document, dict) or not isinstance(document.get("entries"), list):
        raise SourceError("Hishebi answered with something that is not a page of the ledger. Sync again later.")
    following = document.get("next_page", False)
    if isinstance(following, Decimal):
        following = str(following)
    if following is not None and (not isinstance(following, str) or not following):
        raise SourceError("Hishebi does not say whether the ledger has another page. Sync again later.")
    return Contents(document.get("currency"), document["entries"], following)


def decode(page: Page) -> Decoded:
    """Turn one page into ledger entries, and with a pull's first page the account. Raises SourceError.

    The window is told with its last page, the cursor with the last page of the pull.
    """
    try:
        held = contents(read_json(page.body))
        first, last = (dt.date.fromisoformat(page.meta[name]) for name in ("first_date", "last_date"))
    except NotJson:
        raise SourceError("A landed page of Hishebi's ledger is not whole JSON. Sync again.") from None
    except (KeyError, ValueError):
        raise SourceError("A landed page of Hishebi's ledger lost the days it was asked for. Sync again.") from None
    rows: list[dict[str, Any]] = []
    rejects: list[dict[str, Any]] = []
    for row_no, entry in enumerate(held.entries, start=1):
        try:
            rows.append({"row_no": row_no, **_entry(entry, held.currency)})
        except _Unreadable as problem:
            rejects.append(_reject(row_no, entry, problem))
    batches = [Batch("ledger_entries", pl.DataFrame(rows, schema=_ENTRY_SCHEMA))]
    rows_read = {"ledger_entries": len(held.entries)}
    if page.meta.get("opens_pull"):
        batches.append(Batch("accounts", _account(held.currency)))
        rows_read["accounts"] = 1
    whole = held.next_page is None
    return Decoded(
        batches=tuple(batches),
        rejects=pl.DataFrame(rejects, schema=REJECT_SCHEMA),
        rows_read=rows_read,
        windows=(Window("ledger_entries", first, last),) if whole else (),
        cursor=page.meta.get("cursor"),
    )


def _entry(entry: Any, page_currency: Any) -> dict[str, Any]:
    if not isinstance(entry, dict):
        raise _Unreadable("", "the entry is not a JSON object", "report it to Hishebi")
    try:
        extra = {name: value for name, value in entry.items() if name not in _KNOWN}
        json_text(entry).encode()
    except UnicodeEncodeError:
        raise _Unreadable("", "the text is not valid Unicode", "write the entry again in Hishebi") from None
    kind = _kind(entry.get("kind"))
    record_id = _text(entry, "id")
    if record_id is None:
        raise _Unreadable("id", "the entry has no id", "report it to Hishebi")
    return {
        "record_id": record_id,
        "account_id": ACCOUNT_ID,
        "entry_date": _date(entry.get("date")),
        "entry_kind": kind,
        "entry_amount": SIGNS[kind] * _amount(entry.get("amount")),
        "currency_code": _currency(entry.get("currency", page_currency)),
        "category_name": _text(entry, "category"),
        "counterparty_name": _text(entry, "counterparty"),
        "note": _text(entry, "note"),
        "extra": json_text(extra) if extra else None,
    }


def _text(entry: Mapping[str, Any], name: str) -> str | None:
    value = entry.get(name)
    if isinstance(value, Decimal):
        return str(value)
    if value is None or isinstance(value, str):
        return value or None
    raise _Unreadable(name, "it is not text", "write the entry again in Hishebi")


def _kind(value: Any) -> str:
    if value is None:
        raise _Unreadable("kind", "the kind is missing", "choose income, expense or debt payment in Hishebi")
    if not isinstance(value, str) or value not in SIGNS:
        raise _Unreadable("kind", "the kind is not known", "update Hisab, or choose another kind in Hishebi")
    return value


def _amount(value: Any) -> Decimal:
    if value is None or value == "":
        raise _Unreadable("amount", "the amount is missing", "fill it in in Hishebi")
    if isinstance(value, str) and _PLAIN_NUMBER.fullmatch(value.strip()):
        value = Decimal(value.strip())
    if not isinstance(value, Decimal):
        raise _Unreadable("amount", "the amount is not a plain number such as 1850.50", "write it so in Hishebi")
    if value < 0:
        raise _Unreadable("amount", "the amount has a minus sign", "write it without a sign; the kind says in or out")
    if value > Decimal(MOST):
        raise _Unreadable("amount", "the amount is too large", "correct it in Hishebi")
    try:
        return value.quantize(_SMALLEST, context=_EXACT)
    except (Inexact, InvalidOperation):
        raise _Unreadable("amount", "the amount has more than four decimals", "round it in Hishebi") from None


def _currency(value: Any) -> str:
    text = value.strip().upper() if isinstance(value, str) else ""
    if not re.fullmatch(CURRENCY_PATTERN, text):
        raise _Unreadable("currency", "the currency is not a three-letter code", "set the ledger's currency in Hishebi")
    return text


def _date(value: Any) -> dt.date:
    if value is None or value == "":
        raise _Unreadable("date", "the date is missing", "fill it in in Hishebi")
    try:
        if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            return dt.date.fromisoformat(value)
    except ValueError:
        raise _Unreadable("date", "there is no such day in the calendar", "correct the date in Hishebi") from None
    raise _Unreadable("date", "the date is not written as 2026-04-05", "correct the date in Hishebi")


def _account(currency: Any) -> pl.DataFrame:
    try:
        code: str | None = _currency(currency)
    except _Unreadable:
        code = None  # the entries say so already, each with its cure
    row = {
        "row_no": 1,
        "record_id": ACCOUNT_ID,
        "account_name": "Hishebi ledger",
        "account_kind": "ledger",
        "currency_code": code,
        "institution_name": "Hishebi Online",
    }
    return pl.DataFrame([row], schema=_ACCOUNT_SCHEMA)


def _reject(row_no: int, entry: Any, problem: _Unreadable) -> dict[str, Any]:
    there = entry.get(problem.column) if problem.column and isinstance(entry, dict) else entry
    text = there if isinstance(there, str) else json_text(there)
    return {
        "kind": "ledger_entries",
        "row_no": row_no,
        "column": problem.column,
        "value": text.encode("utf-8", "replace").decode()[:_LONGEST_VALUE],
        "reason": problem.reason,
        "cure": problem.cure,
    }
