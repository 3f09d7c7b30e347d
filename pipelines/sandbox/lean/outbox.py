"""Lean's events: how they are worded and signed, and the list of them; `deliveries` sends them."""

from __future__ import annotations

import json
import uuid

from pipelines.sandbox.deliveries import Deliveries, Signing
from pipelines.sandbox.lean.event_words import message_of
from pipelines.sandbox.lean.naming import told_at

SIGNING = Signing("lean-signature", "sha512=", "sha512")
"""That the digest is in hex is our reading of the documents."""
_KEY_ORDERS = {
    "uae": ("type", "message", "payload", "event_id", "timestamp"),
    "ksa": ("type", "payload", "message", "timestamp", "event_id"),
}


class Outbox:
    """Events made in one region, sent or only listed."""

    def __init__(self, region_name: str, retry_minute_seconds: float) -> None:
        """Start without an address: events are kept for the list of events only."""
        self._order = _KEY_ORDERS[region_name]
        self.events: list[dict[str, object]] = []
        self.deliveries = Deliveries(SIGNING, retry_minute_seconds)

    def make(
        self, kind: str, payload: dict[str, object], *, timestamp: str = "", secret: str | None = None
    ) -> dict[str, object]:
        """Make an event and send it; with a secret of its own it is a forged one, which no list of events knows."""
        parts: dict[str, object] = {
            "type": kind,
            "message": message_of(kind),
            "payload": payload,
            "event_id": str(uuid.uuid4()),
            "timestamp": timestamp or told_at(),
        }
        event = {name: parts[name] for name in self._order}
        if secret is None:
            self.events.append(event)
        self.send(event, secret)
        return event

    def send(self, event: dict[str, object], secret: str | None = None) -> None:
        """Send an event, once more if it was sent before, signed with the registered secret unless one is given."""
        body = json.dumps(event, ensure_ascii=False).encode()
        self.deliveries.send(str(event["event_id"]), str(event["type"]), body, secret)
