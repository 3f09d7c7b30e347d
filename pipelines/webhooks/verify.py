"""Verifying a webhook: the HMAC over the raw bytes first, then the few members every event must have.

Everything here works on bytes a stranger may have sent, before or after the signature held: whatever they are, the
outcome is an event or `Refused` with a 4xx status. Keep out the network and the disk.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.webhooks.senders import Sender

MOST_CHARACTERS = 200
"""Longest id or type of an event; a UUID has 36."""


class Refused(Exception):
    """A body is not taken. `status` is the HTTP status; the message says why, without a word of the body."""

    def __init__(self, status: int, reason: str) -> None:
        """Keep both."""
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a receiver puts up with.

    Attributes:
        body_bytes: Largest body.
        seconds: Longest time a body may take to arrive.
        oldest: How long ago an event may have happened; senders try again for hours, and send missed ones later.
        ahead: How far its clock may be ahead of ours.
    """

    body_bytes: int = 256 * 1024
    seconds: float = 10.0
    oldest: dt.timedelta = dt.timedelta(days=7)
    ahead: dt.timedelta = dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Event:
    """One event as it came.

    Attributes:
        sender: Name of the sender.
        event_id: The sender's id of it, or the SHA-256 of its body; the same event sent again has the same.
        event_type: What happened, in the sender's words.
        event_at: When (UTC); for a sender that does not say, when it came here.
        entity_ref: The sender's id of the login it speaks of; empty when it names none.
        object_ref: The payload's own id: of the login, of results, of a payment; empty when it has none.
        wants_sync: Whether there is something new to read at the source.
    """

    sender: str
    event_id: str
    event_type: str
    event_at: dt.datetime
    entity_ref: str
    object_ref: str
    wants_sync: bool


def require_signature(sender: Sender, headers: Sequence[bytes], body: bytes, secrets: Sequence[str]) -> None:
    """Pass when the one signature header holds the HMAC of the body under one of the secrets. Raises Refused (401).

    Every secret is tried and digests are compared in constant time, so that no answer tells how near a guess was.
    """
    given = _given_digest(sender, headers)
    holds = False
    for secret in secrets:
        holds |= hmac.compare_digest(given, hmac.digest(secret.encode(), body, sender.algorithm))
    if not holds:
        raise Refused(401, "the signature does not hold")


def _given_digest(sender: Sender, headers: Sequence[bytes]) -> bytes:
    """The digest a header carries, in hex or in base64: the senders' pages name the hash, not the writing of it."""
    if len(headers) != 1:
        raise Refused(401, f"exactly one {sender.header} header is needed")
    prefix = sender.prefix.encode()
    if not headers[0].startswith(prefix):
        raise Refused(401, f"{sender.header} does not begin with {sender.prefix}")
    text = headers[0][len(prefix) :].strip()
    for decode in (binascii.unhexlify, _from_base64):
        try:
            return decode(text)
        except ValueError:  # binascii.Error is one
            continue
    raise Refused(401, f"{sender.header} holds no digest")


def _from_base64(text: bytes) -> bytes:
    return base64.b64decode(text, validate=True)


def read_event(sender: Sender, body: bytes, received_at: dt.datetime) -> Event:
    """The event of a body: one JSON object with a type, and with an id and an instant where its sender gives them.

    `received_at` is when it came here (UTC). Raises Refused (400).
    """
    document = _object(body)
    event_id = _word(document, sender.id_name) if sender.id_name else hashlib.sha256(body).hexdigest()
    event_type = _word(document, sender.type_name)
    payload = document.get(sender.payload_name) if sender.payload_name else document
    known: Mapping[str, Any] = payload if isinstance(payload, dict) else {}
    entity, own = sender.entity_of(event_type, known), known.get("id")
    return Event(
        sender=sender.name,
        event_id=event_id,
        event_type=event_type,
        event_at=_instant(document, sender.time_name) if sender.time_name else received_at,
        entity_ref=entity if _is_word(entity) else "",
        object_ref=own if isinstance(own, str) and _is_word(own) else "",
        wants_sync=sender.wants_sync(event_type, known),
    )


def require_timely(event: Event, now: dt.datetime, bounds: Bounds) -> None:
    """Pass when the event is neither too old nor ahead of us. Raises Refused (400)."""
    if event.event_at < now - bounds.oldest:
        raise Refused(400, f"the event happened more than {bounds.oldest.days} days ago")
    if event.event_at > now + bounds.ahead:
        raise Refused(400, "the event claims to happen in the future; is a clock wrong?")


def _object(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        raise Refused(400, "the body is not JSON in UTF-8") from None
    if not isinstance(document, dict):
        raise Refused(400, "the body is not a JSON object")
    return document


def _word(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    if not isinstance(value, str) or not _is_word(value):
        raise Refused(400, f"{name} is missing or is no text of 1 to {MOST_CHARACTERS} printable characters")
    return value


def _is_word(value: str) -> bool:
    return 0 < len(value) <= MOST_CHARACTERS and value.isprintable()


def _instant(document: Mapping[str, Any], name: str) -> dt.datetime:
    value = document.get(name)
    try:
        instant = dt.datetime.fromisoformat(value if isinstance(value, str) else "")
        if instant.tzinfo is not None:
            return instant.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        pass  # the same answer as for a text without an offset
    raise Refused(400, f"{name} is no instant with its offset from UTC")
