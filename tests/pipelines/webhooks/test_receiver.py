"""The receiver takes what is signed and whole, once; everything else is a 4xx, whatever its bytes are."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sent_events import NOW, WIRES, Wire, run_apart

from pipelines.webhooks.events import EventLanding
from pipelines.webhooks.verify import Bounds
from warehouse import connections
from warehouse.connections import Consent
from warehouse.home import Home
from warehouse.keys import Keyring

FUZZ = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def test_a_signed_event_is_on_disk_sealed_when_it_is_acknowledged(receiver: Any, home: Home) -> None:
    body = receiver.wire.body("كشف হিসাব e-1")
    answer = receiver.send(body)
    assert (answer.status_code, answer.json()) == (200, {"status": "received"})
    (event,) = receiver.landing.waiting()
    assert (event.sender, event.body, event.event_at) == (receiver.wire.sender.name, body, NOW)
    (file,) = (home.events / "new").iterdir()
    assert file.read_bytes()[:4] == b"HSB1"
    assert b"e-1" not in file.read_bytes()
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_repeat_is_acknowledged_and_adds_nothing(receiver: Any, make: Callable[..., Any]) -> None:
    body = receiver.wire.body()
    assert receiver.send(body).status_code == 200
    assert receiver.send(body).status_code == 200
    receiver.landing.set_handled(receiver.landing.all_keys())
    assert receiver.send(body).status_code == 200
    late = make(now=lambda: NOW + dt.timedelta(days=400))
    assert late.send(body).status_code == 200
    assert list(late.landing.all_keys().values()) == [True]
    assert late.landing.waiting() == []


def test_the_same_event_sent_many_times_at_once_is_one(receiver: Any) -> None:
    body = receiver.wire.body()

    async def send_all() -> list[int]:
        transport = httpx.ASGITransport(app=receiver.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://receiver") as client:
            wire = receiver.wire
            answers = await asyncio.gather(
                *(client.post(wire.path, content=body, headers=wire.headers(body)) for _ in range(40))
            )
        return [answer.status_code for answer in answers]

    assert run_apart(send_all()) == [200] * 40
    assert len(receiver.landing.all_keys()) == 1


@pytest.mark.parametrize(
    "header",
    [
        "",
        "{prefix}",
        "{prefix}zz",
        "sha1={digest}",
        "{digest}",
        "{another body}",
        "{another secret}",
        "{prefix}" + "é" * 64,
        "{prefix}" + "A" * 86 + "==",
        "{prefix}" + "0" * 100_000,
    ],
)
def test_a_forged_or_broken_signature_is_401(receiver: Any, header: str) -> None:
    wire, body = receiver.wire, receiver.wire.body(event_id="one")
    words = {
        "prefix": wire.sender.prefix,
        "digest": wire.signature(body).removeprefix(wire.sender.prefix),
        "another body": wire.signature(b"another body"),
        "another secret": wire.signature(body, "another secret"),
    }
    value = header.format(**words)
    answer = receiver.send(body, {wire.sender.header: value.encode("utf-8")})
    assert answer.status_code == 401
    assert receiver.landing.all_keys() == {}


def test_no_signature_or_two_of_them_are_401(receiver: Any) -> None:
    body = receiver.wire.body()
    assert receiver.send(body, {}).status_code == 401
    name, prefix = receiver.wire.sender.header, receiver.wire.sender.prefix
    right, wrong = (name, receiver.wire.signature(body)), (name, f"{prefix}00")
    for pair in ([right, wrong], [wrong, right], [right, right]):
        assert receiver.request("POST", receiver.wire.path, content=body, headers=pair).status_code == 401
    assert receiver.landing.all_keys() == {}


def test_one_changed_byte_anywhere_is_401(receiver: Any) -> None:
    body = receiver.wire.body(event_id="one")
    signature = receiver.wire.headers(body)
    for place in range(len(body)):
        changed = body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
        assert receiver.send(changed, signature).status_code == 401


def test_hex_in_capitals_and_base64_are_the_same_digest(receiver: Any) -> None:
    wire, prefix, name = receiver.wire, receiver.wire.sender.prefix, receiver.wire.sender.header
    for body in (wire.body(), wire.body()):
        upper = prefix + wire.signature(body).removeprefix(prefix).upper()
        assert receiver.send(body, {name.title(): upper}).status_code == 200
        assert receiver.send(body, {name: wire.signature(body, as_base64=True)}).status_code == 200


def test_while_a_secret_is_replaced_both_hold_and_then_the_new_one_only(make: Callable[..., Any], wire: Wire) -> None:
    both, new = make(secrets=("old", "new")), make(secrets=("new",))
    for secret in ("old", "new"):
        body = wire.body()
        assert both.send(body, wire.headers(body, secret)).status_code == 200
    body = wire.body()
    assert new.send(body, wire.headers(body, "old")).status_code == 401
    assert new.send(body, wire.headers(body, "new")).status_code == 200


def test_a_sender_without_a_secret_has_no_address(make: Callable[..., Any], wire: Wire) -> None:
    assert make(secrets=()).send(wire.body()).status_code == 404


def test_one_senders_secret_opens_no_other_senders_address(receiver: Any) -> None:
    (other,) = [wire for wire in WIRES if wire is not receiver.wire]
    body = other.body()
    answer = receiver.request("POST", other.path, content=body, headers=other.headers(body))
    assert answer.status_code == 404
    assert receiver.send(body, other.headers(body)).status_code == 401


def test_a_body_that_is_too_large_is_413_whatever_length_it_claims(make: Callable[..., Any], wire: Wire) -> None:
    receiver = make(bounds=Bounds(body_bytes=1000))
    fitting = wire.body("x" * 600)
    assert len(fitting) <= 1000
    assert receiver.send(fitting).status_code == 200
    assert receiver.send(b"x" * 1001).status_code == 413

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 500

    assert receiver.request("POST", wire.path, content=endless()).status_code == 413


def test_a_body_that_takes_too_long_is_408(make: Callable[..., Any], wire: Wire) -> None:
    receiver = make(bounds=Bounds(seconds=0.05))

    async def slow() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(5)
        yield b"}"

    assert receiver.request("POST", wire.path, content=slow()).status_code == 408


def test_other_methods_and_paths_are_405_and_404(receiver: Any) -> None:
    assert receiver.request("GET", receiver.wire.path).status_code == 405
    assert receiver.request("PUT", receiver.wire.path, content=receiver.wire.body()).status_code == 405
    for path in ("/", "/webhooks", "/webhooks/nobody", "/docs", "/openapi.json"):
        assert receiver.request("GET", path).status_code == 404
    assert receiver.request("GET", "/health").json() == {"status": "ok"}


def test_a_disk_that_takes_no_more_is_503_so_that_the_sender_tries_again(
    receiver: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    body = receiver.wire.body()
    with monkeypatch.context() as patched:
        patched.setattr(EventLanding, "place", full)
        assert receiver.send(body).status_code == 503
    assert receiver.send(body).status_code == 200
    assert len(receiver.landing.all_keys()) == 1


def test_an_event_of_a_connected_login_is_sealed_for_its_party(receiver: Any, home: Home, keyring: Keyring) -> None:
    source = receiver.wire.sender.name
    connection = connections.connect(
        home, keyring, party_label="Ayesha", source=source, user_name="e-1", consent=Consent((), "see", NOW)
    )
    mine, other = receiver.wire.body("e-1"), receiver.wire.body("e-2")
    assert receiver.send(mine).status_code == receiver.send(other).status_code == 200
    keyring.destroy_subject_key(connection.party_id)
    left = {event.body for event in EventLanding(home, keyring).waiting()}
    assert left == {b"", other}
    assert receiver.send(mine).status_code == 200
    assert len(receiver.landing.all_keys()) == 2


@FUZZ
@given(body=st.binary(max_size=2000), signed=st.booleans(), header=st.binary(max_size=200))
def test_no_bytes_and_no_header_end_in_5xx(receiver: Any, body: bytes, signed: bool, header: bytes) -> None:
    wire = receiver.wire
    forged = wire.sender.prefix.encode() + header.translate(None, b"\r\n\0")
    value = wire.signature(body).encode() if signed else forged
    answer = receiver.request("POST", wire.path, content=body, headers=[(wire.sender.header.encode(), value)])
    assert answer.status_code in ({200, 400} if signed else {401})
