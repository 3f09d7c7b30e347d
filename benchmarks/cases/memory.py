"""Case d: peak memory of whole process trees while the engine may take 1 GB."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace

from benchmarks.bench import MILLION, Bench, copy_home, count_text, hisab
from benchmarks.builds import dbt_command
from benchmarks.cases.building import full_sync
from benchmarks.cases.importing import import_command
from benchmarks.entries import Scale
from benchmarks.measure import Command, Ratio, Sample, run_once
from benchmarks.raw_tables import add_night
from benchmarks.results import GIGABYTE, Row

LIMIT = "1GB"
GOAL_FULL, GOAL_NIGHT = 1.5, 0.6
_MOST_ROUNDS = 2
"""Memory varies little between rounds, and these commands are the longest."""


def measure(bench: Bench) -> list[Row]:
    """Import, first sync, and the night both as dbt alone and as `hisab sync`."""
    imports, builds = bench.sizes.imports[-1], bench.sizes.builds[-1]
    rounds = min(bench.rounds, _MOST_ROUNDS)
    goals = builds == 10 * MILLION
    csv = bench.wallet_csv(imports)
    importing = import_command(bench, bench.data / "memory-import", csv, LIMIT)
    rows = [_row(f"import of {count_text(imports)} rows", GOAL_FULL if goals else None, _runs(importing, rounds))]
    shutil.rmtree(bench.data / "memory-import")

    root = bench.raw_home(builds, "memory")
    size = count_text(builds)
    full = _runs(full_sync(root, LIMIT), rounds)
    rows.append(_row(f"first `hisab sync` of {size} entries", GOAL_FULL if goals else None, full))
    add_night(root, Scale(builds))
    changed = copy_home(root, bench.data / "memory-changed")

    def restore() -> None:
        copy_home(changed, root)

    sync = replace(hisab(root, "night", "sync", more={"HISAB_MEMORY_LIMIT": LIMIT}), prepare=restore)
    dbt = replace(dbt_command(root, full=False, memory=LIMIT), prepare=restore)
    what = f"with 1 % of {size} entries changed"
    rows.append(_row(f"`hisab sync` of a night {what}", GOAL_NIGHT if goals else None, _runs(sync, rounds)))
    rows.append(_row(f"dbt build alone of a night {what}", None, _runs(dbt, rounds)))
    shutil.rmtree(root)
    shutil.rmtree(changed)
    return rows


def _runs(command: Command, rounds: int) -> list[Sample]:
    return [run_once(command) for _ in range(rounds)]


def _row(what: str, goal: float | None, samples: Sequence[Sample]) -> Row:
    peaks = sorted(sample.tree_bytes / GIGABYTE for sample in samples)
    median = (peaks[(len(peaks) - 1) // 2] + peaks[len(peaks) // 2]) / 2
    largest = max(sample.largest_bytes for sample in samples) / GIGABYTE
    found = Ratio(median, peaks[0], peaks[-1], len(peaks))
    times = f"largest single process {largest:.2f} GB"
    return Row("d", f"peak memory, engine limit {LIMIT}: {what}", goal, found, "GB", times)
