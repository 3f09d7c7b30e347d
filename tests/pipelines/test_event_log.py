"""Dagster's events as a home keeps them: all there, and in files that Dagster's own class reads."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.event_log import SqliteEventLogStorage

from pipelines.event_log import HeldEventLog
from pipelines.nightly import prepare_instance
from warehouse.home import Home

CHECKS = 5


@dg.asset(check_specs=[dg.AssetCheckSpec(f"check_{number}", asset="numbers") for number in range(CHECKS)])
def numbers():  # type: ignore[no-untyped-def] # noqa: ANN201 - Dagster reads the types itself
    """An asset with checks."""
    yield dg.MaterializeResult(metadata={"count": 3})
    for number in range(CHECKS):
        yield dg.AssetCheckResult(check_name=f"check_{number}", passed=number != 2)


DEFINITIONS = dg.Definitions(assets=[numbers], jobs=[dg.define_asset_job("job")])


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    home = Home(tmp_path / "home")
    home.dagster.mkdir(parents=True)
    prepare_instance(home)
    monkeypatch.setenv("DAGSTER_HOME", str(home.dagster))
    return home


def _run() -> str:
    with dg.DagsterInstance.get() as instance:
        assert isinstance(instance.event_log_storage, HeldEventLog)
        result = DEFINITIONS.resolve_job_def("job").execute_in_process(instance=instance)
        assert result.success
        return result.run_id


def _told(storage: SqliteEventLogStorage, run_id: str) -> list[str]:
    return [entry.to_json() for entry in storage.get_logs_for_run(run_id)]


def test_dagsters_own_class_reads_every_event(home: Home) -> None:
    runs = [_run(), _run()]
    with dg.DagsterInstance.get() as instance:
        ours = [_told(instance.event_log_storage, run) for run in (*runs, runs[0])]  # type: ignore[arg-type]
    plain = SqliteEventLogStorage(str(home.dagster / "history" / "runs"))
    assert ours == [_told(plain, run) for run in (*runs, runs[0])]
    evaluations = [entry for entry in ours[0] if 'ASSET_CHECK_EVALUATION"' in entry]
    assert len(evaluations) == CHECKS


def test_a_moved_home_keeps_its_history(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = _run()
    moved = home.root.rename(tmp_path / "elsewhere")
    monkeypatch.setenv("DAGSTER_HOME", str(Home(moved).dagster))
    with dg.DagsterInstance.get() as instance:
        assert instance.get_latest_materialization_event(dg.AssetKey("numbers")).run_id == run  # type: ignore[union-attr]
        assert instance.get_run_by_id(run).is_success  # type: ignore[union-attr]


def test_only_the_latest_run_stays_open(home: Home) -> None:
    runs = [_run() for _ in range(3)]
    with dg.DagsterInstance.get() as instance:
        log = instance.event_log_storage
        assert isinstance(log, HeldEventLog)
        for run in runs:
            assert log.get_logs_for_run(run)
        assert len(log._engines) <= 2  # the index and one run
