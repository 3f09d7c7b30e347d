"""Case b: a full build of all models against the same marts by hand-written SQL, without tests and as a whole night."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from benchmarks.bench import MILLION, Bench, count_text, hisab, seconds_text
from benchmarks.builds import dbt_command, hand_command
from benchmarks.hand_sql import differing_marts
from benchmarks.measure import Command, MeasureError, median_wall, run_rounds, wall_ratio
from benchmarks.results import Row

GOAL_BUILD = {10 * MILLION: 1.5}
GOAL_SYNC = {10 * MILLION: 2.0}


def measure(bench: Bench) -> list[Row]:
    """Two rows a size."""
    rows = []
    for count in bench.sizes.builds:
        root = bench.raw_home(count, "build")
        commands = [dbt_command(root, full=True), hand_command(root), full_sync(root)]
        samples = run_rounds(commands, bench.rounds)
        if differing := differing_marts(root):
            raise MeasureError(f"dbt and the hand-written SQL disagree on {', '.join(differing)}")
        dbt, hand, sync = (samples[command.name] for command in commands)
        bench.taken["sync", count] = sync
        size = count_text(count)
        rows += [
            Row(
                "b",
                f"full dbt build of {size} entries, without tests / the same by hand in SQL",
                GOAL_BUILD.get(count),
                wall_ratio(dbt, hand),
                times=seconds_text(dbt=median_wall(dbt), by_hand=median_wall(hand)),
            ),
            Row(
                "b",
                f"first `hisab sync` of {size} entries, all tests, Dagster, publish, page / the same by hand",
                GOAL_SYNC.get(count),
                wall_ratio(sync, hand),
                times=seconds_text(sync=median_wall(sync), by_hand=median_wall(hand)),
            ),
        ]
        shutil.rmtree(root)
    return rows


def full_sync(root: Path, memory: str = "") -> Command:
    """A first `hisab sync`: nothing is published, so every model is built anew."""
    more = {"HISAB_MEMORY_LIMIT": memory} if memory else None

    def prepare() -> None:
        shutil.rmtree(root / "publish")
        (root / "publish").mkdir(mode=0o700)

    return replace(hisab(root, "hisab sync", "sync", more=more), prepare=prepare)
