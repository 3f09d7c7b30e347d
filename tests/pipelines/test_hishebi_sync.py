"""A home beside the pretend Hishebi: every book arrives in the raw tables, and what is gone there is gone here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import dagster as dg
import httpx
import pytest
from sent_events import NOW

from pipelines.asking_hishebi import fetch_file, write_note
from pipelines.connecting import connect_hishebi, connection_rows
from pipelines.ingest.decoding import Decoder
from pipelines.ingest.merging import merge_pending
from pipelines.ingest.pulling import PARTLY_READ, connections_of, pull_connections
from pipelines.sandbox.hishebi.people import PASSWORD
from pipelines.sources.hishebi.pull import SOURCE
from pipelines.sources.pacing import Pace, RequestBudget
from pipelines.webhooks.events import EventLanding
from pipelines.webhooks.handling import errands
from pipelines.webhooks.senders import HISHEBI
from pipelines.webhooks.verify import read_event
from pipelines.workplace import Workplace
from warehouse.connections import Connection

BOOKS = {
    "ledger_entries": "entries",
    "debts": "debts",
    "savings_goals": "goals",
    "notes": "notes",
    "properties": "properties",
}
"""Record kinds whose rows are those of one list, one by one."""


def joined(workplace: Workplace, server: Any, who: str = "ayesha", **more: Any) -> Connection:
    return connect_hishebi(
        workplace.home,
        workplace.keyring,
        party_label=who.title(),
        email=f"{who}@example.com",
        password=PASSWORD,
        base_url=server.url,
        **more,
    )


def synced(workplace: Workplace, **more: Any) -> dict[str, int]:
    """Pull and merge; live rows per kind."""
    pull_connections(workplace, connections_of(workplace, "hishebi"), **more)
    with Decoder() as decoder:
        outcomes = merge_pending(workplace, decoder)
    assert [each.problem for each in outcomes if each.problem] == []
    assert sum(each.quarantined for each in outcomes) == 0
    return counted(workplace)


def counted(workplace: Workplace) -> dict[str, int]:
    with workplace.warehouse("test") as con:
        tables = ("accounts", "cash_counts", "units", "tenancies", "rent_charges", "rent_payments", *BOOKS)
        return {
            table: con.execute(f"select count(*) from raw.{table} where not deleted").fetchone()[0]  # type: ignore[index]
            for table in tables
        }


def column(workplace: Workplace, sql: str) -> list[Any]:
    with workplace.warehouse("test") as con:
        return [row[0] for row in con.execute(sql).fetchall()]


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several pulls of a test in one minute would wait for the next one."""
    monkeypatch.setattr(SOURCE, "_budget", RequestBudget(Pace(requests=1_000_000)))


@pytest.fixture
def today(workplace: Workplace) -> Any:
    return workplace.today


def test_every_book_arrives_and_nothing_dangles(
    workplace: Workplace, start_server: Callable[..., Any], today: Any
) -> None:
    joined(workplace, start_server(today=today, requests_per_minute=1_000_000))
    counts = synced(workplace)
    assert all(counts.values()), counts
    for child, name, parent in (
        ("rent_payments", "tenancy_id", "tenancies"),
        ("rent_charges", "tenancy_id", "tenancies"),
        ("tenancies", "property_id", "properties"),
        ("units", "property_id", "properties"),
        ("notes", "entry_id", "ledger_entries"),
    ):
        dangling = f"select {name} from raw.{child} where {name} is not null except select record_id from raw.{parent}"
        assert column(workplace, dangling) == []
    assert column(workplace, "select session_id from raw.cash_counts group by 1 having count(*) = 1") == []
    assert synced(workplace, full=True) == counts


def test_a_day_later_the_books_are_those_of_the_service(
    workplace: Workplace, start_server: Callable[..., Any], today: Any
) -> None:
    server = start_server(today=today, requests_per_minute=1_000_000)
    joined(workplace, server)
    before = synced(workplace)
    server.step("change")
    after = synced(workplace)
    assert (before["ledger_entries"], after["ledger_entries"]) != (0, before["ledger_entries"])
    assert column(workplace, "select record_id from raw.ledger_entries where deleted") != []
    rows = connection_rows(workplace.home, workplace.keyring)
    assert [row.state for row in rows] == ["active"]


