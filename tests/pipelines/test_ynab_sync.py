"""YNAB on the whole road: connected with a token, pulled over HTTP, merged, pulled again; and troubles on the way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from pretend_ynab import TODAY, PlanServer, plan_server
from written_files import Hisab

from pipelines.connecting import connection_rows
from pipelines.ingest.decoding import Decoder
from pipelines.ingest.merging import merge_pending
from pipelines.ingest.pulling import pull_connections
from pipelines.ingest.rebuild import rebuild
from pipelines.progress import telling
from pipelines.sandbox.ynab.settings import TOKEN
from pipelines.sources.pacing import Pace
from pipelines.sources.source import LoginNeeded, SourceError
from pipelines.sources.ynab import client
from pipelines.sources.ynab.pull import YnabSource
from pipelines.stored_grant import StoredGrant
from pipelines.workplace import Workplace
from pipelines.ynab_connecting import connect_ynab
from warehouse.connections import Connection

BEGUN = dt.date(2026, 8, 1)
LIVE = "select {} from raw.{} where not deleted"


@pytest.fixture
def server() -> Iterator[PlanServer]:
    with plan_server(begun_on=BEGUN) as served:
        yield served


def join(workplace: Workplace, server: PlanServer, **more: str) -> Connection:
    words = {"party_label": "Tarek", "token": TOKEN, "base_url": server.api, **more}
    return connect_ynab(workplace.home, workplace.keyring, days=30, **words)


def number(workplace: Workplace, what: str, table: str) -> object:
    with workplace.warehouse("looking") as con:
        row = con.execute(LIVE.format(what, table)).fetchone()
    assert row is not None
    return row[0]


def test_pulls_are_merged_changes_follow_and_a_rebuild_gives_the_same(workplace: Workplace, server: PlanServer) -> None:
    connection = join(workplace, server)
    with Decoder() as decoder:
        (first,) = pull_connections(workplace, [connection])
        assert (first.problem, first.is_new) == ("", True)
        (load,) = merge_pending(workplace, decoder)
        assert load.problem == ""
        entries = load.counts["ledger_entries"]
        assert entries.read == entries.merged > 150
        assert {kind for kind, count in load.counts.items() if count.merged} == {
            *YnabSource.kinds,
            "consents",
            "parties",
        }
        pull_connections(workplace, [connection])
        (again,) = merge_pending(workplace, decoder)
        assert again.counts["accounts"].merged == 0
        assert not pull_connections(workplace, [connection])[0].is_new
        for _ in range(15):
            server.steer("next-day")
        server.steer("rename", what="account", name="Cash", to="নগদ")
        (later,) = pull_connections(workplace, [connection])
        (changes,) = merge_pending(workplace, decoder)
        assert (later.problem, changes.problem, changes.held_back) == ("", "", 0)
        assert changes.counts["ledger_entries"].deleted > 0
        assert changes.counts["ledger_entries"].merged < 200
        told = {
            "balance": number(workplace, "sum(entry_amount)", "ledger_entries"),
            "transfers": number(workplace, "count(*) filter (transfer_account = 'নগদ')", "ledger_entries"),
            "lines": number(workplace, "sum(budgeted_amount) + sum(available_amount)", "budgets"),
        }
        assert rebuild(workplace, decoder).loads == 3
    assert told == {
        "balance": number(workplace, "sum(entry_amount)", "ledger_entries"),
        "transfers": number(workplace, "count(*) filter (transfer_account = 'নগদ')", "ledger_entries"),
        "lines": number(workplace, "sum(budgeted_amount) + sum(available_amount)", "budgets"),
    }
    with workplace.warehouse("looking") as con:
        gaps = con.execute(
            """
            select b.account_id, b.balance_amount, sum(e.entry_amount)
            from (
                select * from raw.balances where not deleted
                qualify row_number() over (partition by account_id order by version desc) = 1
            ) as b
            inner join raw.ledger_entries as e on b.account_id = e.account_id and not e.deleted
            group by all having b.balance_amount <> sum(e.entry_amount)
            """
        ).fetchall()
    assert gaps == []
    assert told["transfers"]


def test_a_pull_cut_short_goes_on_where_it_stopped(workplace: Workplace, server: PlanServer) -> None:
    connection = join(workplace, server)
    server.steer("faults", fault="html", on="month", count=1)
    (cut,) = pull_connections(workplace, [connection])
    assert "web page" in cut.problem
    asked = sum(server.stats()["requests"].values())
    (whole,) = pull_connections(workplace, [connection])
    assert whole.problem == ""
    (load,) = workplace.landing.pending(None)
    assert load.connection_id == connection.connection_id
    assert sum(server.stats()["requests"].values()) - asked == 4 + 1 + 1  # the months not yet read, what is scheduled


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Waits that take no time and are counted."""
    naps: list[float] = []
    monkeypatch.setattr(client, "PACE", Pace(requests=10_000, sleep=naps.append))
    return naps


