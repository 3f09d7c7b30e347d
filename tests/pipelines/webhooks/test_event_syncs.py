"""Landed events become a run of just the connections they speak of, once; what cannot be read yet waits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
import pytest
from pretend_lean import Region, pretend_lean
from sent_events import NOW, lean_body

from pipelines import lean_connecting
from pipelines.sandbox.lean.settings import CLIENT_ID, CLIENT_SECRET
from pipelines.webhooks.events import EventLanding
from pipelines.webhooks.handling import errands, settle
from pipelines.webhooks.recording import record_events
from pipelines.webhooks.senders import LEAN
from pipelines.webhooks.verify import read_event
from pipelines.workplace import Workplace
from warehouse import connections
from warehouse.connections import Connection, Consent
from warehouse.standings import Standing, StandingStore


def connected(workplace: Workplace, entity: str) -> Connection:
    return connections.connect(
        workplace.home,
        workplace.keyring,
        party_label=f"party of {entity}",
        source="lean",
        user_name=entity,
        consent=Consent((), "see", NOW),
    )


def land(workplace: Workplace, event_type: str, payload: Mapping[str, Any], event_id: str = "") -> str:
    """Land one event as the receiver would; its key."""
    landing = EventLanding(workplace.home, workplace.keyring)
    landing.open()
    body = lean_body(event_type, payload, event_id=event_id)
    event = read_event(LEAN, body, NOW)
    key = landing.key_of(LEAN.name, event.event_id)
    landing.land([(key, landing.seal(key, event, body, None, NOW))])
    return key


def asked(workplace: Workplace) -> set[str] | None:
    """The connections the only waiting event asks for, or None when it asks for nothing yet."""
    found = errands(workplace)
    assert len(found) <= 1
    return set(found[0].connection_ids) if found else None


def sensed(workplace: Workplace) -> dg.RunRequest | dg.SkipReason:
    from pipelines.defs.automation import webhook_sensor

    answer = webhook_sensor()
    assert isinstance(answer, dg.RunRequest | dg.SkipReason)
    return answer


@pytest.mark.parametrize("event_type", ["entity.created", "entity.updated", "entity.reconnected"])
def test_an_event_about_an_entity_asks_for_its_connection_only(workplace: Workplace, event_type: str) -> None:
    one, _ = connected(workplace, "one"), connected(workplace, "two")
    land(workplace, event_type, {"id": "one"})
    assert asked(workplace) == {one.connection_id}


@pytest.mark.parametrize(
    ("status", "is_read"), [("FINISHED", True), ("OK", True), ("PENDING", False), ("FAILED", False)]
)
def test_a_refresh_is_read_when_it_is_finished_in_either_regions_words(
    workplace: Workplace, status: str, is_read: bool
) -> None:
    one = connected(workplace, "one")
    land(workplace, "entity.data.refresh.updated", {"id": "a refresh", "entity_id": "one", "status": status})
    assert asked(workplace) == ({one.connection_id} if is_read else set())


def test_results_ask_for_the_connection_that_waits_for_them_and_else_for_all(workplace: Workplace) -> None:
    one, two = connected(workplace, "one"), connected(workplace, "two")
    key = land(workplace, "results.ready", {"id": "results 5"})
    assert asked(workplace) == {one.connection_id, two.connection_id}
    standings = StandingStore(workplace.home, workplace.keyring)
    standings.keep(two.connection_id, Standing("preparing", "wait", NOW, "results 5"))
    assert asked(workplace) == {two.connection_id}
    EventLanding(workplace.home, workplace.keyring).set_handled([key])
    land(workplace, "consent.status.updated", {"id": "a consent", "customer_id": "a customer", "status": "REVOKED"})
    assert asked(workplace) == {one.connection_id, two.connection_id}


@pytest.mark.parametrize("event_type", ["payment.created", "bank.availability.updated", "made.up.tomorrow"])
def test_what_brings_nothing_to_read_is_settled_and_listed(workplace: Workplace, event_type: str) -> None:
    connected(workplace, "one")
    land(workplace, event_type, {"id": "one"})
    assert asked(workplace) == set()
    assert settle(workplace, errands(workplace)) == 1
    record_events(workplace)
    with workplace.warehouse("test") as con:
        rows = con.execute("select event_type, is_known_type, is_handled from raw.webhook_events").fetchall()
    assert rows == [(event_type, event_type in LEAN.known_types, True)]


def test_an_event_of_a_bank_that_is_not_connected_waits_until_it_is(workplace: Workplace) -> None:
    land(workplace, "entity.created", {"id": "one"})
    assert errands(workplace) == []
    assert isinstance(sensed(workplace), dg.SkipReason)
    one = connected(workplace, "one")
    assert asked(workplace) == {one.connection_id}


def test_what_could_not_be_read_or_was_not_tried_waits(workplace: Workplace) -> None:
    one, two = connected(workplace, "one"), connected(workplace, "two")
    land(workplace, "entity.updated", {"id": "one"})
    land(workplace, "entity.updated", {"id": "two"})
    assert settle(workplace, errands(workplace), troubled={one.connection_id}) == 1
    assert asked(workplace) == {one.connection_id}
    assert settle(workplace, errands(workplace), only={two.connection_id}) == 0
    assert settle(workplace, errands(workplace), only={one.connection_id}) == 1
    assert errands(workplace) == []


def test_the_sensor_asks_once_for_a_set_of_events_whatever_their_order(workplace: Workplace) -> None:
    one, two = connected(workplace, "one"), connected(workplace, "two")
    for number in (1, 2):
        land(workplace, "entity.updated", {"id": "one"}, f"event {number}")
    first = sensed(workplace)
    assert isinstance(first, dg.RunRequest)
    assert first.run_config["resources"]["home"]["config"] == {"only": [one.connection_id]}
    again = sensed(workplace)
    assert isinstance(again, dg.RunRequest)
    assert again.run_key == first.run_key
    land(workplace, "entity.updated", {"id": "two"}, "event 3")
    more = sensed(workplace)
    assert isinstance(more, dg.RunRequest)
    assert more.run_key != first.run_key
    assert set(more.run_config["resources"]["home"]["config"]["only"]) == {one.connection_id, two.connection_id}


def test_events_without_anything_to_read_still_ask_to_be_recorded(workplace: Workplace) -> None:
    one = connected(workplace, "one")
    land(workplace, "payment.created", {"id": "a payment"})
    request = sensed(workplace)
    assert isinstance(request, dg.RunRequest)
    only = request.run_config["resources"]["home"]["config"]["only"]
    assert one.connection_id not in only
    assert settle(workplace, errands(workplace), only=only) == 1


@pytest.fixture(scope="module")
def uae() -> Iterator[Region]:
    with pretend_lean(customer_count=1, rows_per_account=60) as regions:
        yield regions["uae"]


def test_the_run_reads_the_one_bank_and_settles_its_event(workplace: Workplace, uae: Region) -> None:
    from pipelines.definitions import defs
    from pipelines.nightly import prepare_instance

    application = lean_connecting.keep_application(
        workplace.home, workplace.keyring, base_url=uae.base, client_id=CLIENT_ID, client_secret=CLIENT_SECRET
    )
    customer = lean_connecting.ensure_customer(application, "Ayesha")
    for bank in ("PALM_RETAIL_UAE", "DUNES_RETAIL_UAE"):
        uae.steer("/pretend/connect", customer_id=customer.customer_id, bank_identifier=bank)
    made = [
        lean_connecting.connect_entity(application, customer, entity)
        for entity in lean_connecting.entities_of(application, customer)
    ]
    land(workplace, "entity.updated", {"id": made[1].user_name})
    request = sensed(workplace)
    assert isinstance(request, dg.RunRequest)
    prepare_instance(workplace.home)
    keys = [spec.key for spec in defs.resolve_all_asset_specs() if spec.key.path[0] in {"lean", "raw"}]
    before = len(uae.seen("/pretend/requests"))
    with dg.DagsterInstance.ephemeral() as instance:
        done = defs.resolve_job_def("webhook_sync").execute_in_process(
            instance=instance, run_config=request.run_config, asset_selection=keys, raise_on_error=True
        )
    assert done.success
    requests = str(uae.seen("/pretend/requests")[before:])
    assert made[1].user_name in requests
    assert made[0].user_name not in requests
    assert errands(workplace) == []
    with workplace.warehouse("test") as con:
        read = con.execute("select distinct connection_id from raw.loads").fetchall()
        events = con.execute("select entity_ref, is_handled from raw.webhook_events").fetchall()
    assert read == [(made[1].connection_id,)]
    assert events == [(made[1].user_name, True)]
    assert dt.datetime.now(dt.UTC) > NOW
