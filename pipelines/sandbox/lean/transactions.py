"""Transactions as Lean sends them: unsigned amounts beside an indicator, newest first, with every documented key."""

from __future__ import annotations

import datetime as dt
import hashlib

from pipelines.sandbox.lean.book import Sheet
from pipelines.sandbox.lean.events import Event
from pipelines.sandbox.lean.naming import midnight, money, pretend_id
from pipelines.sandbox.lean.regions import Bank, Region

_CARD_KINDS = ("POS", "E_COMMERCE")
_EMPTY_PARTY: dict[str, object] = dict.fromkeys(
    ("creditor_account", "creditor_agent", "debtor_account", "debtor_agent")
)


class Statement:
    """The transactions of one account on a day, written out only where asked for."""

    def __init__(self, region: Region, bank: Bank, entity_id: str, sheet: Sheet) -> None:
        """Know the account's sheet."""
        self._region, self._bank, self._entity_id, self._sheet = region, bank, entity_id, sheet
        self._pending_from = len(sheet.booked)

    def between(self, first: dt.date | None, last: dt.date | None) -> list[int]:
        """Places in the sheet of what is dated from `first` to `last`, newest first: pending ones lead."""
        dates = [event.booked_on for event in self._sheet.booked] + [event.day for event in self._sheet.pending]
        return [
            place
            for place in range(len(dates) - 1, -1, -1)
            if (first is None or dates[place] >= first) and (last is None or dates[place] <= last)
        ]

    def wire(self, place: int, *, insights: bool) -> dict[str, object]:
        """One transaction."""
        if place < self._pending_from:
            return self._written(self._sheet.booked[place], place, insights=insights)
        return self._written(self._sheet.pending[place - self._pending_from], None, insights=insights)

    def _written(self, event: Event, place: int | None, *, insights: bool) -> dict[str, object]:
        account = self._sheet.account
        is_pending = place is None
        amount = event.estimate if is_pending else event.amount
        reference = _reference(account.account_id, event.key)
        return {
            "entity_id": self._entity_id,
            "account_id": account.account_id,
            "transaction_id": self._transaction_id(event, is_pending=is_pending),
            "transaction_information": event.text,
            "transaction_reference": reference,
            "credit_debit_indicator": _indicator(amount),
            "amount": money(amount, account.currency),
            "transaction_mutability": "MUTABLE" if is_pending or event.is_corrected else "IMMUTABLE",
            "booking_date_time": midnight(event.day if is_pending else event.booked_on),
            "insights": _insights(event) if insights else None,
            "balance": None if place is None else self._running(place),
            "status": "PENDING" if is_pending else "BOOKED",
            "statement_reference": [] if is_pending else [f"{event.booked_on:%Y-%m}"],
            "value_date_time": None if is_pending else midnight(event.day),
            "index": 0 if place is None else self._index(place),
            "charge_amount": self._charge(event),
            "bank_transaction_code": {"code": event.kind[:4], "sub_code": event.category[:4]},
            "card_instrument": self._card(event),
            "merchant_details": _merchant(event),
            "proprietary_bank_transaction_code": {"code": event.kind, "issuer": self._bank.swift_code},
            "currency_exchange": self._exchange(event),
            **self._parties(event, amount),
            "local_time_zone": f"UTC+{self._region.utc_offset_hours:02}:00",
            "transaction_type": event.kind,
            "sub_transaction_type": event.sub_kind,
            "payment_modes": None,
            "flags": [],
            "regional_data": None,
        }

    def _transaction_id(self, event: Event, *, is_pending: bool) -> str:
        until_posted = ("pending",) if is_pending and self._bank.gives_new_ids else ()
        return pretend_id(self._sheet.account.account_id, event.key, *until_posted)

    def _running(self, place: int) -> dict[str, object]:
        held = self._sheet.running[place]
        return {
            "type": "INTERIM_BOOKED",
            "credit_debit_indicator": _indicator(held),
            "amount": money(held, self._sheet.account.currency),
        }

    def _index(self, place: int) -> int:
        """The order inside a day, as far as the bank tells: it stops counting at 3."""
        booked = self._sheet.booked
        index = 0
        while index < 3 and place > index and booked[place - index - 1].booked_on == booked[place].booked_on:
            index += 1
        return index

    def _charge(self, event: Event) -> dict[str, object] | None:
        if event.kind != "INTERNATIONAL_TRANSFER":
            return None
        return {"amount": 0, "currency": self._sheet.account.currency, "charge_included": True}

    def _card(self, event: Event) -> dict[str, object] | None:
        if event.kind not in _CARD_KINDS:
            return None
        pan = self._sheet.account.masked_pan or "************0001"
        scheme = "VISA" if self._region.name == "uae" else "MADA"
        return {
            "authorization_type": "CONTACTLESS" if event.kind == "POS" else "NONE",
            "card_scheme_name": scheme,
            "identification": pan,
            "name": None,
        }

    def _exchange(self, event: Event) -> dict[str, object] | None:
        """One unit of the foreign currency is worth `exchange_rate` of the account's."""
        if event.exchange is None:
            return None
        currency, units, worth = event.exchange
        return {
            "source_currency": self._sheet.account.currency,
            "target_currency": currency,
            "unit_currency": currency,
            "exchange_rate": worth / 10_000,
            "contract_identification": None,
            "quotation_date": midnight(event.day),
            "instructed_amount": money(units, currency),
        }

    def _parties(self, event: Event, amount: int) -> dict[str, object]:
        if event.party is None:
            return _EMPTY_PARTY
        account = {"scheme_name": "IBAN", "identification": event.party.number, "name": event.party.name}
        agent = {"scheme_name": "BICFI", "identification": self._bank.swift_code, "name": None, "postal_address": None}
        if amount > 0:
            return {**_EMPTY_PARTY, "debtor_account": account, "debtor_agent": agent}
        return {**_EMPTY_PARTY, "creditor_account": account, "creditor_agent": agent}


def _indicator(units: int) -> str:
    return "DEBIT" if units < 0 else "CREDIT"


def _reference(account_id: str, key: str) -> str:
    return hashlib.blake2b(f"{account_id}/{key}".encode(), digest_size=9).hexdigest()


def _merchant(event: Event) -> dict[str, object] | None:
    if not event.merchant:
        return None
    return {"merchant_category_code": f"CC{event.mcc}", "merchant_name": event.merchant}


def _insights(event: Event) -> dict[str, object]:
    return {
        "description_cleansed": event.merchant or event.text,
        "category": event.category,
        "category_confidence": 0.9 if event.merchant else 0.75,
    }
