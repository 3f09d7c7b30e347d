"""Lean's envelope: what must stand in it, and what may; its own examples are taken."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sent_events import LEAN_WIRE, NOW, SECRET, Wire, lean_body

from pipelines.webhooks.senders import LEAN

FUZZ = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

DOCUMENTED = {
    *("results.ready", "entity.created", "entity.updated", "entity.reconnected", "entity.data.refresh.updated"),
    *("bank.availability.updated", "payment.created", "payment.updated", "payment_intent.created"),
    *("payment_intent.expired", "payment_source.created", "payment_source.updated"),
    *("payment_source.beneficiary.created", "payment_source.beneficiary.updated", "payment.reconciliation.updated"),
    *("bulk_payment_intent.created", "bulk_payment_intent.updated", "consent.status.updated"),
}


@pytest.fixture
def wire() -> Wire:
    """Lean alone."""
    return LEAN_WIRE


BROKEN = {
    "nothing": b"",
    "no JSON": b"<html>",
    "JSON cut short": lean_body()[:-5],
    "a list": b"[]",
    "a number": b"1e400",
    "too many digits": b'{"event_id": ' + b"9" * 5000 + b"}",
    "deep": b"[" * 200_000,
    "deep objects": b'{"a":' * 40_000,
    "UTF-16": lean_body().decode().encode("utf-16"),
    "no UTF-8": lean_body().replace(b"an entity", b"\xff\xfe"),
    "no id": b'{"type": "entity.updated", "timestamp": "2026-05-13T12:00:00Z"}',
    "an id that is no text": lean_body().replace(b'"event_id": "', b'"event_id": 1, "was": "'),
    "an empty type": lean_body(""),
    "a long id": lean_body(event_id="x" * 201),
    "half a character": lean_body(event_id="surrogate").replace(b"surrogate", b"\\ud800"),
    "a control character": lean_body(event_id="nul").replace(b"nul", b"\\u0000"),
    "no instant": lean_body().replace(b"2026-05-13T12", b"yesterday"),
    "no offset": lean_body().replace(b"00Z", b"00"),
    "before any year": lean_body().replace(b"2026-05-13T12:00:00Z", b"0001-01-01T00:00:00+14:00"),
    "a year too many": lean_body().replace(b"2026-05-13T12:00:00Z", b"9999-12-31T23:59:59-14:00"),
    "too old": lean_body(event_at=NOW - dt.timedelta(days=7, seconds=1)),
    "of the future": lean_body(event_at=NOW + dt.timedelta(hours=1, seconds=1)),
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN.keys())
def test_a_signed_body_that_is_no_event_is_400_and_leaves_nothing(receiver: Any, body: bytes) -> None:
    answer = receiver.send(body)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert receiver.landing.all_keys() == {}


@pytest.mark.parametrize("age", [dt.timedelta(minutes=180), dt.timedelta(days=7), dt.timedelta(hours=-1)])
def test_the_senders_own_retries_and_missed_events_are_in_time(receiver: Any, age: dt.timedelta) -> None:
    assert receiver.send(lean_body(event_at=NOW - age)).status_code == 200


@pytest.mark.parametrize("payload", [[], "text", 5, {"id": 7}, {"id": "\ud800"}, {"status": ["OK"]}, {"id": ["x"]}])
@pytest.mark.parametrize("event_type", ["entity.data.refresh.updated", "results.ready", "made.up"])
def test_a_payload_of_another_shape_is_kept(receiver: Any, payload: object, event_type: str) -> None:
    document = json.loads(lean_body(event_type)) | {"payload": payload}
    assert receiver.send(json.dumps(document).encode()).status_code == 200
    assert len(receiver.landing.waiting()) == 1


def test_every_documented_type_is_known() -> None:
    assert LEAN.known_types == DOCUMENTED


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
ENVELOPE = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(sorted(DOCUMENTED)) | JSON,
        "payload": st.fixed_dictionaries({}, optional={"id": JSON, "entity_id": JSON, "status": JSON}) | JSON,
        "event_id": st.uuids().map(str) | JSON,
        "timestamp": st.datetimes().map(lambda at: at.isoformat() + "Z")
        | st.just("2026-05-13T12:00:00.123456789Z")
        | JSON,
    },
)


@FUZZ
@given(document=ENVELOPE)
def test_no_signed_envelope_ends_in_5xx(receiver: Any, document: object) -> None:
    answer = receiver.send(json.dumps(document).encode())
    assert answer.status_code in {200, 400}


@pytest.mark.corpus
def test_the_official_examples_are_taken(corpus: Path, make: Callable[..., Any]) -> None:
    receiver = make()
    files = sorted((corpus / "lean").glob("*_Webhooks/*.json"))
    assert files
    for file in files:
        assert receiver.send(file.read_bytes()).status_code == 200, file.name
    events = receiver.landing.waiting()
    assert len(events) == len(files)
    assert {event.event_type for event in events} <= LEAN.known_types
    assert SECRET.encode() not in b"".join(event.body for event in events)
