"""Case families: `hisab import` of every app's CSV against a bare COPY of the same file into typed columns."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import duckdb

from benchmarks import bare_family_copy
from benchmarks.bench import Bench, count_text, hisab, seconds_text
from benchmarks.entries import SEED, Scale
from benchmarks.family_files import FAMILIES, Family, write_family_csv
from benchmarks.measure import Command, MeasureError, median_wall, peak_bytes, run_rounds, wall_ratio
from benchmarks.raw_tables import open_home
from benchmarks.results import GIGABYTE, Row
from warehouse.working_file import working_file

GOAL = 8.0
_MOST_ROUNDS = 2
"""Ten files of five million rows: a round takes a quarter of an hour."""
_GOAL_FROM = 5_000_000
"""Entries from which the goal counts; below, the start of the programs weighs more than the rows."""


def measure(bench: Bench) -> list[Row]:
    """One row a family; its files and homes are thrown away, because ten of them are large."""
    return [_row(bench, name, family) for name, family in FAMILIES.items()]


def _row(bench: Bench, name: str, family: Family) -> Row:
    count = bench.sizes.families
    file = bench.data / f"{name}-{SEED}-{count}.csv"
    if not file.exists():
        write_family_csv(file, family, Scale(count))
    root, floor = bench.data / f"family-{name}", bench.data / f"family-{name}.duckdb"
    importing = _import(bench, root, file, family)
    module = bare_family_copy.__name__
    copying = Command("bare COPY", (sys.executable, "-m", module, name, str(file), str(floor)))
    samples = run_rounds([importing, copying], min(bench.rounds, _MOST_ROUNDS))
    _prove_equal(name, family, root, floor)
    times = seconds_text(hisab=median_wall(samples[importing.name]), copy=median_wall(samples[copying.name]))
    peak = peak_bytes(samples[importing.name]) / GIGABYTE
    what = f"import of {count_text(count)} rows of {name} / bare COPY of the same file"
    goal = GOAL if count >= _GOAL_FROM else None
    ratio = wall_ratio(samples[importing.name], samples[copying.name])
    for old in (file, floor):
        old.unlink()
    bench.remove_home(root.name)
    return Row("families", what, goal, ratio, times=f"{times}, peak {peak:.2f} GB")


def _import(bench: Bench, root: Path, file: Path, family: Family) -> Command:
    answers = ("--answer", "currency=USD") if family.asks_currency else ()
    command = hisab(root, "hisab import", "import", "--yes", "--party", "Bench", *answers, str(file))

    def prepare() -> None:
        bench.new_home(root.name)

    return replace(command, prepare=prepare)


def _prove_equal(name: str, family: Family, root: Path, floor: Path) -> None:
    """Both sides hold the same entries and the same money, or the ratio means nothing. Raises MeasureError."""
    with duckdb.connect(str(floor), read_only=True) as con:
        sums = f"sum({family.legs}), sum(({family.signed})::decimal(18, 4))"
        expected = con.execute(f"select {sums} from entries").fetchone()
    home, keyring = open_home(root)
    with working_file(home, keyring, "comparing", "2GB") as con:
        found = con.execute("select count(*), sum(entry_amount) from raw.ledger_entries").fetchone()
    if found != expected:
        raise MeasureError(f"hisab import and COPY of {name} hold different rows: {found} against {expected}")
