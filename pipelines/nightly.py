"""Running the nightly job inside this process, for `hisab sync` and everything that ends with fresh marts."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipelines.progress import tell
from pipelines.workplace import Workplace
from warehouse.connection_files import ConnectionProblem
from warehouse.connections import all_connections
from warehouse.home import Home, write_whole
from warehouse.lock import night_lock

INSTANCE = """\
# Dagster's own settings for this home: nothing is sent anywhere, one writer at a time, and what a step prints is
# not kept (it costs two processes a step, and a home keeps nothing in clear).
event_log_storage:
  module: pipelines.event_log
  class: HeldEventLog
telemetry:
  enabled: false
concurrency:
  pools:
    default_limit: 1
compute_logs:
  module: dagster._core.storage.noop_compute_log_manager
  class: NoOpComputeLogManager
run_retries:
  enabled: true
  max_retries: 1
"""


@dataclass(frozen=True, slots=True)
class NightResult:
    """What a night did.

    Attributes:
        ok: Whether every step that had to run did.
        counts: Per source and record kind, the numbers of its materialisation.
        published: Whether a new snapshot was made.
        pages: Pages that were rendered.
        problems: One line per step that failed and did not say why itself.
    """

    ok: bool
    counts: Mapping[tuple[str, str], Mapping[str, int]] = field(default_factory=dict)
    published: bool = False
    pages: tuple[Path, ...] = ()
    problems: tuple[str, ...] = ()


def prepare_instance(home: Home) -> None:
    """Write Dagster's settings into the home, unless they are there."""
    path = home.dagster / "dagster.yaml"
    if not path.exists():
        write_whole(path, INSTANCE.encode())


def run_night(workplace: Workplace, *, full: bool = False, accept_deletions: bool = False) -> NightResult:
    """Run the job `nightly` in this process and say what it did.

    `full` reads API sources from their beginning; `accept_deletions` lets a mass deletion through. Raises Locked while
    another process runs the night of this home.
    """
    prepare_instance(workplace.home)
    os.environ["DAGSTER_HOME"] = str(workplace.home.dagster)
    os.environ["HISAB_HOME"] = str(workplace.home.root)
    tell("starting")
    import dagster as dg

    from pipelines.defs.resources import WAREHOUSE_WRITER
    from pipelines.killed_nights import end_killed_nights

    with night_lock(workplace.home), dg.DagsterInstance.get() as instance:
        end_killed_nights(instance, WAREHOUSE_WRITER)

        def run(defs: dg.Definitions, selection: list[dg.AssetKey]) -> Any:
            return defs.resolve_job_def("nightly").execute_in_process(
                instance=instance,
                asset_selection=selection,
                run_config={
                    "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
                    "resources": {"home": {"config": {"full": full, "accept_deletions": accept_deletions}}},
                },
                raise_on_error=False,
            )

        results = [run(*_upstream(_sources_in_use(workplace)))]
        if results[0].success and _changed(results[0]):
            results.append(run(*_downstream()))
    return _summed(workplace, results)


def _sources_in_use(workplace: Workplace) -> set[str] | None:
    """Sources that some connection of the home reads; None when the connections cannot be told."""
    try:
        return {connection.source for connection in all_connections(workplace.home, workplace.keyring)}
    except ConnectionProblem:  # the source's own step says which file is damaged
        return None


_READING = {"sources", "raw"}
"""Groups of the assets up to the raw tables."""


def _upstream(in_use: set[str] | None) -> tuple[Any, list[Any]]:
    """The job's assets up to the raw tables, without the sources that nobody reads.

    They are defined apart from the rest, because that takes dbt, which an unchanged night need not even import. And
    Dagster writes an event for each asset and check a run may touch: a night that ends at the raw tables is spared
    those of the hundreds behind them, and every night those of formats this home has no file of.
    """
    import dagster as dg

    from pipelines.defs import raw, sources
    from pipelines.defs.automation import nightly
    from pipelines.defs.resources import HomeResource

    assets = dg.load_assets_from_modules([sources, raw])
    defs = dg.Definitions(assets=assets, jobs=[nightly], resources={"home": HomeResource()})
    specs = defs.resolve_all_asset_specs()
    read = [each.key for each in specs if each.group_name != "sources" or in_use is None or each.key.path[0] in in_use]
    return defs, read


def _downstream() -> tuple[Any, list[Any]]:
    """The rest of the job's assets: the models, the snapshot, the pages."""
    from pipelines.definitions import defs

    return defs, [spec.key for spec in defs.resolve_all_asset_specs() if spec.group_name not in _READING]


def _changed(result: Any) -> bool:
    events = result.get_asset_materialization_events()
    return any(event.step_materialization_data.materialization.asset_key.path[0] == "raw" for event in events)


def _summed(workplace: Workplace, results: list[Any]) -> NightResult:
    counts: dict[tuple[str, str], Mapping[str, int]] = {}
    published, pages = False, []
    for event in [each for result in results for each in result.get_asset_materialization_events()]:
        materialization = event.step_materialization_data.materialization
        group, name = materialization.asset_key.path[0], materialization.asset_key.path[-1]
        numbers = {key: value.value for key, value in materialization.metadata.items() if isinstance(value.value, int)}
        if "read" in numbers:
            counts[group, name] = numbers
        published = published or group == "publish"
        if group == "dashboards":
            pages.append(workplace.home.pages / f"{name}.html")
    failed = [event for result in results for event in result.all_events if event.is_step_failure]
    ok = all(result.success for result in results)
    return NightResult(ok, counts, published, tuple(pages), tuple(_problem(event) for event in failed))


def _problem(event: Any) -> str:
    """Why a step failed, in one line; the words of errors that are not ours may hold what stood in a row."""
    error = event.step_failure_data.error
    while error is not None and error.cause is not None:
        error = error.cause
    name = error.cls_name if error else "unknown"
    if name in _OURS and error is not None:
        return f"{event.step_key}: {error.message.partition(': ')[2].strip()}"
    return f"{event.step_key} failed ({name}); what was published before is still served."


_OURS = {
    "BuildError",
    "ConnectionProblem",
    "ConservationError",
    "DashboardError",
    "DiskFull",
    "EncryptionOff",
    "HomeError",
    "KeyProblem",
    "Locked",
    "PublishError",
    "SourceError",
}
