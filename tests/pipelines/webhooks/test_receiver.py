"""The receiver takes what is signed and whole, once; everything else is a 4xx, whatever its bytes are."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sent_events import NOW, SECRET, lean_body, lean_signature, run_apart

from pipelines.webhooks.events import EventLanding
from pipelines.webhooks.senders import LEAN
from pipelines.webhooks.verify import Bounds
from warehouse import connections
from warehouse.connections import Consent
from warehouse.home import Home
from warehouse.keys import Keyring

FUZZ = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

DOCUMENTED = {
    *("results.ready", "entity.created", "entity.updated", "entity.reconnected", "entity.data.refresh.updated"),
    *("bank.availability.updated", "payment.created", "payment.updated", "payment_intent.created"),
    *("payment_intent.expired", "payment_source.created", "payment_source.updated"),
    *("payment_source.beneficiary.created", "payment_source.beneficiary.updated", "payment.reconciliation.updated"),
    *("bulk_payment_intent.created", "bulk_payment_intent.updated", "consent.status.updated"),
}


def test_a_signed_event_is_on_disk_sealed_when_it_is_acknowledged(receiver: Any, home: Home) -> None:
    body = lean_body("entity.updated", {"id": "e-1", "name": "كشف হিসাব"})
    answer = receiver.send(body)
    assert (answer.status_code, answer.json()) == (200, {"status": "received"})
    (event,) = receiver.landing.waiting()
    assert (event.sender, event.event_type, event.body, event.event_at) == ("lean", "entity.updated", body, NOW)
    (file,) = (home.events / "new").iterdir()
    assert file.read_bytes()[:4] == b"HSB1"
    assert b"e-1" not in file.read_bytes()
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_repeat_is_acknowledged_and_adds_nothing(receiver: Any, make: Callable[..., Any]) -> None:
    body = lean_body()
    assert receiver.send(body).status_code == 200
    assert receiver.send(body).status_code == 200
    receiver.landing.set_handled(receiver.landing.all_keys())
    assert receiver.send(body).status_code == 200
    late = make(now=lambda: NOW + dt.timedelta(days=400))
    assert late.send(body).status_code == 200
    assert list(late.landing.all_keys().values()) == [True]
    assert late.landing.waiting() == []


def test_the_same_event_sent_many_times_at_once_is_one(receiver: Any) -> None:
    body = lean_body()

    async def send_all() -> list[int]:
        transport = httpx.ASGITransport(app=receiver.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://receiver") as client:
            headers = {"lean-signature": lean_signature(body)}
            answers = await asyncio.gather(
                *(client.post("/webhooks/lean", content=body, headers=headers) for _ in range(40))
            )
        return [answer.status_code for answer in answers]

    assert run_apart(send_all()) == [200] * 40
    assert len(receiver.landing.all_keys()) == 1


@pytest.mark.parametrize(
    "header",
    [
        "",
        "sha512=",
        "sha512=zz",
        "sha256=" + lean_signature(b"x")[7:],
        lean_signature(b"another body"),
        lean_signature(lean_body(event_id="one"), "another secret"),
        "sha512=" + "é" * 64,
        "sha512=" + "A" * 86 + "==",
        "sha512=" + "0" * 100_000,
    ],
)
def test_a_forged_or_broken_signature_is_401(receiver: Any, header: str) -> None:
    answer = receiver.send(lean_body(event_id="one"), {"lean-signature": header.encode("utf-8")})
    assert answer.status_code == 401
    assert receiver.landing.all_keys() == {}


def test_no_signature_or_two_of_them_are_401(receiver: Any) -> None:
    body = lean_body()
    assert receiver.send(body, {}).status_code == 401
    right, wrong = ("lean-signature", lean_signature(body)), ("lean-signature", "sha512=00")
    for pair in ([right, wrong], [wrong, right], [right, right]):
        assert receiver.request("POST", "/webhooks/lean", content=body, headers=pair).status_code == 401
    assert receiver.landing.all_keys() == {}


def test_one_changed_byte_anywhere_is_401(receiver: Any) -> None:
    body = lean_body(event_id="one")
    signature = {"lean-signature": lean_signature(body)}
    for place in range(len(body)):
        changed = body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
        assert receiver.send(changed, signature).status_code == 401


def test_hex_in_capitals_and_base64_are_the_same_digest(receiver: Any) -> None:
    for body in (lean_body(), lean_body()):
        upper = "sha512=" + lean_signature(body).removeprefix("sha512=").upper()
        assert receiver.send(body, {"Lean-Signature": upper}).status_code == 200
        assert receiver.send(body, {"lean-signature": lean_signature(body, as_base64=True)}).status_code == 200


def test_while_a_secret_is_replaced_both_hold_and_then_the_new_one_only(make: Callable[..., Any]) -> None:
    both, new = make(secrets=("old", "new")), make(secrets=("new",))
    for secret in ("old", "new"):
        body = lean_body()
        assert both.send(body, {"lean-signature": lean_signature(body, secret)}).status_code == 200
    body = lean_body()
    assert new.send(body, {"lean-signature": lean_signature(body, "old")}).status_code == 401
    assert new.send(body, {"lean-signature": lean_signature(body, "new")}).status_code == 200


def test_a_sender_without_a_secret_has_no_address(make: Callable[..., Any]) -> None:
    assert make(secrets=()).send(lean_body()).status_code == 404


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


def test_a_body_that_is_too_large_is_413_whatever_length_it_claims(make: Callable[..., Any]) -> None:
    receiver = make(bounds=Bounds(body_bytes=1000))
    fitting = lean_body(payload={"text": "x" * 700})
    assert len(fitting) <= 1000
    assert receiver.send(fitting).status_code == 200
    assert receiver.send(b"x" * 1001).status_code == 413

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 500

    assert receiver.request("POST", "/webhooks/lean", content=endless()).status_code == 413


def test_a_body_that_takes_too_long_is_408(make: Callable[..., Any]) -> None:
    receiver = make(bounds=Bounds(seconds=0.05))

    async def slow() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(5)
        yield b"}"

    assert receiver.request("POST", "/webhooks/lean", content=slow()).status_code == 408


def test_other_methods_and_paths_are_405_and_404(receiver: Any) -> None:
    assert receiver.request("GET", "/webhooks/lean").status_code == 405
    assert receiver.request("PUT", "/webhooks/lean", content=lean_body()).status_code == 405
    for path in ("/", "/webhooks", "/webhooks/nobody", "/docs", "/openapi.json"):
        assert receiver.request("GET", path).status_code == 404
    assert receiver.request("GET", "/health").json() == {"status": "ok"}


def test_a_disk_that_takes_no_more_is_503_so_that_the_sender_tries_again(
    receiver: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    body = lean_body()
    with monkeypatch.context() as patched:
        patched.setattr(EventLanding, "place", full)
        assert receiver.send(body).status_code == 503
    assert receiver.send(body).status_code == 200
    assert len(receiver.landing.all_keys()) == 1


def test_every_documented_type_is_known() -> None:
    assert LEAN.known_types == DOCUMENTED


def test_an_event_of_a_connected_login_is_sealed_for_its_party(receiver: Any, home: Home, keyring: Keyring) -> None:
    connection = connections.connect(
        home, keyring, party_label="Ayesha", source="lean", user_name="e-1", consent=Consent((), "see", NOW)
    )
    mine, other = lean_body(payload={"id": "e-1"}), lean_body(payload={"id": "e-2"})
    assert receiver.send(mine).status_code == receiver.send(other).status_code == 200
    keyring.destroy_subject_key(connection.party_id)
    left = {event.body for event in EventLanding(home, keyring).waiting()}
    assert left == {b"", other}
    assert receiver.send(mine).status_code == 200
    assert len(receiver.landing.all_keys()) == 2


@FUZZ
@given(body=st.binary(max_size=2000), signed=st.booleans(), header=st.binary(max_size=200))
def test_no_bytes_and_no_header_end_in_5xx(receiver: Any, body: bytes, signed: bool, header: bytes) -> None:
    value = lean_signature(body).encode() if signed else b"sha512=" + header.translate(None, b"\r\n\0")
    answer = receiver.request("POST", "/webhooks/lean", content=body, headers=[(b"lean-signature", value)])
    assert answer.status_code in ({200, 400} if signed else {401})


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
