"""The former shape of Lean's data (v1), turned into the present one (v2), so that both decode to the same records.

There amounts are signed, the list lies in `payload`, rows name neither account nor time zone, and a bank that knows
only the day gives midnight of its own zone, which in UTC is an hour of the day before. The names below stand in Lean's
documentation of v1; no whole official answer was seen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from pipelines.sources.lean.rows import Around

_TRANSACTION = {
    "id": "transaction_id",
    "description": "transaction_information",
    "timestamp": "booking_date_time",
    "value_timestamp": "value_date_time",
}


def is_legacy(envelope: Mapping[str, Any]) -> bool:
    """Whether an answer has the former shape."""
    return "payload" in envelope and "data" not in envelope


def modern(envelope: Mapping[str, Any], around: Around) -> dict[str, Any]:
    """The same answer in the present shape; what cannot be turned is left as it is, and refused row by row."""
    rest, payload = _without(envelope, "payload"), envelope.get("payload")
    if not isinstance(payload, Mapping):
        return {**rest, "data": payload}
    kind = str(payload.get("type") or "")
    if kind == "balance":
        return {**rest, "data": {"type": "balances", "balances": [_balance(payload, envelope, around)]}}
    if kind == "identity":
        return {**rest, "data": {"type": "identities", "identities": [_without(payload, "type")]}}
    turn, rows = _TURNS.get(kind), payload.get(kind)
    if turn is None or not isinstance(rows, list):
        return {**rest, "data": payload}
    turned = [turn(row, around) if isinstance(row, Mapping) else row for row in rows]
    return {**rest, "data": {**payload, kind: turned}}


def _without(row: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


def _transaction(row: Mapping[str, Any], around: Around) -> dict[str, Any]:
    turned = {_TRANSACTION.get(name, name): value for name, value in _without(row, "amount", "currency_code").items()}
    pending = turned.pop("pending", False)
    return {
        "account_id": around.account_id,
        "status": "PENDING" if pending is True else "BOOKED" if pending is False else pending,
        "local_time_zone": around.time_zone,
        **turned,
        **_amount(row.get("amount"), row.get("currency_code")),
    }


def _balance(payload: Mapping[str, Any], envelope: Mapping[str, Any], around: Around) -> dict[str, Any]:
    """The one balance of v1; taken for booked, at the moment of the answer."""
    return {
        **_without(payload, "type", "balance", "currency_code"),
        "account_id": payload.get("account_id") or around.account_id,
        "type": "INTERIM_BOOKED",
        "date_time": envelope.get("timestamp"),
        **_amount(payload.get("balance"), payload.get("currency_code")),
    }


def _account(row: Mapping[str, Any], _around: Around) -> dict[str, Any]:
    numbers = (("IBAN", row.get("iban")), ("ACCOUNT_NUMBER", row.get("account_number")))
    return {
        **_without(row, "name", "currency_code", "type", "iban", "account_number"),
        "nickname": row.get("name"),
        "currency": row.get("currency_code"),
        "account_sub_type": row.get("type"),
        "account": [{"scheme_name": scheme, "identification": value} for scheme, value in numbers if value],
    }


def _amount(amount: Any, currency: Any) -> dict[str, Any]:
    """A signed amount as a direction and an unsigned one; a plain number in quotes is one too."""
    if isinstance(amount, str) and amount.strip().removeprefix("-").replace(".", "", 1).isdecimal():
        amount = Decimal(amount.strip())
    is_out = isinstance(amount, Decimal) and amount < 0
    return {
        "credit_debit_indicator": "DEBIT" if is_out else "CREDIT",
        "amount": {"currency": currency, "amount": -amount if is_out else amount},
    }


_TURNS: dict[str, Callable[[Mapping[str, Any], Around], dict[str, Any]]] = {
    "transactions": _transaction,
    "accounts": _account,
}
