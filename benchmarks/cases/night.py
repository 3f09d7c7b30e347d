"""Case c: a night with 1 % changed rows against the full build, and the proof that both end with the same marts."""

from __future__ import annotations

import shutil
from pathlib import Path

from benchmarks.bench import MILLION, Bench, count_text, seconds_text
from benchmarks.builds import dbt_command
from benchmarks.entries import Scale
from benchmarks.hand_sql import mart_contents
from benchmarks.measure import MeasureError, Sample, median_wall, run_once, wall_ratio
from benchmarks.raw_tables import add_night
from benchmarks.results import Row, not_measured

GOAL = {10 * MILLION: 0.25}
LEAST_SECONDS = 2.0
"""Below this difference between a full and an idle build the ratio would be noise."""


def measure(bench: Bench) -> list[Row]:
    """One row: both sides less the cost of a build that finds nothing to do, measured in the same round."""
    count = bench.sizes.builds[-1]
    root = built_home(bench, count)
    file = root / "warehouse" / "hisab.duckdb"
    before_night = file.with_suffix(".before")
    file.replace(before_night)
    night: list[Sample] = []
    nothing: list[Sample] = []
    full: list[Sample] = []
    for round_no in range(bench.rounds):
        shutil.copyfile(before_night, file)
        night.append(run_once(dbt_command(root, full=False, name="night")))
        by_night = mart_contents(root) if round_no == 0 else {}
        nothing.append(run_once(dbt_command(root, full=False, name="nothing to do")))
        full.append(run_once(dbt_command(root, full=True, name="full build")))
        if round_no == 0 and by_night != (anew := mart_contents(root)):
            wrong = sorted(name for name in anew if by_night.get(name) != anew[name])
            raise MeasureError(f"after the night these marts are not what a full build gives: {', '.join(wrong)}")
    shutil.rmtree(root)
    what = f"dbt build of a night with 1 % of {count_text(count)} entries changed / full build, both less an idle build"
    if median_wall(full) - median_wall(nothing) < LEAST_SECONDS:
        return [not_measured("c", what, "the full build takes hardly longer than an idle one", GOAL.get(count))]
    times = seconds_text(night=median_wall(night), idle=median_wall(nothing), full=median_wall(full))
    return [Row("c", what, GOAL.get(count), wall_ratio(night, full, less=nothing), times=times)]


def built_home(bench: Bench, count: int) -> Path:
    """A home whose marts were built before the night's rows came."""
    root = bench.raw_home(count, "night")
    run_once(dbt_command(root, full=True))
    add_night(root, Scale(count))
    return root
