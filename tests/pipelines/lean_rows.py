"""Rows as Lean sends them, for tests: written by hand after its documents, every member of the wire there."""

from __future__ import annotations

from typing import Any

from pipelines.sources.exact_json import json_text
from pipelines.sources.lean.records import decode
from pipelines.sources.source import Decoded, Page

ACCOUNT_ID = "acc0aaaa-0000-4000-8000-000000000001"
ENTITY_ID = "e0000000-0000-4000-8000-000000000001"


def transaction(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A card purchase of 12.50 AED, booked; `changes` replace members."""
    return {
        "entity_id": ENTITY_ID,
        "account_id": ACCOUNT_ID,
        "transaction_id": f"t-{number}",
        "transaction_information": "قهوة / COFFEE",
        "transaction_reference": f"ref-{number}",
        "credit_debit_indicator": "DEBIT",
        "amount": {"currency": "AED", "amount": 12.5},
        "transaction_mutability": "IMMUTABLE",
        "booking_date_time": "2026-11-05T00:00:00Z",
        "insights": None,
        "balance": {
            "type": "INTERIM_BOOKED",
            "credit_debit_indicator": "CREDIT",
            "amount": {"currency": "AED", "amount": 100},
        },
        "status": "BOOKED",
        "statement_reference": ["s-1"],
        "value_date_time": "2026-11-04T00:00:00Z",
        "index": 0,
        "charge_amount": None,
        "merchant_details": {"merchant_category_code": "CC5814", "merchant_name": "Palm Coffee"},
        "currency_exchange": None,
        "creditor_account": None,
        "debtor_account": None,
        "local_time_zone": "UTC+04:00",
        "transaction_type": "POS",
        "sub_transaction_type": None,
        "flags": [],
        "regional_data": None,
        **changes,
    }


def account(**changes: Any) -> dict[str, Any]:
    """A current account in AED with an IBAN and the end of a card's number."""
    return {
        "account_id": ACCOUNT_ID,
        "account_sub_type": "CURRENT",
        "nickname": "Everyday",
        "currency": "AED",
        "account": [
            {"scheme_name": "IBAN", "identification": "AE070331234567890123456", "name": "A"},
            {"scheme_name": "PAN", "identification": "************7401", "name": None},
        ],
        **changes,
    }


def balance(word: str, amount: float, **changes: Any) -> dict[str, Any]:
    """A balance of that type on 20 November 2026, in AED."""
    return {
        "entity_id": ENTITY_ID,
        "account_id": ACCOUNT_ID,
        "credit_debit_indicator": "CREDIT",
        "type": word,
        "amount": {"currency": "AED", "amount": amount},
        "date_time": "2026-11-20T08:00:00Z",
        "credit_line": [],
        "regional_data": None,
        **changes,
    }


def envelope(
    name: str, rows: list[Any], *, number: int = 0, size: int = 100, total: int | None = None
) -> dict[str, Any]:
    """A page of a list as Lean wraps it."""
    total = len(rows) if total is None else total
    wire = name.replace("_", "-")
    page = {"number": number, "size": size, "total_elements": total, "total_pages": -(-total // size), "sort": None}
    return {
        "status": "OK",
        "results_id": "00000000-0000-4000-8000-00000000000a",
        "message": "Data successfully retrieved",
        "meta": None,
        "timestamp": "2026-11-20T12:00:00.123456789Z",
        "status_detail": None,
        "refreshed_at": "2026-11-20T11:00:00Z",
        "type": wire,
        "data": {"type": wire, name: rows, "page": page},
    }


def decoded(name: str, rows: list[Any], **meta: str) -> Decoded:
    """What a page of these rows decodes to."""
    body = json_text(envelope(name, rows)).encode()
    return decode(Page("page", body, {"list": name, "account_id": ACCOUNT_ID, "time_zone": "UTC+04:00", **meta}))


def records(name: str, rows: list[Any], **meta: str) -> list[dict[str, Any]]:
    """The records of these rows, none of which is set aside."""
    made = decoded(name, rows, **meta)
    assert made.rejects.to_dicts() == []
    return made.batches[0].frame.to_dicts()


def reason(name: str, row: Any) -> str:
    """Why this one row is set aside."""
    made = decoded(name, [row])
    assert made.batches[0].frame.height == 0
    (rejected,) = made.rejects.to_dicts()
    assert rejected["row_no"] == 1
    assert rejected["cure"]
    return str(rejected["reason"])
