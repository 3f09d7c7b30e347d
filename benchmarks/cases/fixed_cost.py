"""Case e: what a night costs before it does any work, against a bare cold `dbt build` of the same project."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from benchmarks.bench import Bench, copy_home, count_text, hisab, seconds_text
from benchmarks.builds import dbt_command
from benchmarks.entries import Scale
from benchmarks.measure import Command, median_wall, run_once, run_rounds, wall_ratio
from benchmarks.raw_tables import add_few
from benchmarks.results import Row

GOAL_UNCHANGED, GOAL_TEN = 1.0, 3.0


def measure(bench: Bench) -> list[Row]:
    """An unchanged night and a night with ten new rows, each a cold process; the home has no live connection."""
    count = bench.sizes.small
    root = bench.raw_home(count, "fixed")
    run_once(hisab(root, "first sync", "sync"))
    synced = copy_home(root, bench.data / "fixed-synced")
    add_few(root, Scale(count))
    with_ten = copy_home(root, bench.data / "fixed-ten")

    def starting(command: Command, name: str, state: Path) -> Command:
        return replace(command, name=name, prepare=lambda: _restore(state, root))

    commands = [
        starting(hisab(root, "sync", "sync"), "unchanged", synced),
        starting(hisab(root, "sync", "sync"), "ten new rows", with_ten),
        starting(dbt_command(root, full=False, tests=True), "bare dbt build", synced),
    ]
    samples = run_rounds(commands, bench.rounds)
    unchanged, ten, bare = (samples[command.name] for command in commands)
    for state in (root, synced, with_ten):
        shutil.rmtree(state)
    size = count_text(count)
    times = {"bare_dbt_build": median_wall(bare)}
    return [
        Row(
            "e",
            f"unchanged `hisab sync` ({size} entries) / bare `dbt build` with nothing to do",
            GOAL_UNCHANGED,
            wall_ratio(unchanged, bare),
            times=seconds_text(sync=median_wall(unchanged), **times),
        ),
        Row(
            "e",
            f"`hisab sync` with ten new rows ({size} entries) / bare `dbt build` with nothing to do",
            GOAL_TEN,
            wall_ratio(ten, bare),
            times=seconds_text(sync=median_wall(ten), **times),
        ),
    ]


def _restore(state: Path, root: Path) -> None:
    copy_home(state, root)
