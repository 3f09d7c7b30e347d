"""The former shape of Lean's data decodes to the very records of the present one."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from lean_rows import ACCOUNT_ID, envelope, transaction

from pipelines.sources.exact_json import json_text, read_json
from pipelines.sources.lean.records import decode
from pipelines.sources.source import Decoded, Page

META = {"list": "transactions", "account_id": ACCOUNT_ID, "time_zone": "UTC+03:00"}
RIYADH = dt.timezone(dt.timedelta(hours=3))


def read(document: dict[str, Any], **meta: str) -> Decoded:
    return decode(Page("p", json_text(document).encode(), {**META, **meta}))


def legacy(kind: str, rows: Any) -> dict[str, Any]:
    payload = {"type": kind, kind: rows} if isinstance(rows, list) else {"type": kind, **rows}
    return {
        "status": "OK",
        "payload": payload,
        "results_id": "00000000-0000-4000-8000-00000000000a",
        "message": "Data successfully retrieved",
        "timestamp": "2026-11-20T12:00:00Z",
    }


def local_midnight(day: dt.date) -> str:
    """How v1 writes a day: midnight of the bank's zone, in UTC, so an hour of the day before."""
    moment = dt.datetime.combine(day, dt.time(), RIYADH).astimezone(dt.UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


TRANSACTIONS = st.lists(
    st.fixed_dictionaries(
        {
            "amount": st.decimals(0, 10**9, places=3).map(lambda value: value + 0),
            "is_in": st.booleans(),
            "day": st.dates(dt.date(2000, 1, 1), dt.date(2030, 1, 1)),
            "description": st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=12),
            "pending": st.booleans(),
            "currency": st.sampled_from(["SAR", "KWD", "USD"]),
            "category": st.none() | st.just("GROCERIES"),
        }
    ),
    max_size=5,
)


@settings(max_examples=40, deadline=None)
@given(TRANSACTIONS)
def test_both_shapes_of_the_same_transactions_give_equal_records(rows: list[dict[str, Any]]) -> None:
    old, new = [], []
    for number, row in enumerate(rows):
        insights = {"category": row["category"]} if row["category"] else None
        old.append(
            {
                "id": f"t-{number}",
                "description": row["description"],
                "amount": row["amount"] if row["is_in"] else -row["amount"],
                "currency_code": row["currency"],
                "index": number,
                "pending": row["pending"],
                "timestamp": local_midnight(row["day"]),
                "transaction_reference": f"ref-{number}",
                "insights": insights,
            }
        )
        kept = ("entity_id", "account_id", "index")
        plain = {name: value if name in kept else None for name, value in transaction().items()}
        new.append(
            {
                **plain,
                "transaction_id": f"t-{number}",
                "transaction_information": row["description"],
                "transaction_reference": f"ref-{number}",
                "credit_debit_indicator": "CREDIT" if row["is_in"] or row["amount"] == 0 else "DEBIT",
                "amount": {"currency": row["currency"], "amount": row["amount"]},
                "booking_date_time": local_midnight(row["day"]),
                "status": "PENDING" if row["pending"] else "BOOKED",
                "local_time_zone": "UTC+03:00",
                "index": number,
                "insights": insights,
            }
        )
    before, now = read(legacy("transactions", old)), read(envelope("transactions", new))
    assert before.rejects.to_dicts() == now.rejects.to_dicts()
    assert before.rows_read == now.rows_read
    columns = pl.exclude("extra")
    assert before.batches[0].frame.select(columns).equals(now.batches[0].frame.select(columns))
    assert [_members(text) for text in before.batches[0].frame["extra"]] == [
        _members(text) for text in now.batches[0].frame["extra"]
    ]


def _members(text: str) -> Any:
    return read_json(text.encode())


def test_a_day_that_is_an_hour_of_the_day_before_in_utc_is_the_banks_day() -> None:
    row = {"id": "t", "amount": Decimal("-1.10"), "currency_code": "SAR", "pending": False, "description": "x"}
    made = read(legacy("transactions", [{**row, "timestamp": "2026-11-04T21:00:00Z"}]))
    record = made.batches[0].frame.to_dicts()[0]
    assert (record["booked_date"], record["transaction_amount"]) == (dt.date(2026, 11, 5), Decimal("-1.1"))


def test_former_accounts_balances_and_identities_are_read_as_well() -> None:
    account = {
        "account_id": "a",
        "name": "Everyday",
        "currency_code": "SAR",
        "type": "SAVINGS",
        "iban": "SA0380000000608010167519",
    }
    (record,) = read(legacy("accounts", [account]), list="accounts").batches[0].frame.to_dicts()
    assert (record["account_name"], record["account_kind"], record["masked_number"]) == ("Everyday", "savings", "7519")
    assert "60801016" not in str(record)
    told = {"balance": Decimal("-12.34"), "currency_code": "SAR", "account_id": ACCOUNT_ID, "account_name": "Everyday"}
    (record,) = read(legacy("balance", told), list="balances").batches[0].frame.to_dicts()
    assert (record["balance_kind"], record["balance_amount"]) == ("ledger", Decimal("-12.34"))
    (record,) = (
        read(legacy("identity", {"full_legal_name": "A B", "gender": "F"}), list="identities")
        .batches[0]
        .frame.to_dicts()
    )
    assert record["holder_name"] == "A B"


def test_what_cannot_be_turned_is_set_aside_and_not_lost() -> None:
    made = read(
        legacy("transactions", ["a text", {"id": "t", "amount": None, "currency_code": "SAR", "pending": False}])
    )
    assert made.rows_read == {"bank_transactions": 2}
    assert made.rejects.height == 2
