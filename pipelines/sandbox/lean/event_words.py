"""Every type of event Lean sends, with its message and a payload of the documented shape."""

from __future__ import annotations

import uuid

from pipelines.sandbox.lean.connections import Customer, Entity, bank_details
from pipelines.sandbox.lean.regions import Bank, Region

_METADATA = {"data": "pretend"}
_MESSAGES = {
    "entity.created": "An entity object has been created.",
    "entity.updated": "An entity object has been updated.",
    "entity.reconnected": "The entity was successfully reconnected.",
    "entity.data.refresh.updated": "The data refresh has been updated.",
    "results.ready": "Your results are ready.",
    "bank.availability.updated": "The bank status has been updated.",
    "consent.status.updated": "The status of a consent has been updated.",
    "payment.created": "A payment object has been created.",
    "payment.updated": "A payment object has been updated.",
    "payment.reconciliation.updated": "The reconciliation of a payment has been updated.",
    "payment_intent.created": "Payment intent created",
    "payment_intent.expired": "Payment intent expired",
    "payment_source.created": "A payment source was pre-authorized by your customer.",
    "payment_source.updated": "A payment source was updated.",
    "payment_source.beneficiary.created": "A beneficiary was added for a payment source.",
    "payment_source.beneficiary.updated": "A beneficiary was updated for a payment source.",
    "bulk_payment_intent.created": "Bulk payment intent created",
    "bulk_payment_intent.updated": "Bulk payment intent updated",
}
EVENT_TYPES = tuple(_MESSAGES)
"""The types Lean documents. Anything else can be sent on demand too, as a type yet unknown."""


def message_of(kind: str) -> str:
    """What an event of the type says."""
    return _MESSAGES.get(kind, "Something has happened.")


def entity_payload(entity: Entity, customer: Customer, bank: Bank) -> dict[str, object]:
    """What entity.created and entity.updated tell. Permissions are a list here, an object in the REST answers."""
    return {
        "id": entity.entity_id,
        "app_user_id": customer.app_user_id,
        "customer_id": customer.customer_id,
        "permissions": list(entity.permissions),
        "bank_details": bank_details(bank),
    }


def availability_payload(bank: Bank, *, is_active: bool) -> dict[str, object]:
    """What bank.availability.updated tells."""
    return {
        "identifier": bank.identifier,
        "availability": {
            "active": {"payments": is_active, "data": is_active},
            "enabled": {"payments": True, "data": True},
        },
    }


def payment_payload(kind: str, region: Region) -> dict[str, object]:
    """What events about payments tell. Hisab makes none, but an application's address gets them all."""
    customer_id, source_id = str(uuid.uuid4()), str(uuid.uuid4())
    bank = region.banks[0]
    if kind.startswith("payment_source.beneficiary"):
        return {
            "id": str(uuid.uuid4()),
            "status": "ACTIVE",
            "customer_id": customer_id,
            "payment_source_id": source_id,
            "payment_destination_id": str(uuid.uuid4()),
            "payment_source_bank_identifier": bank.identifier,
        }
    if kind.startswith("payment_source"):
        return {
            "id": source_id,
            "status": "ACTIVE",
            "bank_name": bank.name,
            "customer_id": customer_id,
            "end_user_id": None,
            "bank_identifier": bank.identifier,
        }
    amounts = {"amount": 25, "currency": region.currency, "metadata": _METADATA}
    if "intent" in kind:
        return {**amounts, "reason": "pretend", "status": "INTENT_CREATED", "intent_id": str(uuid.uuid4())}
    payment = {
        **amounts,
        "id": str(uuid.uuid4()),
        "status": "ACCEPTED_BY_BANK",
        "intent_id": str(uuid.uuid4()),
        "customer_id": customer_id,
        "payment_destination_id": str(uuid.uuid4()),
        "bank_transaction_reference": f"payment-{uuid.uuid4()}",
    }
    return {**payment, "reason": "pretend"} if kind == "payment.created" else payment
