"""Accounts, balances, orders, payees and holders of Lean become records; of many balances the right ones are kept."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest
from lean_rows import ACCOUNT_ID, account, balance, reason, records


@pytest.mark.parametrize(
    ("sub_type", "kind"),
    [
        ("CURRENT", "current"), ("SAVINGS", "savings"), ("CALL", "savings"), ("CREDIT", "card"),
        ("CHARGE_CARD", "card"), ("PREPAID", "card"), ("LOAN", "loan"), ("MORTGAGE", "loan"),
        ("PERSONAL_LOAN", "loan"), ("EMONEY", "wallet"), ("UNSUPPORTED", "other"), (None, "other"), ("NEW", "other"),
    ],
)  # fmt: skip
def test_accounts_and_their_numbers(sub_type: str | None, kind: str) -> None:
    (record,) = records("accounts", [account(account_sub_type=sub_type)], institution_name="Palm Pretend Bank")
    assert (record["account_kind"], record["institution_name"]) == (kind, "Palm Pretend Bank")
    assert record["masked_number"] == ("7401" if kind == "card" else "3456")
    assert record["number_key"] is not None
    assert "67890123" not in str(record)


def test_an_account_without_a_name_is_called_by_its_kind() -> None:
    (record,) = records("accounts", [account(nickname=None, account_sub_type="CHARGE_CARD", account=None)])
    assert (record["account_name"], record["masked_number"], record["number_key"]) == ("Charge card", None, None)


def test_of_many_balances_booked_available_and_opening_are_kept_and_the_others_stay_beside() -> None:
    rows = [
        balance("INTERIM_BOOKED", 90),
        balance("CLOSING_BOOKED", 100),
        balance("CLOSING_AVAILABLE", 80),
        balance("EXPECTED", 85),
        balance("OPENING_BOOKED", 120),
        balance("INTERIM_BOOKED", 70, date_time="2026-11-19T08:00:00Z", credit_debit_indicator="DEBIT"),
    ]
    made = records("balances", rows)
    told = {(each["balance_kind"], str(each["balance_date"])): each["balance_amount"] for each in made}
    assert told == {
        ("ledger", "2026-11-20"): 100,
        ("available", "2026-11-20"): 80,
        ("opening", "2026-11-20"): 120,
        ("ledger", "2026-11-19"): -70,
    }
    others = [each for record in made for each in json.loads(record["extra"] or "{}").get("other_balances", [])]
    assert [each["type"] for each in others] == ["INTERIM_BOOKED", "EXPECTED"]


def test_credit_counted_into_what_is_booked_is_taken_out_and_both_figures_are_kept() -> None:
    line = {"included": True, "amount": {"currency": "AED", "amount": 500}, "type": "PRE_AGREED"}
    beside = {"included": False, "amount": {"currency": "AED", "amount": 900}, "type": "EMERGENCY"}
    rows = [
        balance("CLOSING_BOOKED", 600, credit_line=[line, beside]),
        balance("CLOSING_AVAILABLE", 580, credit_line=[line]),
    ]
    ledger, available = records("balances", rows)
    assert (ledger["balance_amount"], available["balance_amount"]) == (100, 580)
    assert json.loads(ledger["extra"])["amount"]["amount"] == 600


def test_balances_of_unknown_types_alone_are_set_aside() -> None:
    assert "none of the balances" in reason("balances", balance("INFORMATION", 5))


@pytest.mark.parametrize(
    ("name", "row", "columns"),
    [
        (
            "standing_orders",
            {
                "standing_order_id": "s",
                "standing_order_status_code": "ACTIVE",
                "next_payment_date_time": "2026-12-01T00:00:00Z",
                "final_payment_date_time": None,
                "frequency": {"frequency_type": "MONTHLY", "interval": "IntervalMonthDay:01:01"},
                "reference": "RENT",
                "next_payment_amount": {"currency": "AED", "amount": 10.0},
                "creditor_account": {"scheme_name": "IBAN", "identification": "AE07033123", "name": "Landlord"},
            },
            {
                "record_id": f"{ACCOUNT_ID}/standing_order/s",
                "order_status": "ACTIVE",
                "payee_name": "Landlord",
                "order_amount": Decimal(-10),
                "currency_code": "AED",
                "frequency": "MONTHLY IntervalMonthDay:01:01",
                "next_date": dt.date(2026, 12, 1),
                "bank_reference": "RENT",
            },
        ),
        (
            "direct_debits",
            {
                "direct_debit_id": "d",
                "status_code": "ACTIVE",
                "frequency": "MONTHLY",
                "mandate_identification": "m-1",
                "name": "Water",
                "previous_payment_amount": {"currency": "AED", "amount": 136.13},
            },
            {
                "record_id": f"{ACCOUNT_ID}/direct_debit/d",
                "payee_name": "Water",
                "order_amount": None,
                "frequency": "MONTHLY",
                "bank_reference": "m-1",
            },
        ),
        (
            "scheduled_payments",
            {
                "scheduled_payment_id": "p",
                "scheduled_payment_date_time": "2026-12-01T00:00:00Z",
                "debtor_reference": "MY REF",
                "reference": None,
                "instructed_amount": {"currency": "AED", "amount": 537.34},
            },
            {
                "record_id": f"{ACCOUNT_ID}/scheduled_payment/p",
                "order_amount": Decimal("-537.34"),
                "next_date": dt.date(2026, 12, 1),
                "bank_reference": "MY REF",
            },
        ),
        (
            "beneficiaries",
            {
                "beneficiary_id": "7",
                "beneficiary_type": "OTHER",
                "creditor_agent": {"scheme_name": "BICFI", "identification": "X", "name": "Alinma"},
                "creditor_account": {
                    "scheme_name": "IBAN",
                    "identification": "AE760185915983174738861",
                    "name": "Bobbi",
                },
                "reference": "r",
            },
            {
                "record_id": f"{ACCOUNT_ID}/7",
                "beneficiary_name": "Bobbi",
                "institution_name": "Alinma",
                "masked_number": "8861",
            },
        ),
        (
            "identities",
            {
                "full_legal_name": "نورة القحطاني",
                "party_id": "5",
                "party_type": "SOLE",
                "birth_date": "1990-04-05",
                "mobile_number": "055",
                "address": {"street": "King Fahd Road", "town_name": "Riyadh", "country": "SA"},
            },
            {
                "record_id": f"{ACCOUNT_ID}/5",
                "holder_name": "نورة القحطاني",
                "birth_date": dt.date(1990, 4, 5),
                "phone_number": "055",
                "postal_address": "King Fahd Road, Riyadh, SA",
            },
        ),
    ],
)
def test_orders_payees_and_holders(name: str, row: dict[str, Any], columns: dict[str, Any]) -> None:
    (record,) = records(name, [row])
    assert {key: record[key] for key in columns} == columns