def pull(workplace: Workplace, connection: Connection, naps: list[float]) -> int:
    source = YnabSource(Pace(requests=10_000, sleep=naps.append))
    grant = StoredGrant(workplace.home, workplace.keyring, connection, today=TODAY)
    return len(list(source.pull(grant, None, {})))


@pytest.mark.parametrize("fault", ["500", "cut", "lost"])
def test_a_passing_trouble_is_tried_again(
    workplace: Workplace, server: PlanServer, quick: list[float], fault: str
) -> None:
    connection = join(workplace, server)
    server.steer("faults", fault=fault, on="transactions", count=2)
    assert pull(workplace, connection, quick) > 10
    assert len(quick) == 2


@pytest.mark.parametrize(
    ("fault", "line"),
    [
        ("429", "Sync again in an hour"),
        ("html", "web page"),
        ("skew", "clocks differ"),
        ("error200", "refused the request"),
    ],
)
def test_a_lasting_trouble_is_one_clear_line(
    workplace: Workplace, server: PlanServer, quick: list[float], fault: str, line: str
) -> None:
    connection = join(workplace, server)
    server.steer("faults", fault=fault, on="accounts", count=50)
    with pytest.raises(SourceError, match=line) as told:
        pull(workplace, connection, quick)
    assert TOKEN not in str(told.value)
    assert not quick


def test_a_revoked_token_is_remembered_and_shown_until_a_new_one_comes(
    workplace: Workplace, server: PlanServer, quick: list[float]
) -> None:
    connection = join(workplace, server)
    server.steer("revoke")
    with pytest.raises(LoginNeeded, match="hisab connect ynab"):
        pull(workplace, connection, quick)
    heard: list[str] = []
    with telling(lambda text, _: heard.append(text)):
        assert pull_connections(workplace, [connection]) == []
    assert [row.state for row in connection_rows(workplace.home, workplace.keyring)] == ["needs login"]
    assert any("hisab connect ynab" in text for text in heard)


def test_the_requests_of_an_hour_are_kept_within_the_limit(workplace: Workplace, server: PlanServer) -> None:
    connection = join(workplace, server)
    moment, waits = [0.0], list[float]()

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        moment[0] += seconds

    source = YnabSource(Pace(requests=5, span=3600.0, clock=lambda: moment[0], sleep=sleep))
    grant = StoredGrant(workplace.home, workplace.keyring, connection, today=TODAY)
    pages = list(source.pull(grant, None, {}))
    assert len(waits) == (len(pages) - 1) // 5
    assert set(waits) == {3600.0}


def test_the_same_person_connects_twice_as_one_and_the_token_stands_nowhere_in_clear(
    workplace: Workplace, server: PlanServer
) -> None:
    one = join(workplace, server)
    assert join(workplace, server, token=f" {TOKEN}\n").connection_id == one.connection_id
    assert one.label == "YNAB"
    assert TOKEN not in repr(one)
    for path in workplace.home.root.rglob("*"):
        assert path.is_dir() or TOKEN.encode() not in path.read_bytes()


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ({"token": "not-the-token-there"}, "does not know this token"),
        ({"token": "two words"}, "not an access token"),
        ({"party_label": " "}, "name of its party"),
        ({"base_url": "http://ynab.example/v1"}, "must begin with https"),
    ],
)
def test_what_cannot_be_connected_is_told_in_one_line(
    workplace: Workplace, server: PlanServer, words: dict[str, str], line: str
) -> None:
    with pytest.raises(Exception, match=line):
        join(workplace, server, **words)


def test_the_command_takes_the_token_from_its_variable_and_asks_nobody_without_a_keyboard(
    workplace: Workplace, server: PlanServer, hisab: Hisab, tmp_path: Path
) -> None:
    assert tmp_path in workplace.home.root.parents
    silent = hisab("connect", "ynab", "--party", "Tarek", "--url", server.api)
    assert (silent.returncode, "HISAB_YNAB_TOKEN" in silent.stderr) == (1, True)
    done = hisab("connect", "ynab", "--party", "Tarek", HISAB_YNAB_TOKEN=TOKEN, HISAB_YNAB_URL=server.api)
    assert done.returncode == 0, done.stderr
    assert "Connected YNAB of Tarek" in done.stdout
    assert TOKEN not in done.stdout + done.stderr


def test_plans_may_lie_under_their_former_name() -> None:
    assert client.split_address("https://api.ynab.com/v1") == ("https://api.ynab.com/v1", "plans")
    assert client.split_address("https://api.ynab.com/v1/budgets/") == ("https://api.ynab.com/v1", "budgets")
