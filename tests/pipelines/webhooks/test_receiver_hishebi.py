"""Hishebi's envelope: no id and no time of its own, so the body is the event and its coming is the time."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sent_events import HISHEBI_WIRE, NOW, Wire, hishebi_body
from written_files import ROOT

from pipelines.webhooks.senders import HISHEBI
from pipelines.webhooks.verify import Refused, read_event

FUZZ = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
PUBLISHED = (
    b'{"event":"entry.created","user_id":"u_28471","entry":{"id":"e_88","kind":"expense","amount":320,'
    b'"category":"transport","date":"2026-05-09","source":"counter"}}'
)
"""The body the service's description gives."""
EVENTS = Path(ROOT) / "docs" / "hishebi" / "paths" / "events.yaml"


@pytest.fixture
def wire() -> Wire:
    """Hishebi alone."""
    return HISHEBI_WIRE


def test_the_published_body_is_an_event_known_by_its_bytes(receiver: Any) -> None:
    assert receiver.send(PUBLISHED).status_code == 200
    (event,) = receiver.landing.waiting()
    assert (event.sender, event.event_type) == ("hishebi", "entry.created")
    assert event.event_id == hashlib.sha256(PUBLISHED).hexdigest()
    assert event.event_at == event.received_at == NOW
    assert event.body == PUBLISHED


def test_an_event_names_the_user_and_asks_for_a_sync() -> None:
    event = read_event(HISHEBI, PUBLISHED, NOW)
    assert (event.entity_ref, event.wants_sync, event.event_at) == ("u_28471", True, NOW)


def test_two_equal_bodies_are_one_event_and_one_more_blank_makes_another(receiver: Any) -> None:
    for body in (PUBLISHED, PUBLISHED, PUBLISHED + b" "):
        assert receiver.send(body).status_code == 200
    assert len(receiver.landing.all_keys()) == 2


def test_however_late_it_comes_it_is_taken_since_it_says_no_time(make: Callable[..., Any]) -> None:
    late = make(now=lambda: NOW + dt.timedelta(days=400))
    assert late.send(PUBLISHED).status_code == 200
    (event,) = late.landing.waiting()
    assert event.event_at == NOW + dt.timedelta(days=400)


def test_every_type_of_the_specification_is_known_and_its_example_is_taken(receiver: Any) -> None:
    examples = []
    for operation in yaml.safe_load(EVENTS.read_text(encoding="utf-8")).values():
        if "post" not in operation:
            continue
        content = operation["post"]["requestBody"]["content"]["application/json"]
        examples += [content["example"]] if "example" in content else [e["value"] for e in content["examples"].values()]
    assert {example["event"] for example in examples} == HISHEBI.known_types
    for example in examples:
        body = json.dumps(example, ensure_ascii=False).encode()
        assert read_event(HISHEBI, body, NOW).entity_ref == example["user_id"]
        assert receiver.send(body).status_code == 200


BROKEN = {
    "nothing": b"",
    "no JSON": b"<html>",
    "JSON cut short": PUBLISHED[:-5],
    "a list": b"[]",
    "too many digits": b'{"event": ' + b"9" * 5000 + b"}",
    "deep": b"[" * 200_000,
    "UTF-16": PUBLISHED.decode().encode("utf-16"),
    "no UTF-8": PUBLISHED.replace(b"transport", b"\xff\xfe"),
    "no type": PUBLISHED.replace(b'"event"', b'"events"'),
    "a type that is no text": PUBLISHED.replace(b'"entry.created"', b"7"),
    "an empty type": hishebi_body(""),
    "a long type": hishebi_body("x" * 201),
    "a control character": hishebi_body("entry\0created"),
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN.keys())
def test_a_signed_body_that_is_no_event_is_400_and_leaves_nothing(receiver: Any, body: bytes) -> None:
    answer = receiver.send(body)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert receiver.landing.all_keys() == {}


@pytest.mark.parametrize("user_id", [None, 7, "", ["u_1"], {"id": "u_1"}, "\ud800", "x" * 201])
def test_an_event_that_names_nobody_is_kept(receiver: Any, user_id: object) -> None:
    body = json.dumps({"event": "entry.created", "user_id": user_id, "entry": []}).encode()
    assert receiver.send(body).status_code == 200
    assert read_event(HISHEBI, body, NOW).entity_ref == ""


def test_an_unknown_type_asks_for_nothing() -> None:
    assert not read_event(HISHEBI, hishebi_body("made.up"), NOW).wants_sync


def test_what_was_erased_is_no_event() -> None:
    with pytest.raises(Refused):
        read_event(HISHEBI, b"", NOW)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
ENVELOPE = st.fixed_dictionaries(
    {},
    optional={
        "event": st.sampled_from(sorted(HISHEBI.known_types)) | JSON,
        "user_id": st.just("u_1") | JSON,
        "entry": JSON,
    },
)


@FUZZ
@given(document=ENVELOPE)
def test_no_signed_envelope_ends_in_5xx(receiver: Any, document: object) -> None:
    answer = receiver.send(json.dumps(document).encode())
    assert answer.status_code in {200, 400}