def test_a_note_written_back_is_read_again_once(
    workplace: Workplace, start_server: Callable[..., Any], today: Any, tmp_path: Path
) -> None:
    server = start_server(today=today, requests_per_minute=1_000_000)
    joined(workplace, server, more_scopes=["notes.write", "export.read"])
    before = synced(workplace)
    (entry_id,) = column(workplace, "select record_id from raw.ledger_entries order by entry_date desc limit 1")
    note_id = write_note(workplace, "Ayesha", "কম পড়েছে 70", entry_id)
    assert write_note(workplace, "Ayesha", "কম পড়েছে 70", entry_id) == note_id
    assert synced(workplace)["notes"] == before["notes"] + 1
    assert column(workplace, f"select entry_id from raw.notes where record_id = '{note_id}'") == [entry_id]
    for form in ("xlsx", "pdf"):
        target = tmp_path / f"books.{form}"
        fetch_file(workplace, "Ayesha", form, (today.replace(day=1), today), target, force=False)
        assert target.stat().st_size > 500


def test_a_service_with_the_ledger_alone_is_read_and_told_of(
    workplace: Workplace, start_server: Callable[..., Any], today: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the description publishes it: whatever is our reading may not be there."""
    server = start_server(today=today, requests_per_minute=1_000_000)
    joined(workplace, server)
    whole = synced(workplace)
    send = httpx.Client.stream

    def only_ledger(self: httpx.Client, method: str, path: str, **more: Any) -> Any:
        missing = "/ledger" not in path and "/auth/" not in path
        return send(self, method, f"{path}/not-there" if missing else path, **more)

    with monkeypatch.context() as patched:
        patched.setattr(httpx.Client, "stream", only_ledger)
        assert synced(workplace) == whole
        (row,) = connection_rows(workplace.home, workplace.keyring)
        assert row.state == PARTLY_READ
        assert "The debts are not read" in row.advice
    assert synced(workplace) == whole
    assert connection_rows(workplace.home, workplace.keyring)[0].state == "active"


def test_an_event_of_one_login_has_just_its_books_read(
    workplace: Workplace, start_server: Callable[..., Any], today: Any
) -> None:
    from pipelines.definitions import defs
    from pipelines.defs.automation import webhook_sensor
    from pipelines.nightly import prepare_instance

    server = start_server(today=today, requests_per_minute=1_000_000)
    mine, other = joined(workplace, server), joined(workplace, server, "tanvir")
    landing = EventLanding(workplace.home, workplace.keyring)
    landing.open()
    body = f'{{"event":"entry.created","user_id":"{mine.user_name}","entry":{{"id":"e_made_up"}}}}'.encode()
    event = read_event(HISHEBI, body, NOW)
    key = landing.key_of(HISHEBI.name, event.event_id)
    landing.land([(key, landing.seal(key, event, body, mine.party_id, NOW))])
    request = webhook_sensor()
    assert isinstance(request, dg.RunRequest)
    prepare_instance(workplace.home)
    keys = [spec.key for spec in defs.resolve_all_asset_specs() if spec.key.path[0] in {"hishebi", "raw"}]
    with dg.DagsterInstance.ephemeral() as instance:
        done = defs.resolve_job_def("webhook_sync").execute_in_process(
            instance=instance, run_config=request.run_config, asset_selection=keys, raise_on_error=True
        )
    assert done.success
    assert errands(workplace) == []
    assert column(workplace, "select distinct connection_id from raw.loads") == [mine.connection_id]
    assert other.connection_id != mine.connection_id
    assert column(workplace, "select record_id from raw.ledger_entries where record_id = 'e_made_up'") == []
    assert counted(workplace)["ledger_entries"] > 0
