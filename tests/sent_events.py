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
from typing import Any, TypeVar

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
    digest = hmac.digest(secret.encode(), body, "sha512")
    return "sha512=" + (base64.b64encode(digest).decode() if as_base64 else digest.hex())


def run_apart(work: Coroutine[Any, Any, T]) -> T:
    """Run it to its end in a thread of its own: a browser that an earlier test opened keeps this thread's loop."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()
