"""Webhook events as a sender makes and signs them, for the tests of the receiver and of what comes after it."""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import hmac
import json
import uuid
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from pipelines.webhooks.senders import HISHEBI, LEAN, Sender

T = TypeVar("T")
SECRET = "the receiver's secret"
NOW = dt.datetime(2026, 5, 13, 12, 0, tzinfo=dt.UTC)


def lean_body(
    event_type: str = "entity.updated",
    payload: object = None,
    *,
    event_id: str = "",
    event_at: dt.datetime = NOW,
) -> bytes:
    """The bytes of one event in Lean's envelope."""
    document = {
        "type": event_type,
        "payload": {"id": "an entity"} if payload is None else payload,
        "message": "Something happened.",
        "timestamp": event_at.isoformat().replace("+00:00", "Z"),
        "event_id": event_id or str(uuid.uuid4()),
    }
    return json.dumps(document, ensure_ascii=False).encode()


def lean_signature(body: bytes, secret: str = SECRET, *, as_base64: bool = False) -> str:
    """The header Lean would send with the body."""
    return LEAN_WIRE.signature(body, secret, as_base64=as_base64)


def hishebi_body(event_type: str = "entry.created", user_id: object = "u_28471", *, event_id: str = "") -> bytes:
    """The bytes of one event as Hishebi writes it; it has no id, so its entry's makes it another body."""
    entry = {
        "id": event_id or f"e_{uuid.uuid4()}",
        "kind": "expense",
        "amount": 320,
        "category": "transport",
        "date": "2026-05-09",
        "source": "counter",
    }
    return json.dumps({"event": event_type, "user_id": user_id, "entry": entry}, ensure_ascii=False).encode()


@dataclass(frozen=True)
class Wire:
    """One sender, as it sends."""

    sender: Sender

    @property
    def path(self) -> str:
        """Where it sends to."""
        return f"/webhooks/{self.sender.name}"

    def body(self, entity: str = "an entity", event_id: str = "") -> bytes:
        """The bytes of an event that asks for this login to be read; another body every time unless it is named."""
        if self.sender is LEAN:
            return lean_body("entity.updated", {"id": entity}, event_id=event_id)
        return hishebi_body(user_id=entity, event_id=event_id)

    def signature(self, body: bytes, secret: str = SECRET, *, as_base64: bool = False) -> str:
        """The header it would send with the body."""
        digest = hmac.digest(secret.encode(), body, self.sender.algorithm)
        return self.sender.prefix + (base64.b64encode(digest).decode() if as_base64 else digest.hex())

    def headers(self, body: bytes, secret: str = SECRET) -> dict[str, str]:
        """The signed headers of a body."""
        return {self.sender.header: self.signature(body, secret)}


LEAN_WIRE, HISHEBI_WIRE = Wire(LEAN), Wire(HISHEBI)
WIRES = (LEAN_WIRE, HISHEBI_WIRE)


def run_apart(work: Coroutine[Any, Any, T]) -> T:
    """Run it to its end in a thread of its own: a browser that an earlier test opened keeps this thread's loop."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()
