"""Events of the pretend Lean: signed, retried, listed, and told when banks are connected."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pretend_lean import REGIONS, Letterbox, Region, letterbox, pretend_lean

from pipelines.sandbox.lean.event_words import EVENT_TYPES

SECRET = "a webhook secret"


@pytest.fixture(scope="module")
def regions() -> Iterator[dict[str, Region]]:
    with pretend_lean(results_seconds=0.05, refresh_seconds=0.05, retry_minute_seconds=0.004) as both:
        yield both


@pytest.fixture
def box(regions: dict[str, Region]) -> Iterator[Letterbox]:
    with letterbox() as made:
        for lean in regions.values():
            lean.steer("/webhooks", url=made.url, secret=SECRET)
        yield made
        for lean in regions.values():
            lean.delete("/webhooks", {})


def until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)


def statuses(lean: Region, event_id: str) -> list[int]:
    return [
        status
        for delivery in lean.seen("/webhooks")["deliveries"]
        if delivery["event_id"] == event_id
        for status in delivery["statuses"]
    ]


@pytest.mark.parametrize("region", REGIONS)
def test_connecting_tells_of_the_entity_and_then_of_its_data(
    regions: dict[str, Region], box: Letterbox, region: str
) -> None:
    lean = regions[region]
    made = lean.somebody()
    created, refreshed = box.events(2)
    assert [created["type"], refreshed["type"]] == ["entity.created", "entity.data.refresh.updated"]
    assert created["payload"]["id"] == refreshed["payload"]["entity_id"] == made["entity_id"]
    assert created["payload"]["customer_id"] == made["customer_id"]
    assert isinstance(created["payload"]["permissions"], list)
    assert refreshed["payload"]["status"] == {"uae": "OK", "ksa": "FINISHED"}[region]
    (account, *_rest) = refreshed["payload"]["data_status"]["account_data"]
    assert account["transaction_availability"] == {"start": "2025-05-01", "end": "2026-11-20"}


def test_every_body_is_signed_as_it_is_on_the_wire(regions: dict[str, Region], box: Letterbox) -> None:
    for lean in regions.values():
        lean.steer("/webhooks/send", type="bank.availability.updated")
    box.events(2)
    for body, signature in box.arrived:
        assert signature == "sha512=" + hmac.new(SECRET.encode(), body, hashlib.sha512).hexdigest()


def test_results_refreshes_and_reconnects_are_told(regions: dict[str, Region], box: Letterbox) -> None:
    lean = regions["ksa"]
    entity_id = lean.somebody()["entity_id"]
    box.events(2)
    box.clear()
    asked = lean.get("/data/v2/accounts", entity_id=entity_id, **{"async": "true"}).json()["results_id"]
    assert [(e["type"], e["payload"]) for e in box.events(1)] == [("results.ready", {"id": asked})]
    box.clear()
    refresh_id = lean.post("/data/v2/refreshes", {"entity_id": entity_id}).json()["refresh_id"]
    assert [e["payload"]["refresh_id"] for e in box.events(1)] == [refresh_id]
    box.clear()
    lean.steer(f"/pretend/entities/{entity_id}/require-reconnect")
    reconnect_id = lean.get("/data/v2/accounts", entity_id=entity_id).json()["results_id"]
    lean.steer("/pretend/reconnect", reconnect_id=reconnect_id)
    assert [(e["type"], e["payload"]) for e in box.events(2)] == [
        ("entity.reconnected", {"id": entity_id, "reconnect_id": reconnect_id}),
        ("results.ready", {"id": reconnect_id}),
    ]
    box.clear()
    lean.steer(f"/pretend/entities/{entity_id}/expire-consent")
    assert [(e["type"], e["payload"]["id"]) for e in box.events(1)] == [("entity.updated", entity_id)]


def test_an_event_is_tried_again_until_it_is_taken(regions: dict[str, Region], box: Letterbox) -> None:
    box.answers = [500, 302, 404]
    (event_id,) = regions["uae"].steer("/webhooks/send", type="payment.created")["event_ids"]
    events = box.events(4)
    assert {event["event_id"] for event in events} == {event_id}
    assert len({body for body, _ in box.arrived}) == 1
    until(lambda: statuses(regions["uae"], event_id) == [500, 302, 404, 200])


def test_an_event_nobody_takes_is_given_up_after_six_retries(regions: dict[str, Region], box: Letterbox) -> None:
    box.answers = [503] * 20
    (event_id,) = regions["uae"].steer("/webhooks/send", type="payment.updated")["event_ids"]
    until(lambda: statuses(regions["uae"], event_id) == [503] * 7)
    time.sleep(0.1)
    assert len(box.arrived) == 7


def test_retries_come_after_the_documented_minutes() -> None:
    with letterbox() as box, pretend_lean(retry_minute_seconds=0.2) as regions:
        box.answers = [500, 500, 500]
        lean = regions["uae"]
        lean.steer("/webhooks", url=box.url, secret=SECRET)
        started = time.monotonic()
        lean.steer("/webhooks/send", type="payment.created")
        box.events(3)
        assert time.monotonic() - started >= 0.4
        box.events(4)
        assert time.monotonic() - started >= 1.0


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/lean", "no address", "http://[x/"])
def test_an_address_where_nobody_listens_counts_as_no_answer(regions: dict[str, Region], address: str) -> None:
    lean = regions["ksa"]
    lean.steer("/webhooks", url=address, secret=SECRET)
    (event_id,) = lean.steer("/webhooks/send", type="payment.created")["event_ids"]
    until(lambda: statuses(lean, event_id) == [0] * 7)
    lean.delete("/webhooks", {})


def test_held_events_come_in_another_order_and_some_twice(regions: dict[str, Region], box: Letterbox) -> None:
    lean = regions["uae"]
    lean.steer("/webhooks/hold")
    sent = lean.steer("/webhooks/send", type="payment.created", times=40)["event_ids"]
    time.sleep(0.05)
    assert box.arrived == []
    released = lean.steer("/webhooks/release", order="shuffled", seed=3, repeats=0.3)["released"]
    arrived = [event["event_id"] for event in box.events(released)]
    assert 45 < released < 60
    assert set(arrived) == set(sent)
    assert arrived[:40] != sent
    assert max(Counter(arrived).values()) == 2
    box.clear()
    lean.steer("/webhooks/hold")
    sent = lean.steer("/webhooks/send", type="payment.created", times=50)["event_ids"]
    assert lean.steer("/webhooks/release", order="shuffled", moved=0.2) == {"released": 50}
    arrived = [event["event_id"] for event in box.events(50)]
    assert 2 <= sum(one != other for one, other in zip(sent, arrived, strict=True)) <= 20
    box.clear()
    lean.steer("/webhooks/hold")
    sent = lean.steer("/webhooks/send", type="payment.updated", times=3)["event_ids"]
    lean.steer("/webhooks/release", order="reversed")
    assert [event["event_id"] for event in box.events(3)] == sent[::-1]


def test_events_can_be_sent_once_more(regions: dict[str, Region], box: Letterbox) -> None:
    lean = regions["uae"]
    (event_id,) = lean.steer("/webhooks/send", type="something.new", payload={"a": "ب"})["event_ids"]
    box.events(1)
    assert lean.steer("/webhooks/resend", event_ids=[event_id]) == {"sent": 1}
    first, second = box.events(2)
    assert first == second
    assert (first["type"], first["payload"]) == ("something.new", {"a": "ب"})


def test_forged_and_old_events_can_be_sent(regions: dict[str, Region], box: Letterbox) -> None:
    lean = regions["uae"]
    (event_id,) = lean.steer("/webhooks/send", type="entity.created", entity_id=lean.entity(), forged=True)["event_ids"]
    lean.steer("/webhooks/send", type="payment.created", age_seconds=86_400)
    forged, old = box.events(2)
    assert forged["event_id"] == event_id
    body, signature = box.arrived[0]
    assert signature != "sha512=" + hmac.new(SECRET.encode(), body, hashlib.sha512).hexdigest()
    assert old["timestamp"] < forged["timestamp"]
    assert event_id not in {event["event_id"] for event in listed(lean)}


def listed(lean: Region, **params: Any) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    for page in range(100):
        answer = lean.get("/events/v1", page=page, size=20, **params).json()
        events += answer["data"]
        if page + 1 >= answer["page"]["total_pages"]:
            break
    return events


def test_the_list_of_events_holds_what_was_sent_newest_first(regions: dict[str, Region], box: Letterbox) -> None:
    lean = regions["ksa"]
    lean.steer("/webhooks/send", type="consent.status.updated", times=30)
    arrived = box.events(30)
    assert listed(lean, type="consent.status.updated") == arrived[::-1]
    assert {event["type"] for event in listed(lean)} > {"consent.status.updated"}
    assert listed(lean, **{"from": arrived[10]["timestamp"], "type": "consent.status.updated"}) == arrived[:9:-1]
    assert listed(lean, to="2020-01-01") == []


def test_every_documented_type_can_be_sent(regions: dict[str, Region], box: Letterbox) -> None:
    lean = regions["uae"]
    for kind in EVENT_TYPES:
        lean.steer("/webhooks/send", type=kind)
    events = box.events(len(EVENT_TYPES))
    assert [event["type"] for event in events] == list(EVENT_TYPES)
    assert all(set(event) == {"type", "message", "payload", "event_id", "timestamp"} for event in events)
    assert all(event["payload"] for event in events)
    assert json.loads(box.arrived[0][0]) == events[0]
