"""Events of the pretend Hishebi: signed, retried, and told of what a day brought."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from asking_hishebi import Person, description, exact_body, holds
from pretend_hishebi import Server
from pretend_lean import Letterbox, letterbox

SECRET = "a webhook secret"
HEADER = "x-hishebi-signature"
Start = Callable[..., Server]


@pytest.fixture
def box() -> Iterator[Letterbox]:
    with letterbox(HEADER) as made:
        yield made


@pytest.fixture
def told(start_server: Start, box: Letterbox) -> Server:
    """A sandbox that sends its events to the box."""
    server = start_server(retry_minute_seconds=0.004, requests_per_minute=10_000)
    answer = httpx.post(f"{server.url}/sandbox/webhooks", json={"url": box.url, "secret": SECRET})
    assert answer.json() == {"url": box.url}
    return server


def seen(server: Server) -> dict[str, Any]:
    listed: dict[str, Any] = httpx.get(f"{server.url}/sandbox/webhooks").json()
    return listed


def send(server: Server, **asked: Any) -> list[str]:
    answer = httpx.post(f"{server.url}/sandbox/webhooks/send", json=asked)
    assert answer.status_code == 200, answer.text
    ids: list[str] = answer.json()["event_ids"]
    return ids


def example(event: str) -> dict[str, Any]:
    content = description()["webhooks"][event]["post"]["requestBody"]["content"]["application/json"]
    document: dict[str, Any] = content["example"]
    return document


def arrived(box: Letterbox, server: Server) -> list[dict[str, Any]]:
    """Every event sent so far, once all have arrived."""
    return box.events(len(seen(server)["deliveries"]))


def test_a_day_that_passes_is_told_as_described(told: Server, box: Letterbox) -> None:
    somebody = Person(told.url)
    before = {house: somebody.rows(f"/properties/{house}/tenants") for house in somebody.houses()}
    for _ in range(25):
        told.step("next-day")
    events = arrived(box, told)
    assert {event["event"] for event in events} == set(description()["webhooks"])
    assert {event["user_id"] for event in events} == {somebody.user_id}
    for body, signature in box.arrived:
        event = exact_body(body)
        schema = description()["webhooks"][event["event"]]["post"]["requestBody"]["content"]["application/json"]
        holds(schema["schema"], event)
        assert signature == "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    span = {"from": "2026-11-21", "to": "2026-12-15"}
    for house, tenants in before.items():
        ours = [event for event in events if event.get("property_id") == house]
        paid = [event["payment"] for event in ours if event["event"] == "rent.paid"]
        assert sorted(row["id"] for row in paid) == sorted(
            row["id"] for row in somebody.rows(f"/properties/{house}/payments", **span)
        )
        fees = [event["due"] for event in ours if event["event"] == "rent.late_fee_applied"]
        dues = somebody.rows(f"/properties/{house}/dues", **span)
        assert sorted(row["id"] for row in fees) == sorted(row["id"] for row in dues if row["kind"] == "late_fee")
        changed = {event["tenant"]["id"] for event in ours if event["event"] == "tenant.changed"}
        now = somebody.rows(f"/properties/{house}/tenants")
        facts = ("monthly_rent", "end_date", "status")
        was = {row["id"]: [row[name] for name in facts] for row in tenants}
        assert changed == {row["id"] for row in now if was.get(row["id"]) != [row[name] for name in facts]}


def test_every_new_entry_is_told_once(told: Server, box: Letterbox) -> None:
    somebody = Person(told.url)
    span = {"from": "2026-11-01", "to": "2026-11-30"}
    before = {entry["id"] for entry in somebody.rows("/ledger", **span)}
    told.step("next-day")
    told.step("change")
    created = [event["entry"] for event in arrived(box, told) if event["event"] == "entry.created"]
    assert len(created) == len({entry["id"] for entry in created})
    new = {entry["id"] for entry in somebody.rows("/ledger", **span)} - before
    assert new <= {entry["id"] for entry in created}
    assert "counter" in {entry.get("source") for entry in created}


def test_nothing_is_told_of_those_who_are_not_logged_in(told: Server) -> None:
    told.step("next-day")
    assert seen(told)["deliveries"] == []
    Person(told.url)
    httpx.post(f"{told.url}/sandbox/revoke")
    told.step("next-day")
    assert seen(told)["deliveries"] == []


def test_nothing_is_sent_without_an_address(server: Server) -> None:
    Person(server.url)
    server.step("next-day")
    assert seen(server) == {"url": "", "deliveries": []}


def test_an_event_is_tried_again_until_it_is_taken(told: Server, box: Letterbox) -> None:
    box.answers = [500, 302, 404]
    (event_id,) = send(told, event=example("entry.created"))
    events = box.events(4)
    assert events == [example("entry.created")] * 4
    assert len(set(box.arrived)) == 1
    assert event_id == hashlib.sha256(box.arrived[0][0]).hexdigest()
    end = time.monotonic() + 10
    while seen(told)["deliveries"][0]["statuses"] != [500, 302, 404, 200]:
        assert time.monotonic() < end
        time.sleep(0.02)


def test_held_events_come_in_another_order_and_some_twice(told: Server, box: Letterbox) -> None:
    httpx.post(f"{told.url}/sandbox/webhooks/hold")
    for number in range(20):
        send(told, event={**example("entry.created"), "number": number})
    asked = {"order": "reversed", "repeats": 0.5, "seed": 3}
    released = httpx.post(f"{told.url}/sandbox/webhooks/release", json=asked).json()["released"]
    numbers = [event["number"] for event in box.events(released)]
    assert 20 < released < 40
    assert numbers != sorted(numbers)
    assert set(numbers) == set(range(20))


def test_forged_events_can_be_sent_and_the_address_taken_back(told: Server, box: Letterbox) -> None:
    send(told, event=example("rent.paid"), forged=True, times=2)
    box.events(2)
    for body, signature in box.arrived:
        assert signature != "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert httpx.delete(f"{told.url}/sandbox/webhooks").json() == {"url": ""}
    send(told, event=example("rent.paid"))
    time.sleep(0.05)
    assert len(box.arrived) == 2


def test_steering_that_makes_no_sense_is_refused(server: Server) -> None:
    for path, body in (("", {"url": 5}), ("/send", {"event": []}), ("/release", {"order": "by name"})):
        assert httpx.post(f"{server.url}/sandbox/webhooks{path}", json=body).status_code == 400
