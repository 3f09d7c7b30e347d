"""Connecting a bank: what happens behind the connect form, and behind its plain HTTP twin."""

from __future__ import annotations

from pipelines.sandbox.lean.service import Service


def connect(service: Service, customer_id: str, bank_identifier: str, permissions: list[str]) -> dict[str, object]:
    """Connect a bank, or renew its consent, and send the event; what the LinkSDK tells the page. Raises Refusal."""
    entity, is_new = service.town.connect(customer_id, bank_identifier, permissions)
    service.tell_of("entity.created" if is_new else "entity.updated", entity)
    return {"entity_id": entity.entity_id, "customer_id": customer_id, "bank_identifier": bank_identifier}


def reconnect(service: Service, reconnect_id: str) -> dict[str, object]:
    """Let the customer sign in again: the entity can be read, and the results asked for are ready. Raises Refusal."""
    question = service.reader.question_behind(reconnect_id)
    entity = service.town.entity(question.entity_id)
    entity.needs_reconnect = False
    service.town.remember()
    service.outbox.make("entity.reconnected", {"id": entity.entity_id, "reconnect_id": reconnect_id})
    service.outbox.make("results.ready", {"id": reconnect_id})
    return {"entity_id": entity.entity_id, "reconnect_id": reconnect_id, "bank_identifier": entity.bank_identifier}
