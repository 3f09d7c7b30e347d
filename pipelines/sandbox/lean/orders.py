"""Beneficiaries, standing orders, direct debits and scheduled payments of an account.

They follow from the monthly events of the account's story: the landlord, the savings, the bills, the next rent.
"""

from __future__ import annotations

import datetime as dt

from pipelines.sandbox.lean.book import Sheet
from pipelines.sandbox.lean.events import Event, month_before
from pipelines.sandbox.lean.naming import midnight, pretend_id, smallest_units
from pipelines.sandbox.lean.people import Person
from pipelines.sandbox.lean.regions import Bank

KINDS = ("beneficiaries", "standing-orders", "direct-debits", "scheduled-payments")
"""The last parts of the addresses; the lists inside are named with underscores."""


def orders(kind: str, sheet: Sheet, bank: Bank, person: Person, today: dt.date) -> list[dict[str, object]]:
    """What of that kind the account has: only current accounts have any."""
    if sheet.account.product != "CURRENT":
        return []
    latest = {event.key.rpartition("/")[0]: event for event in _monthly(sheet)}
    match kind:
        case "beneficiaries":
            return _beneficiaries(sheet, bank, person, list(latest.values()))
        case "standing-orders":
            return [_standing(sheet, bank, event, today) for event in latest.values() if event.key.startswith("own/")]
        case "direct-debits":
            return [_debit(sheet, event) for event in latest.values() if event.key.startswith("bill/")]
        case _:
            return [_scheduled(sheet, bank, event, today) for event in latest.values() if event.key.startswith("rent/")]


def _monthly(sheet: Sheet) -> list[Event]:
    return [event for event in sheet.booked if not event.is_everyday and "/" in event.key]


def _beneficiaries(sheet: Sheet, bank: Bank, person: Person, events: list[Event]) -> list[dict[str, object]]:
    paid = {event.party: event for event in events if event.party is not None and event.amount < 0}
    return [
        {
            "account_id": sheet.account.account_id,
            "account_holder_name": person.name,
            "account_holder_short_name": person.name.split()[0],
            "beneficiary_id": str(int(pretend_id(sheet.account.account_id, party.number)[:6], 16)),
            "beneficiary_type": "OTHER",
            "creditor_agent": {
                "scheme_name": "BICFI",
                "identification": bank.swift_code,
                "name": bank.name,
                "postal_address": dict.fromkeys(_ADDRESS),
            },
            "creditor_account": {"scheme_name": "IBAN", "identification": party.number, "name": party.name},
            "reference": event.text,
            "supplementary_data": None,
            "regional_data": None,
        }
        for party, event in paid.items()
    ]


_ADDRESS = (
    "address_line",
    "address_type",
    "building_number",
    "country",
    "department",
    "post_code",
    "street_name",
    "sub_department",
    "town_name",
    "country_sub_division",
)


def _standing(sheet: Sheet, bank: Bank, event: Event, today: dt.date) -> dict[str, object]:
    amount = _with_a_point(event.amount, sheet.account.currency)
    first = next(each for each in sheet.booked if each.text == event.text)
    return {
        "account_id": sheet.account.account_id,
        "standing_order_id": pretend_id(sheet.account.account_id, "order", event.text),
        "standing_order_status_code": "ACTIVE",
        "first_payment_date_time": midnight(first.day),
        "last_payment_date_time": midnight(event.day),
        "next_payment_date_time": midnight(_next_on(event, today)),
        "final_payment_date_time": None,
        "frequency": {"frequency_type": "MONTHLY", "interval": f"IntervalMonthDay:01:{event.day.day:02}"},
        "number_of_payments": None,
        "reference": None,
        "standing_order_type": event.kind,
        "purpose": event.text,
        "first_payment_amount": _with_a_point(first.amount, sheet.account.currency),
        "last_payment_amount": amount,
        "next_payment_amount": amount,
        "final_payment_amount": None,
        "creditor_agent": {"scheme_name": "BICFI", "identification": bank.swift_code},
        "creditor_account": None,
        "regional_data": None,
    }


def _debit(sheet: Sheet, event: Event) -> dict[str, object]:
    return {
        "account_id": sheet.account.account_id,
        "direct_debit_id": pretend_id(sheet.account.account_id, "debit", event.text),
        "status_code": "ACTIVE",
        "frequency": "MONTHLY",
        "mandate_identification": pretend_id(sheet.account.account_id, event.text)[:10],
        "name": event.text,
        "previous_payment_date_time": midnight(event.day),
        "previous_payment_amount": _with_a_point(event.amount, sheet.account.currency),
        "regional_data": None,
    }


def _scheduled(sheet: Sheet, bank: Bank, event: Event, today: dt.date) -> dict[str, object]:
    number = event.party.number if event.party else ""
    return {
        "account_id": sheet.account.account_id,
        "scheduled_payment_id": pretend_id(sheet.account.account_id, "next", event.text),
        "scheduled_type": "EXECUTION",
        "scheduled_payment_date_time": midnight(_next_on(event, today)),
        "debtor_reference": event.text,
        "reference": None,
        "instructed_amount": _with_a_point(event.amount, sheet.account.currency),
        "creditor_agent": {"scheme_name": "BICFI", "identification": bank.swift_code},
        "creditor_account": {"scheme_name": "IBAN", "identification": number, "name": None},
        "regional_data": None,
    }


def _next_on(event: Event, today: dt.date) -> dt.date:
    """The next time a monthly event comes after today."""
    this_month = today.replace(day=event.day.day)
    return this_month if this_month > today else month_before(today, -1).replace(day=event.day.day)


def _with_a_point(units: int, currency: str) -> dict[str, object]:
    """An unsigned amount that keeps a decimal point even when whole, as the examples of these lists show it."""
    return {"currency": currency, "amount": abs(units) / smallest_units(currency)}
