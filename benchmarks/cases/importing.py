"""Case a: `hisab import` of a Wallet export, landed, checked and merged, against a bare COPY into DuckDB."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import duckdb

from benchmarks import bare_copy
from benchmarks.bench import MILLION, Bench, count_text, hisab, seconds_text
from benchmarks.measure import Command, MeasureError, median_wall, run_rounds, wall_ratio
from benchmarks.raw_tables import open_home
from benchmarks.results import Row
from warehouse.working_file import working_file

GOALS = {MILLION: 15.0, 10 * MILLION: 5.0}


def measure(bench: Bench) -> list[Row]:
    """One row a size."""
    rows = []
    for count in bench.sizes.imports:
        file = bench.wallet_csv(count)
        root, floor = bench.data / f"import-{count}", bench.data / f"copy-{count}.duckdb"
        importing = import_command(bench, root, file)
        copying = Command("bare COPY", (sys.executable, bare_copy.__file__, str(file), str(floor)))
        samples = run_rounds([importing, copying], bench.rounds)
        _prove_equal(root, floor)
        bench.taken["import", count] = samples[importing.name]
        times = seconds_text(hisab=median_wall(samples[importing.name]), copy=median_wall(samples[copying.name]))
        what = f"import of {count_text(count)} rows / bare COPY of the same file"
        rows.append(
            Row("a", what, GOALS.get(count), wall_ratio(samples[importing.name], samples[copying.name]), times=times)
        )
    return rows


def import_command(bench: Bench, root: Path, file: Path, memory: str = "") -> Command:
    """`hisab import` into a fresh home."""
    more = {"HISAB_MEMORY_LIMIT": memory} if memory else None
    command = hisab(root, "hisab import", "import", "--yes", "--party", "Bench", str(file), more=more)

    def prepare() -> None:
        bench.new_home(root.name)

    return replace(command, prepare=prepare)


def _prove_equal(root: Path, floor: Path) -> None:
    """Both sides hold the same rows and the same money, or the ratio means nothing. Raises MeasureError."""
    with duckdb.connect(str(floor), read_only=True) as con:
        signed = "case when type = 'Income' then amount else -amount end"
        expected = con.execute(
            f"select currency, count(*), sum({signed}) from entries group by 1 order by 1"
        ).fetchall()
    home, keyring = open_home(root)
    with working_file(home, keyring, "comparing", "2GB") as con:
        found = con.execute(
            "select currency_code, count(*), sum(entry_amount) from raw.ledger_entries group by 1 order by 1"
        ).fetchall()
    if found != expected:
        raise MeasureError(f"hisab import and COPY hold different rows: {found} against {expected}")
