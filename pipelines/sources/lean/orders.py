"""Payments that are arranged: standing orders, direct debits and scheduled payments of Lean.

The amount of an order is that of its next payment, negative because it leaves the account. A direct debit tells only
what it took last: that stays in `extra`, and its next amount and day are not known.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pipelines.sources.lean.rows import Around, Taken, whole
from pipelines.sources.lean.values import Unreadable, local_day, money, only_days, required_text, text_of


def standing_order(row: Mapping[str, Any], around: Around) -> Taken:
    """One standing order. Raises Unreadable."""
    amount, currency = _leaving(row, "next_payment_amount")
    frequency = row.get("frequency")
    columns = {
        **_key(row, around, "standing_order", "standing_order_id"),
        "order_status": text_of(row, "standing_order_status_code"),
        "payee_name": _payee(row),
        "order_amount": amount,
        "currency_code": currency,
        "frequency": _frequency(frequency),
        "next_date": local_day(row, "next_payment_date_time", around.time_zone),
        "final_date": local_day(row, "final_payment_date_time", around.time_zone),
        "bank_reference": text_of(row, "reference"),
    }
    members = {"account_id", "entity_id", "standing_order_id", "standing_order_status_code", "reference"}
    members |= set(whole(row, next_payment_amount=("amount", "currency"), frequency=("frequency_type", "interval")))
    return Taken(columns, frozenset(members | only_days(row, "next_payment_date_time", "final_payment_date_time")))


def direct_debit(row: Mapping[str, Any], around: Around) -> Taken:
    """One mandate. Raises Unreadable."""
    columns = {
        **_key(row, around, "direct_debit", "direct_debit_id"),
        "order_status": text_of(row, "status_code"),
        "payee_name": text_of(row, "name"),
        "frequency": _frequency(row.get("frequency")),
        "bank_reference": text_of(row, "mandate_identification"),
    }
    members = {"account_id", "entity_id", "direct_debit_id", "status_code", "name", "mandate_identification"}
    members |= {"frequency"} if isinstance(row.get("frequency"), str) else set()
    return Taken(columns, frozenset(members | set(whole(row, frequency=("frequency_type", "interval")))))


def scheduled_payment(row: Mapping[str, Any], around: Around) -> Taken:
    """One payment on a day to come. Raises Unreadable."""
    amount, currency = _leaving(row, "instructed_amount")
    reference = "reference" if text_of(row, "reference") else "debtor_reference"
    columns = {
        **_key(row, around, "scheduled_payment", "scheduled_payment_id"),
        "payee_name": _payee(row),
        "order_amount": amount,
        "currency_code": currency,
        "next_date": local_day(row, "scheduled_payment_date_time", around.time_zone),
        "bank_reference": text_of(row, reference),
    }
    members = {"account_id", "entity_id", "scheduled_payment_id", reference}
    members |= set(whole(row, instructed_amount=("amount", "currency")))
    return Taken(columns, frozenset(members | only_days(row, "scheduled_payment_date_time")))


def _key(row: Mapping[str, Any], around: Around, kind: str, id_name: str) -> dict[str, Any]:
    account_id = text_of(row, "account_id") or around.account_id
    if account_id is None:
        raise Unreadable("account_id", "it is missing")
    own_id = required_text(row, id_name)
    return {"record_id": f"{account_id}/{kind}/{own_id}", "account_id": account_id, "order_kind": kind}


def _leaving(row: Mapping[str, Any], name: str) -> tuple[Decimal | None, str | None]:
    if row.get(name) is None:
        return None, None
    amount, currency = money(row[name], name)
    return -amount + 0, currency


def _payee(row: Mapping[str, Any]) -> str | None:
    paid = row.get("creditor_account")
    return text_of(paid, "name") if isinstance(paid, Mapping) else None


def _frequency(value: Any) -> str | None:
    if isinstance(value, Mapping):
        return " ".join(str(value[part]) for part in ("frequency_type", "interval") if value.get(part)) or None
    return value if isinstance(value, str) and value else None
