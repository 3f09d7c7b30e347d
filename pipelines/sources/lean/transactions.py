"""A transaction of Lean as a bank transaction: its amount gets the sign of its direction, its days are the bank's own.

A transaction that is pending and later posts under the same id is one record that changes. Where the bank gives it
another id, the pending one is missing in the span that is read again, and becomes a tombstone.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pipelines.sources.lean.rows import Around, Taken, whole
from pipelines.sources.lean.values import (
    Unreadable,
    is_zone,
    local_day,
    money,
    only_days,
    required_text,
    signed,
    text_of,
)

STATUSES = {"BOOKED": "booked", "PENDING": "pending"}
"""Lean's words for a transaction the bank has booked, or has not yet."""

_MERCHANT_CODE = re.compile(r"(?:CC)?([0-9]{4})")
_IN_COLUMNS = frozenset(
    {
        *("transaction_id", "account_id", "entity_id", "status", "credit_debit_indicator"),
        *("transaction_information", "transaction_reference", "transaction_type"),
    }
)


def transaction(row: Mapping[str, Any], around: Around) -> Taken:
    """One transaction. Raises Unreadable."""
    amount, currency = signed(row)
    zone = str(row["local_time_zone"]) if is_zone(row.get("local_time_zone")) else around.time_zone
    status = text_of(row, "status")
    if status not in STATUSES:
        raise Unreadable("status", "it is neither BOOKED nor PENDING", "a transaction the bank refused needs no cure")
    booked = local_day(row, "booking_date_time", zone)
    value_day = local_day(row, "value_date_time", zone)
    original, original_currency = _original(row, amount, currency)
    code = _merchant_code(row)
    columns = {
        "record_id": required_text(row, "transaction_id"),
        "account_id": _account_id(row, around),
        "booked_date": _day(booked, value_day),
        "value_date": value_day,
        "transaction_amount": amount,
        "currency_code": currency,
        "transaction_type": text_of(row, "transaction_type"),
        "booking_status": STATUSES[status],
        "payee_name": _payee(row, amount),
        "description": text_of(row, "transaction_information"),
        "bank_reference": text_of(row, "transaction_reference"),
        "merchant_category_code": code,
        "bank_category": _member(row, "insights", "category"),
        "original_amount": original,
        "original_currency_code": original_currency,
    }
    merchant = ("merchant_name", *(("merchant_category_code",) if code else ()))
    members = {
        *_IN_COLUMNS,
        *whole(row, amount=("amount", "currency"), insights=("category",), merchant_details=merchant),
        *only_days(row, "booking_date_time", "value_date_time"),
    }
    return Taken(columns, frozenset(members))


def _account_id(row: Mapping[str, Any], around: Around) -> str:
    """The account asked about; a row that names another one would be counted twice."""
    named = text_of(row, "account_id") or around.account_id
    if named is None:
        raise Unreadable("account_id", "it is missing")
    if around.account_id is not None and named != around.account_id:
        raise Unreadable("account_id", "it is not the account that was asked about")
    return named


def _day(booked: dt.date | None, value_day: dt.date | None) -> dt.date:
    day = booked or value_day
    if day is None:
        raise Unreadable("booking_date_time", "it is missing, and so is the value date")
    return day


def _payee(row: Mapping[str, Any], amount: Decimal) -> str | None:
    """The other side: the merchant, else whoever holds the account the money went to or came from."""
    other = "creditor_account" if amount < 0 else "debtor_account"
    return _member(row, "merchant_details", "merchant_name") or _member(row, other, "name")


def _member(row: Mapping[str, Any], member: str, name: str) -> str | None:
    value = row.get(member)
    return text_of(value, name) if isinstance(value, Mapping) else None


def _merchant_code(row: Mapping[str, Any]) -> str | None:
    found = _MERCHANT_CODE.fullmatch(_member(row, "merchant_details", "merchant_category_code") or "")
    return found[1] if found else None


def _original(row: Mapping[str, Any], amount: Decimal, currency: str) -> tuple[Decimal | None, str | None]:
    """The amount agreed in another currency, with the transaction's own sign; nothing where it is the same one."""
    exchange = row.get("currency_exchange")
    if not isinstance(exchange, Mapping) or not isinstance(exchange.get("instructed_amount"), Mapping):
        return None, None
    try:
        magnitude, agreed_in = money(exchange["instructed_amount"], "currency_exchange")
    except Unreadable:
        return None, None  # what cannot be read of it stays in extra; the booked amount is whole without it
    if agreed_in == currency:
        return None, None
    return (-magnitude if amount < 0 else magnitude) + 0, agreed_in
