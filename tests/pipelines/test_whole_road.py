"""The whole road in one home: two sources, a night, a second night, a rebuild, and nothing in clear on disk."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from dagster import DagsterInstance, RunsFilter
from dagster._core.storage.dagster_run import IN_PROGRESS_RUN_STATUSES
from written_files import ROOT, WALLET_HEAD, wallet_row

from pipelines.commands.setting_up import make_home
from pipelines.connecting import connect_hishebi
from pipelines.defs.resources import WAREHOUSE_WRITER
from pipelines.ingest import importing
from pipelines.ingest.decoding import Decoder
from pipelines.ingest.merging import merge_packs
from pipelines.ingest.rebuild import rebuild
from pipelines.nightly import NightResult, run_night
from pipelines.sandbox.hishebi.people import PASSWORD, people
from pipelines.sandbox.hishebi.town import SandboxSettings
from pipelines.sandbox.running import running_sandbox
from pipelines.workplace import Workplace, open_workplace
from warehouse import snapshots
from warehouse.home import Home
from warehouse.lock import Locked, night_lock
from warehouse.mart_contents import mart_hashes
from warehouse.marts import open_marts

CANARY_NAME, CANARY_NOTE = "Zephyrina Quillfeather", "গোপন-ক্যানারি-7391"


@dataclass
class Lived:
    """A home after its first night, and the service it is connected to."""

    workplace: Workplace
    url: str
    first: NightResult


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    folder = tmp_path_factory.mktemp("lived")
    home = Home(folder / "home")
    settings = SandboxSettings(today=dt.datetime.now(dt.UTC).date(), people_count=1)
    with running_sandbox(settings) as url, pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("HISAB_HOME", str(home.root))
        make_home(home, "UTC")
        workplace = open_workplace(home)
        connect_hishebi(
            home,
            workplace.keyring,
            party_label=CANARY_NAME,
            email=people(settings.seed, 1)[0].email,
            password=PASSWORD,
            base_url=url,
        )
        records = folder / f"{CANARY_NAME}.csv"
        records.write_text(
            WALLET_HEAD + wallet_row("10", note=CANARY_NOTE, payee=CANARY_NAME) + wallet_row("x", note=CANARY_NOTE)
        )
        _import(workplace, records)
        yield Lived(workplace, url, run_night(workplace))


def _import(workplace: Workplace, path: Path) -> None:
    with Decoder() as decoder:
        candidate = importing.prepare(
            workplace, decoder, path, party_label=CANARY_NAME, given={}, ask=lambda _p, _q: None, known=set()
        )
        merge_packs(workplace, decoder, [importing.land(workplace, candidate)])


def _hashes(workplace: Workplace) -> dict[str, str]:
    with open_marts(workplace.home, workplace.keyring) as marts:
        return mart_hashes(marts.connection)


def test_the_first_night_pulls_builds_publishes_and_renders(lived: Lived) -> None:
    assert lived.first.ok
    assert lived.first.published
    assert lived.first.counts["hishebi", "ledger_entries"]["merged"] > 300
    assert [page.name for page in lived.first.pages] == ["accounts.html", "cashflow.html", "household.html"]


def test_money_is_conserved_from_the_raw_tables_to_the_marts(lived: Lived) -> None:
    with lived.workplace.warehouse("test") as con:
        raw = con.execute(
            "select currency_code, sum(entry_amount), count(*) from raw.ledger_entries "
            "where not deleted group by 1 order by 1"
        ).fetchall()
        balanced = con.execute(
            "select bool_and(read_count = merged_count + unchanged_count + quarantined_count) from raw.load_counts"
        ).fetchone()
    with open_marts(lived.workplace.home, lived.workplace.keyring) as marts:
        facts = marts.execute(
            "select currency_code, sum(transaction_amount), count(*) from core.fct_transactions group by 1 order by 1"
        ).fetchall()
    assert raw == facts
    assert balanced == (True,)


def test_nothing_of_the_canary_stands_in_clear_in_any_file_but_the_page(lived: Lived) -> None:
    words = [text.encode() for text in (CANARY_NAME, CANARY_NOTE)] + [CANARY_NOTE.encode("unicode_escape")]
    words += [b"access_token", b"refresh_token", lived.workplace.keyring.engine_key("warehouse").encode()]
    seen = 0
    for path in lived.workplace.home.root.rglob("*"):
        home = lived.workplace.home
        if path.is_dir() or home.pages in path.parents or home.extensions in path.parents:
            continue  # the pages are the exception; the extensions come from a package
        content = path.read_bytes()
        seen += 1
        for word in words:
            assert word not in content, f"{path} shows {word!r}"
        assert CANARY_NAME not in path.name
    assert seen > 20


NIGHT = """
import sys
from pipelines.nightly import run_night
from pipelines.workplace import open_workplace

night = run_night(open_workplace())
print(night.ok, night.published, sorted({"dbt", "dagster_dbt", "great_expectations"} & set(sys.modules)))
"""


def in_a_process_of_its_own(lived: Lived, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", NIGHT],
        env={**os.environ, "HISAB_HOME": str(lived.workplace.home.root), **more},
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        timeout=240,
    )


def test_an_unchanged_night_does_not_even_import_dbt_and_keeps_the_snapshot(lived: Lived) -> None:
    before = snapshots.current(lived.workplace.home)
    night = in_a_process_of_its_own(lived)
    assert night.stdout.splitlines()[-1:] == ["True False []"], night.stderr
    assert snapshots.current(lived.workplace.home) == before


def test_a_night_killed_in_the_middle_holds_up_none_of_the_later_ones(
    lived: Lived, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(lived.workplace.home.dagster))
    httpx.post(f"{lived.url}/sandbox/change", timeout=10).raise_for_status()
    killed = in_a_process_of_its_own(lived, HISAB_FAULT="dbt.mid_build:3")
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    night = in_a_process_of_its_own(lived)
    assert night.stdout.splitlines()[-1].startswith("True True"), night.stderr
    with DagsterInstance.get() as instance:
        assert instance.get_runs(RunsFilter(statuses=IN_PROGRESS_RUN_STATUSES)) == []
        assert instance.event_log_storage.get_concurrency_info(WAREHOUSE_WRITER).claimed_slots == []


def test_a_second_night_at_the_same_time_is_told_who_runs_the_first(lived: Lived) -> None:
    with night_lock(lived.workplace.home), pytest.raises(Locked, match=f"run by process {os.getpid()}, night, since"):
        run_night(lived.workplace)


def test_a_rebuild_from_landing_gives_the_same_marts(lived: Lived) -> None:
    httpx.post(f"{lived.url}/sandbox/change", timeout=10).raise_for_status()
    night = run_night(lived.workplace)
    assert night.ok
    assert night.published
    assert 0 < night.counts["hishebi", "ledger_entries"]["merged"] < 20
    before = _hashes(lived.workplace)
    with Decoder() as decoder:
        rebuilt = rebuild(lived.workplace, decoder)
    assert rebuilt.loads == len(lived.workplace.landing.merged()) >= 3
    lived.workplace.home.publish.joinpath("CURRENT.json").unlink()
    assert run_night(lived.workplace).published
    assert _hashes(lived.workplace) == before


def test_the_environment_keeps_no_key_behind(lived: Lived) -> None:
    key = lived.workplace.keyring.engine_key("warehouse")
    assert key not in os.environ.values()
