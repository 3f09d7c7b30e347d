"""An account of Lean and its balances.

Of the many types of balance three are kept as rows, one of each per day:

- `ledger`, what is booked: CLOSING_BOOKED, and where a day has none, INTERIM_BOOKED. A credit line the bank counts in
  (`included`) is taken out again: it is the bank's money.
- `available`, what may be spent, as the bank states it, credit line or not: CLOSING_AVAILABLE, else INTERIM_AVAILABLE.
- `opening`: OPENING_BOOKED, without a credit line.

The other types (EXPECTED, FORWARD_AVAILABLE, ...) stay in `extra` of the day's first row.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import polars as pl

from pipelines.sources.account_numbers import masked_number, number_key
from pipelines.sources.lean.rows import Around, ReadRows, Taken, extra_of, reject, whole
from pipelines.sources.lean.values import (
    Unreadable,
    currency_of,
    local_day,
    money,
    objects_in,
    required_text,
    signed,
    text_of,
)
from pipelines.sources.source import REJECT_SCHEMA, Batch
from warehouse.record_kinds import BALANCES
from warehouse.schema_renderings import polars_schema

ACCOUNT_KINDS = {
    "CURRENT": "current",
    "SAVINGS": "savings",
    "CALL": "savings",
    "CREDIT": "card",
    "CHARGE_CARD": "card",
    "PREPAID": "card",
    "LOAN": "loan",
    "MORTGAGE": "loan",
    "PERSONAL_LOAN": "loan",
    "EMONEY": "wallet",
}
"""Lean's account_sub_type to our kind; what is not here is `other`."""

BALANCE_TYPES = {
    "CLOSING_BOOKED": ("ledger", 0),
    "INTERIM_BOOKED": ("ledger", 1),
    "CLOSING_AVAILABLE": ("available", 0),
    "INTERIM_AVAILABLE": ("available", 1),
    "OPENING_BOOKED": ("opening", 0),
}
"""Types that become rows: of which kind, and which one is taken first."""

_WHOLE_NUMBERS = ("IBAN", "BBAN", "ACCOUNT_NUMBER", "PAN")
_CARD_NUMBERS = ("PAN", "MASKED_PAN")


def account(row: Mapping[str, Any], around: Around) -> Taken:
    """One account. Raises Unreadable."""
    sub_type = text_of(row, "account_sub_type") or ""
    kind = ACCOUNT_KINDS.get(sub_type, "other")
    numbers = _numbers(row)
    shown = next(
        (numbers[name] for name in (*(_CARD_NUMBERS if kind == "card" else ()), *_WHOLE_NUMBERS) if name in numbers),
        next(iter(numbers.values()), ""),
    )
    keys = (number_key(numbers[name]) for name in _WHOLE_NUMBERS if name in numbers)
    name, named_by = _name(row, sub_type)
    columns = {
        "record_id": required_text(row, "account_id"),
        "account_name": name,
        "account_kind": kind,
        "currency_code": None if row.get("currency") is None else currency_of(row["currency"], "currency"),
        "institution_name": around.institution_name,
        "masked_number": masked_number(shown) or None,
        "number_key": next((key for key in keys if key), None),
    }
    return Taken(columns, frozenset({"account_id", "entity_id", "currency", named_by}))


def _numbers(row: Mapping[str, Any]) -> dict[str, str]:
    """The account's numbers by scheme; some banks put the bank in front of the scheme's name."""
    found: dict[str, str] = {}
    for number in objects_in(row.get("account")):
        value, scheme = text_of(number, "identification"), text_of(number, "scheme_name") or ""
        if value is not None:
            found.setdefault(scheme.rpartition(".")[2].upper(), value)
    return found


def _name(row: Mapping[str, Any], sub_type: str) -> tuple[str, str]:
    """What the account is called, and the member that says so."""
    for member in ("nickname", "description"):
        if found := text_of(row, member):
            return found, member
    return sub_type.replace("_", " ").capitalize() or "Account", ""


def read_balances(rows: list[Any], around: Around) -> ReadRows:
    """The balances of an answer: at most one per account, kind and day; see above."""
    bad: list[dict[str, Any]] = []
    chosen: dict[tuple[str, str, dt.date], tuple[int, int, dict[str, Any]]] = {}
    others: list[tuple[int, Any]] = []
    for row_no, row in enumerate(rows, start=1):
        try:
            taken = _balance(row, around)
        except Unreadable as problem:
            bad.append(reject(BALANCES.name, row_no, row, problem))
            continue
        if taken is None:
            others.append((row_no, row))
            continue
        rank, columns = taken
        place = (columns["account_id"], columns["balance_kind"], columns["balance_date"])
        known = chosen.get(place)
        if known is not None and known[0] <= rank:
            others.append((row_no, row))
            continue
        if known is not None:
            others.append((known[1], rows[known[1] - 1]))
        chosen[place] = (rank, row_no, columns)
    good = [{"row_no": row_no, **columns} for _, row_no, columns in chosen.values()]
    if not good:
        no_kind = Unreadable("type", "none of the balances is one Hisab knows as booked or available", "report it")
        bad += [reject(BALANCES.name, row_no, row, no_kind) for row_no, row in others]
    for number, each in enumerate(good):
        told = {"other_balances": [row for _, row in sorted(others, key=_first)]} if number == 0 and others else {}
        each["extra"] = extra_of(rows[each["row_no"] - 1], _balance_taken(rows[each["row_no"] - 1], told))
    frame = pl.DataFrame(good, schema=polars_schema(BALANCES))
    rejects = pl.DataFrame(bad, schema=REJECT_SCHEMA)
    return ReadRows(Batch(BALANCES.name, frame), rejects, len(good) + len(bad))


def _first(pair: tuple[int, Any]) -> int:
    return pair[0]


def _balance(row: Any, around: Around) -> tuple[int, dict[str, Any]] | None:
    """How far down the list of choices a balance is, and its columns; None for a type that is no row."""
    if not isinstance(row, Mapping):
        raise Unreadable("", "the row is not a JSON object")
    word = text_of(row, "type")
    if word not in BALANCE_TYPES:
        return None
    kind, rank = BALANCE_TYPES[word]
    amount, currency = signed(row)
    day = local_day(row, "date_time", around.time_zone)
    if day is None:
        raise Unreadable("date_time", "it is missing")
    account_id = text_of(row, "account_id") or around.account_id
    if account_id is None:
        raise Unreadable("account_id", "it is missing")
    return rank, {
        "record_id": f"{account_id}/{kind}/{day}",
        "account_id": account_id,
        "balance_kind": kind,
        "balance_amount": amount if kind == "available" else amount - _credit_counted_in(row, currency),
        "currency_code": currency,
        "balance_date": day,
    }


def _credit_counted_in(row: Mapping[str, Any], currency: str) -> Decimal:
    """The credit lines that are part of the stated figure."""
    total = Decimal(0)
    for line in objects_in(row.get("credit_line")):
        if line.get("included") is True:
            amount, its_currency = money(line.get("amount"), "credit_line")
            if its_currency != currency:
                raise Unreadable("credit_line", "a credit line counted in has another currency than the balance")
            total += amount
    return total


def _balance_taken(row: Mapping[str, Any], more: Mapping[str, Any]) -> Taken:
    """The type stays in extra, and so does the stated amount where a credit line was taken out of it."""
    counted_in = any(line.get("included") is True for line in objects_in(row.get("credit_line")))
    members = {"account_id", "entity_id"}
    if not counted_in:
        members |= {"credit_debit_indicator", *whole(row, amount=("amount", "currency"))}
    return Taken({}, frozenset(members), more)
