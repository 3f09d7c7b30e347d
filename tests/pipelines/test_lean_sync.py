"""Pulls of a pretend Lean on the whole road: at the limit and not above, resumed after a kill, states that show."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from pretend_lean import Region, pretend_lean

from pipelines import lean_connecting
from pipelines.connecting import connection_rows
from pipelines.ingest.decoding import Decoder
from pipelines.ingest.merging import merge_pending
from pipelines.ingest.pulling import connections_of, pull_connections
from pipelines.progress import telling
from pipelines.sandbox.lean.settings import CLIENT_ID, CLIENT_SECRET
from pipelines.workplace import Workplace, open_workplace
from warehouse.connections import Connection

NOW = dt.datetime.now(dt.UTC)


def connect_everybody(workplace: Workplace, lean: Region) -> list[Connection]:
    """Every bank login that is there from the start; each customer there is a party of its own here."""
    application = lean_connecting.keep_application(
        workplace.home, workplace.keyring, base_url=lean.base, client_id=CLIENT_ID, client_secret=CLIENT_SECRET
    )
    made: list[Connection] = []
    for known in lean.seen("/pretend/customers"):
        customer = lean_connecting.Customer(known["customer_id"], known["app_user_id"], f"Party {known['app_user_id']}")
        entities = lean_connecting.entities_of(application, customer)
        made += [lean_connecting.connect_entity(application, customer, entity) for entity in entities]
    return made


def steps(lean: Region) -> dict[str, int]:
    return dict(lean.seen("/pretend/stats")["statuses"])


def test_many_logins_at_once_stay_under_the_limit(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HISAB_LEAN_REQUESTS_A_MINUTE", "3600")
    monkeypatch.setenv("HISAB_PULL_THREADS", "8")
    workplace = open_workplace(workplace.home)
    with pretend_lean(
        today=NOW.date(),
        customer_count=5,
        banks_each=2,
        requests_per_second=66.0,
        most_in_flight=8,
        answer_seconds=0.02,
    ) as regions:
        lean = regions["uae"]
        connections = connect_everybody(workplace, lean)
        outcomes = pull_connections(workplace, connections)
        stats = lean.seen("/pretend/stats")
    assert [outcome.problem for outcome in outcomes] == [""] * 10
    assert set(stats["statuses"]) == {"200"}
    assert stats["rate_limited"] == 0
    assert 2 <= stats["most_in_flight"] <= 8
    assert stats["tokens"] == 2  # the test's own and the one all connections share


def test_a_pull_cut_short_is_resumed_merged_and_read_again_without_a_change(workplace: Workplace) -> None:
    with pretend_lean(today=NOW.date(), customer_count=1, banks_each=1) as regions:
        lean = regions["ksa"]
        (connection,) = connect_everybody(workplace, lean)
        lean.steer("/pretend/faults", fault="html", on="transactions", count=1)
        (cut,) = pull_connections(workplace, [connection])
        assert "web page" in cut.problem
        (load,) = (workplace.landing.folder(connection) / "open").iterdir()
        landed = len(list(load.iterdir()))
        assert landed > 1
        before = sum(steps(lean).values())
        (whole,) = pull_connections(workplace, [connection])
        assert (whole.problem, whole.is_new) == ("", True)
        assert sum(steps(lean).values()) - before == whole.pages - landed
        with Decoder() as decoder:
            (first,) = merge_pending(workplace, decoder)
            pull_connections(workplace, [connection])
            (again,) = merge_pending(workplace, decoder)
            assert (first.problem, again.problem) == ("", "")
            assert first.counts["bank_transactions"].merged == first.counts["bank_transactions"].read > 400
            assert again.counts["bank_transactions"].merged == 0
            assert again.counts["accounts"].unchanged == first.counts["accounts"].merged == 4
            for _ in range(3):
                lean.steer("/pretend/next-day")
                pull_connections(workplace, [connection])
                (later,) = merge_pending(workplace, decoder)
                assert (later.problem, later.held_back) == ("", 0)
        entity = connection.user_name
        accounts = [
            row["account_id"] for row in lean.get("/data/v2/accounts", entity_id=entity).json()["data"]["accounts"]
        ]
        told = {
            row["transaction_id"]: Decimal(str(row["amount"]["amount"]))
            * (1 if row["credit_debit_indicator"] == "CREDIT" else -1)
            for account in accounts
            for row in lean.transactions(entity, account)
        }
    with workplace.warehouse("looking") as con:
        ours = con.execute(
            "select record_id, transaction_amount from raw.bank_transactions where not deleted"
        ).fetchall()
    assert dict(ours) == told


def test_states_of_a_connection_show_with_what_to_do_and_pass(workplace: Workplace) -> None:
    heard: list[str] = []
    with (
        pretend_lean(today=NOW.date(), customer_count=1, banks_each=2) as regions,
        telling(lambda line, _: heard.append(line)),
    ):
        lean = regions["uae"]
        one, other = connect_everybody(workplace, lean)
        lean.steer(f"/pretend/entities/{one.user_name}/require-reconnect")
        lean.steer(f"/pretend/entities/{other.user_name}/expire-consent", told_as="status")
        outcomes = {outcome.connection_id: outcome for outcome in pull_connections(workplace, [one, other])}
        assert outcomes[one.connection_id].standing == "needs reconnect"
        assert outcomes[other.connection_id].standing == "consent ended at the source"
        rows = {row.connection_id: row for row in connection_rows(workplace.home, workplace.keyring)}
        assert rows[one.connection_id].state == "needs reconnect"
        assert "connect the bank again" in rows[other.connection_id].advice
        assert rows[one.connection_id].since is not None
        reconnect = lean.get("/data/v2/accounts", entity_id=one.user_name).json()["results_id"]
        lean.steer("/pretend/reconnect", reconnect_id=reconnect)
        assert pull_connections(workplace, [one])[0].problem == ""
        rows = {row.connection_id: row for row in connection_rows(workplace.home, workplace.keyring)}
        assert (rows[one.connection_id].state, rows[one.connection_id].advice) == ("active", "")
    assert not [line for line in heard if CLIENT_SECRET in line]


def test_one_damaged_file_does_not_stop_the_night_of_the_others(workplace: Workplace) -> None:
    heard: list[str] = []
    with (
        pretend_lean(today=NOW.date(), customer_count=1, banks_each=2) as regions,
        telling(lambda line, _: heard.append(line)),
    ):
        one, other = connect_everybody(workplace, regions["uae"])
        _spoil(workplace.home.connections / f"{one.connection_id}.connection")
        assert connections_of(workplace, "lean") == [other]
        assert [outcome.problem for outcome in pull_connections(workplace, [other])] == [""]
        rows = connection_rows(workplace.home, workplace.keyring)
        assert [(row.connection_id, row.state) for row in rows] == [
            (other.connection_id, "active"),
            (one.connection_id, "damaged"),
        ]
        _spoil(workplace.home.connections / f"{other.login_id}.tokens")
        assert pull_connections(workplace, [other]) == []
    assert sum("damaged" in line for line in heard) == 2


def _spoil(path: Path) -> None:
    path.write_bytes(b"x" * 64)
