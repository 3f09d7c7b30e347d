"""Customers of the pretend Lean, the banks they connected, and how long that lasts."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Any

from pipelines.sandbox.lean.accounts import Account
from pipelines.sandbox.lean.naming import instant
from pipelines.sandbox.lean.regions import PERMISSIONS, Bank

ACTIVE, EXPIRED, REVOKED = "ACTIVE", "EXPIRED", "REVOKED"


@dataclass(slots=True)
class Customer:
    """Somebody an application created."""

    customer_id: str
    app_user_id: str

    def wire(self) -> dict[str, object]:
        """The customer as Lean sends it."""
        return {"customer_id": self.customer_id, "app_user_id": self.app_user_id}


@dataclass(slots=True)
class Consent:
    """A customer's leave to read a bank, from one instant to another."""

    consent_id: str
    bank_consent_id: str
    status: str
    created_at: str
    changed_at: str
    expires_at: str
    reads_from: str


@dataclass(slots=True)
class Entity:
    """One bank a customer connected.

    Attributes:
        entity_id: Lean's id.
        customer_id: Whose it is.
        bank_identifier: Which bank.
        permissions: What may be read.
        created_at: RFC 3339.
        updated_at: RFC 3339.
        consents: Leaves given, the newest last.
        needs_reconnect: Whether the bank wants the customer to sign in again.
        told_as: Whether an ended consent is told as an HTTP error (`error`) or in a status (`status`).
        refreshed_at: RFC 3339.
    """

    entity_id: str
    customer_id: str
    bank_identifier: str
    permissions: list[str]
    created_at: str
    updated_at: str
    consents: list[Consent]
    needs_reconnect: bool = False
    told_as: str = "error"
    refreshed_at: str = ""

    def document(self) -> dict[str, Any]:
        """Everything to remember, as JSON."""
        return asdict(self)

    @classmethod
    def of(cls, document: dict[str, Any]) -> Entity:
        """What `document` gave in an earlier run."""
        consents = [Consent(**consent) for consent in document["consents"]]
        return cls(**{**document, "consents": consents})

    def end(self, status: str, moment: dt.datetime) -> None:
        """Let the newest consent end."""
        self.consents[-1].status = status
        self.consents[-1].changed_at = self.updated_at = instant(moment)

    def is_readable(self, moment: dt.datetime) -> bool:
        """Whether the newest consent still stands; one that ran out is marked."""
        newest = self.consents[-1]
        if newest.status == ACTIVE and newest.expires_at <= instant(moment):
            newest.status, newest.changed_at = EXPIRED, newest.expires_at
        return newest.status == ACTIVE

    def wire(self, accounts: list[Account]) -> dict[str, object]:
        """The entity as Lean sends it, with its consents."""
        permissions = {name: name in self.permissions for name in PERMISSIONS}
        return {
            "id": self.entity_id,
            "customer_id": self.customer_id,
            "bank_identifier": self.bank_identifier,
            "permissions": permissions,
            "bank_type": "RETAIL",
            "created_at": self.created_at,
            "consents": [
                {
                    "id": consent.consent_id,
                    "bank_consent_id": consent.bank_consent_id,
                    "bank_identifier": None,
                    "consent_type": None,
                    "consent_status": consent.status,
                    "standard_consent_status": None,
                    "permissions": permissions,
                    "creation_date_time": consent.created_at,
                    "status_update_date_time": consent.changed_at,
                    "expiration_date_time": consent.expires_at,
                    "transaction_from_date_time": consent.reads_from,
                    "transaction_to_date_time": consent.expires_at,
                    "accounts": _consented(accounts),
                }
                for consent in self.consents
            ],
        }

    def in_range(self) -> dict[str, object]:
        """What the list over all customers shows besides."""
        return {"status": "ACTIVE", "updated_at": self.updated_at}


def _consented(accounts: list[Account]) -> list[dict[str, object]]:
    """The numbers of the accounts, in the scheme names consents use."""
    names = {"PAN": "MASKED_PAN", "BBAN": "ACCOUNT_NUMBER"}
    return [
        {
            "scheme_name": names.get(number["scheme_name"], number["scheme_name"]),
            "identification": number["identification"],
            "name": number["name"],
            "secondary_identification": None,
        }
        for account in accounts
        for number in account.numbers
    ]


def bank_details(bank: Bank) -> dict[str, object]:
    """The bank as events name it."""
    return {
        "logo": f"https://example.com/banks/{bank.swift_code.lower()}.png",
        "name": bank.name,
        "bank_type": "RETAIL",
        "identifier": bank.identifier,
        "main_color": "#1b6ceb",
        "swift_code": bank.swift_code,
        "account_type": "PERSONAL",
        "background_color": "#ffffff",
    }
