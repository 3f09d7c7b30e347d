"""`python -m benchmarks`: run the cases, print the table, write it into benchmarks/README.md."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import shutil
import subprocess
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

from benchmarks.bench import SIZES, Bench
from benchmarks.cases import (
    building,
    families,
    feeds,
    fixed_cost,
    growth,
    importing,
    memory,
    night,
    peer_reports,
    webhooks,
)
from benchmarks.measure import MeasureError
from benchmarks.results import Row, not_measured, table, write_results

HERE = Path(__file__).resolve().parent
README = HERE / "README.md"

CASES: dict[str, Callable[[Bench], list[Row]]] = {
    "a": importing.measure,
    "b": building.measure,
    "c": night.measure,
    "d": memory.measure,
    "e": fixed_cost.measure,
    "f": peer_reports.measure,
    "feeds": feeds.measure,
    "webhooks": webhooks.measure,
    "families": families.measure,
    "growth": growth.measure,
}
"""The cases in the order they run; growth draws on a and b."""


def main(arguments: list[str] | None = None) -> int:
    """Run what was asked for; 1 when a case failed, whatever the ratios are."""
    options = _parser().parse_args(arguments)
    wanted = options.only.split(",") if options.only else list(CASES)
    if unknown := [name for name in wanted if name not in CASES]:
        print(f"There is no case {', '.join(unknown)}; the cases are {', '.join(CASES)}.")
        return 2
    for name in [name for name in os.environ if name.startswith("HISAB_")]:
        del os.environ[name]  # the measured homes are the benchmark's own
    sizes, rounds = ("small", 1) if options.quick else (options.sizes, options.rounds)
    bench = Bench(HERE / ".data", rounds, SIZES[sizes])
    bench.data.mkdir(exist_ok=True)
    rows, failed = _run(bench, wanted)
    text = f"{_circumstances(sizes, rounds)}\n\n{table(rows)}"
    print(f"\n{text}")
    if set(wanted) == set(CASES) and not options.quick:
        write_results(README, text)
    return 1 if failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make bench", description="Measure Hisab against plain DuckDB and its peers.")
    parser.add_argument("--rounds", type=int, default=5, help="paired rounds of every comparison")
    parser.add_argument("--sizes", choices=sorted(SIZES), default="full", help="full: two to three hours, 20 GB")
    parser.add_argument("--quick", action="store_true", help="small sizes, one round, a few minutes; not written down")
    parser.add_argument("--only", default="", metavar="a,b,...", help=f"only these cases of {', '.join(CASES)}")
    return parser


def _run(bench: Bench, wanted: list[str]) -> tuple[list[Row], bool]:
    """Every wanted case; one that fails gives a row that says so, and the rest still run."""
    rows: list[Row] = []
    failed = False
    for name in [name for name in CASES if name in wanted]:
        print(f"{dt.datetime.now(dt.UTC):%H:%M:%S} case {name} …", flush=True)
        try:
            found = CASES[name](bench)
        except (MeasureError, subprocess.CalledProcessError, OSError) as error:
            print(error, flush=True)
            failed = True
            found = [not_measured(name, "failed", str(error).splitlines()[0])]
        for row in found:
            print(
                f"  {row.what}: {row.measured.median:.2f} {row.verdict}"
                if row.measured
                else f"  {row.what}: {row.reason}"
            )
        rows += found
    return rows, failed


def _circumstances(sizes: str, rounds: int) -> str:
    """When, on what and with which versions: a figure without them says nothing."""
    memory_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    versions = [f"{name} {metadata.version(name)}" for name in ("duckdb", "dbt-core", "dagster", "polars")]
    versions += [text for text in (_version("hledger"), _version("ledger"), _bean()) if text]
    return (
        f'Measured {dt.datetime.now(dt.UTC):%Y-%m-%d}, sizes "{sizes}", {rounds} paired rounds, warm page cache, on '
        f"{len(os.sched_getaffinity(0))} cores, {memory_bytes / 1e9:.0f} GB of memory, Linux {platform.release()}, "
        f"Python {platform.python_version()}; {', '.join(versions)}."
    )


def _version(program: str) -> str:
    found = shutil.which(program)
    if not found:
        return ""
    said = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout
    words = said.replace(",", " ").split()
    return f"{program} {next((word for word in words if word[0].isdigit()), 'of unknown version')}"


def _bean() -> str:
    try:
        return f"beancount {metadata.version('beancount')}"
    except metadata.PackageNotFoundError:
        return ""
