"""Who sends webhooks: how each service signs them, words them, and what an event asks of us.

Put here what differs between senders. Keep out the checking itself (`verify`), which reads these descriptions, and
everything that touches a disk or a network.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sender:
    """How one service signs and words its webhooks.

    Attributes:
        name: Name of its source; also the end of its address, `/webhooks/<name>`.
        title: What people call it.
        header: The header with the signature, in lower case.
        prefix: What stands before the digest in that header.
        algorithm: Name of the hash the HMAC over the raw body is made with.
        id_name: Member of the body that names the event for good; empty where there is none: then the SHA-256 of the
            whole body does, and two equal bodies are one event.
        type_name: Member with the event's type.
        time_name: Member with the instant it happened, ISO 8601 with an offset; empty where there is none: then it
            happened when it came.
        payload_name: Member with what the event is about; empty where that stands in the body itself.
        known_types: Types it documents.
        entity_of: From type and payload, the sender's id of the login the event speaks of; empty when it names none.
        wants_sync: From type and payload, whether there is something new to read at the source.
    """

    name: str
    title: str
    header: str
    prefix: str
    algorithm: str
    id_name: str
    type_name: str
    time_name: str
    payload_name: str
    known_types: frozenset[str]
    entity_of: Callable[[str, Payload], str]
    wants_sync: Callable[[str, Payload], bool]


_LEAN_READ_AGAIN = frozenset(
    {"entity.created", "entity.updated", "entity.reconnected", "results.ready", "consent.status.updated"}
)
_LEAN_REFRESH = "entity.data.refresh.updated"
_LEAN_REFRESHED = frozenset({"FINISHED", "OK"})
"""A finished refresh is worded in one way in the UAE and in the other in KSA."""


def _lean_entity(event_type: str, payload: Payload) -> str:
    """The entity an event names: by `entity_id`, or by `id` where the event is about the entity itself."""
    named = payload.get("entity_id")
    if named is None and event_type.startswith("entity."):
        named = payload.get("id")
    return named if isinstance(named, str) else ""


def _lean_wants_sync(event_type: str, payload: Payload) -> bool:
    if event_type == _LEAN_REFRESH:
        return str(payload.get("status")) in _LEAN_REFRESHED
    return event_type in _LEAN_READ_AGAIN


LEAN = Sender(
    name="lean",
    title="Lean",
    header="lean-signature",
    prefix="sha512=",
    algorithm="sha512",
    id_name="event_id",
    type_name="type",
    time_name="timestamp",
    payload_name="payload",
    known_types=_LEAN_READ_AGAIN
    | {
        _LEAN_REFRESH,
        "bank.availability.updated",
        "bulk_payment_intent.created",
        "bulk_payment_intent.updated",
        "payment.created",
        "payment.reconciliation.updated",
        "payment.updated",
        "payment_intent.created",
        "payment_intent.expired",
        "payment_source.beneficiary.created",
        "payment_source.beneficiary.updated",
        "payment_source.created",
        "payment_source.updated",
    },
    entity_of=_lean_entity,
    wants_sync=_lean_wants_sync,
)

_HISHEBI_TYPES = frozenset({"entry.created", "rent.paid", "rent.late_fee_applied", "tenant.changed"})


def _hishebi_user(_event_type: str, payload: Payload) -> str:
    """The user whose books changed; each has one login here."""
    named = payload.get("user_id")
    return named if isinstance(named, str) else ""


HISHEBI = Sender(
    name="hishebi",
    title="Hishebi Online",
    header="x-hishebi-signature",
    prefix="sha256=",
    algorithm="sha256",
    id_name="",
    type_name="event",
    time_name="",
    payload_name="",
    known_types=_HISHEBI_TYPES,
    entity_of=_hishebi_user,
    wants_sync=lambda event_type, _payload: event_type in _HISHEBI_TYPES,
)

SENDERS: dict[str, Sender] = {sender.name: sender for sender in (LEAN, HISHEBI)}
"""Every sender by name."""
