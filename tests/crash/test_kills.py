"""The real process, killed at every named point of the road, ends in the state of a twin that nobody killed."""

from __future__ import annotations

import base64
import datetime as dt
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from written_files import ROOT, WALLET_HEAD, wallet_row

from pipelines.commands.setting_up import make_home
from pipelines.connecting import connect_hishebi
from pipelines.sandbox.hishebi.people import PASSWORD, people
from pipelines.sandbox.hishebi.town import SandboxSettings
from pipelines.sandbox.running import running_sandbox
from pipelines.webhooks.events import EventLanding
from pipelines.workplace import open_workplace
from warehouse import snapshots
from warehouse.faults import POINTS
from warehouse.home import Home
from warehouse.keys import open_keyring
from warehouse.mart_contents import mart_hashes
from warehouse.marts import open_marts

DRIVER = Path(__file__).with_name("driver.py")
SAMPLES = sorted(each for each in (ROOT / "pipelines" / "sandbox" / "samples").iterdir() if each.is_file())
KEY = base64.b64encode(bytes(range(32))).decode()
SEEDS = (1, 2, 3)

BUILD_TIME = {"loaded_at", "as_of_at", "last_success_at", "lag_days", "load_count", "first_loaded_at", "merged_at"}
"""Columns that tell when or how often something was read, which a killed run rightly repeats."""

STEP_OF = {
    "land": "take",
    "webhook": "receive",
    "connection": "take",
    "merge": "take",
    "dbt": "build",
    "publish": "publish",
}


@dataclass(frozen=True)
class Town:
    """A running sandbox whose tokens live long enough for one pull only."""

    url: str
    settings: SandboxSettings


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    settings = SandboxSettings(
        today=dt.datetime.now(dt.UTC).date(), people_count=1, token_seconds=2.0, requests_per_minute=1_000_000
    )
    with running_sandbox(settings) as url:
        yield Town(url, settings)


def make(home: Home, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HISAB_KEY", KEY)
    make_home(home, "UTC")
    connect_hishebi(
        home,
        open_keyring(home),
        party_label="Ayesha",
        email=people(town.settings.seed, 1)[0].email,
        password=PASSWORD,
        base_url=town.url,
    )


def run(home: Home, steps: str, files: list[Path], fault: str = "") -> int:
    environment = {**os.environ, "HISAB_HOME": str(home.root), "HISAB_KEY": KEY, "PYTHONPATH": str(ROOT)}
    if fault:
        environment["HISAB_FAULT"] = fault
    done = subprocess.run(
        [sys.executable, str(DRIVER), steps, *map(str, files)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if done.returncode not in {0, -signal.SIGKILL}:
        pytest.fail(f"{steps} with {fault or 'no fault'} ended with {done.returncode}: {done.stderr[-2000:]}")
    return done.returncode


def state(home: Home) -> dict[str, str]:
    with open_marts(home, open_keyring(home)) as marts:
        return mart_hashes(marts.connection, ("core", "household"), without=BUILD_TIME)


def assert_served_is_whole(home: Home) -> None:
    """Whatever is served is one whole version: its report adds up to its facts."""
    if snapshots.current(home) is None:
        return
    with open_marts(home, open_keyring(home)) as marts:
        facts = marts.execute(
            "select count(*), coalesce(sum(transaction_amount), 0) from core.fct_transactions where not is_transfer "
            "and transaction_kind <> 'opening_balance'"
        ).fetchone()
        report = marts.execute(
            "select coalesce(sum(transaction_count), 0), coalesce(sum(net_amount), 0) "
            "from household.rpt_monthly_cashflow"
        ).fetchone()
    assert facts == report


@pytest.fixture(scope="module")
def twin(town: Town, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    home = Home(tmp_path_factory.mktemp("twin") / "home")
    with pytest.MonkeyPatch.context() as monkeypatch:
        make(home, town, monkeypatch)
        extra = [extra_file(home.root.parent, number) for number in range(len(plan(SEEDS[0])))]
        assert run(home, "receive,take,build,publish", [*SAMPLES, *extra]) == 0
        return state(home)


def plan(seed: int) -> list[str]:
    """Every point of the road in its order, the receiver's twice, and the how-many-th time to die at it."""
    chance = random.Random(seed)  # noqa: S311 - a seed makes a failure one number
    often = {"land.before_rename": 8, "land.after_rename": 8, "dbt.mid_build": 40}
    points = [name for name in POINTS for _ in range(2 if name.startswith("webhook") else 1)]
    return [f"{name}:{chance.randint(1, often.get(name, 1))}" for name in points]


def extra_file(folder: Path, number: int) -> Path:
    """One more purchase for each kill, so that every run has something to land and to merge."""
    path = folder / f"extra-{number}.csv"
    path.write_text(WALLET_HEAD + wallet_row(f"{number}.25", note=f"extra {number}"), encoding="utf-8")
    return path


@pytest.mark.crash
@pytest.mark.parametrize("seed", SEEDS)
def test_a_road_killed_again_and_again_ends_where_its_twin_ends(
    seed: int, town: Town, twin: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(tmp_path / "home")
    make(home, town, monkeypatch)
    files = list(SAMPLES)
    for number, fault in enumerate(plan(seed)):
        files.append(extra_file(tmp_path, number))
        assert run(home, STEP_OF[fault.split(".")[0]], files, fault) == -signal.SIGKILL, f"{fault} was never reached"
        assert_served_is_whole(home)
    assert run(home, "receive,take,build,publish", files) == 0
    assert state(home) == twin
    workplace = open_workplace(home)
    assert workplace.landing.pending() == []
    assert len(EventLanding(home, workplace.keyring).waiting()) == len(files)
    with workplace.warehouse("test") as con:
        doubled = con.execute(
            "select count(*) from (select _key from raw.ledger_entries group by _key having count(*) > 1)"
        )
        assert doubled.fetchone() == (0,)


def test_the_suite_kills_at_every_point_at_least_sixty_times() -> None:
    kills = [fault.split(":")[0] for seed in SEEDS for fault in plan(seed)]
    assert len(kills) >= 60
    assert set(kills) == set(POINTS)
