"""Growth: how the time of the two long commands rises from the first size to the last, as an exponent of N.

Drawn from the samples of cases a and b, less what the same command takes on next to nothing, measured here: with the
start-up left in, the exponent would look better than it is.
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Sequence

from benchmarks.bench import Bench, count_text, seconds_text
from benchmarks.cases.building import full_sync
from benchmarks.cases.importing import import_command
from benchmarks.measure import Command, Ratio, Sample, median_wall, run_once, wall_ratio
from benchmarks.results import Row, not_measured

GOAL = 1.1
NEXT_TO_NOTHING = 1000
"""Entries of the file and the home whose time counts as start-up."""


def measure(bench: Bench) -> list[Row]:
    """One row for the import, one for the first sync."""
    csv = bench.wallet_csv(NEXT_TO_NOTHING)
    importing = import_command(bench, bench.data / "growth-import", csv)
    root = bench.raw_home(NEXT_TO_NOTHING, "growth")
    rows = [
        _row(bench, "import", importing, bench.sizes.imports),
        _row(bench, "sync", full_sync(root), bench.sizes.builds),
    ]
    shutil.rmtree(root)
    return rows


def _row(bench: Bench, key: str, command: Command, sizes: tuple[int, ...]) -> Row:
    small, large = sizes[0], sizes[-1]
    what = f"growth of {command.name} from {count_text(small)} to {count_text(large)}, as an exponent of N"
    if small == large:
        return not_measured("growth", what, "needs two sizes")
    if (key, small) not in bench.taken or (key, large) not in bench.taken:
        return not_measured("growth", what, "needs the cases a and b in the same run", GOAL)
    start_up = [run_once(command) for _ in range(bench.rounds)]
    low, high = bench.taken[key, small], bench.taken[key, large]
    if min(sample.wall_seconds for sample in low) <= max(sample.wall_seconds for sample in start_up):
        return not_measured("growth", what, "at the small size the time is all start-up", GOAL)
    times = seconds_text(start_up=median_wall(start_up), small=median_wall(low), large=median_wall(high))
    return Row("growth", what, GOAL, _exponent(low, high, start_up, large / small), "", times)


def _exponent(low: Sequence[Sample], high: Sequence[Sample], start_up: Sequence[Sample], more: float) -> Ratio:
    grown = wall_ratio(high, low, less=start_up)
    median, lowest, highest = (math.log(one) / math.log(more) for one in (grown.median, grown.lowest, grown.highest))
    return Ratio(median, lowest, highest, grown.rounds)
