"""Writing entries for another app, batch by batch: the file, and the report of what it cannot hold.

A cell that begins like a formula stays as it is: the file is meant for an importer, and an apostrophe before it would
change the record. docs/export.md warns of opening it in a spreadsheet.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import duckdb
import polars as pl

from pipelines.outputs.entries import actual, firefly, hisab_csv, wallet, ynab
from pipelines.outputs.entries.reading import read_entries
from pipelines.outputs.entries.selecting import Chosen, ExportProblem, Wanted, choose
from pipelines.outputs.entries.target import Report, Target
from pipelines.outputs.whole_file import whole_file
from pipelines.workplace import Workplace
from warehouse.home import write_whole

TARGETS = {module.TARGET.name: module.TARGET for module in (ynab, actual, firefly, wallet, hisab_csv)}
"""Targets by what `--format` calls them."""
Progress = Callable[[int, int], None]
"""Told after each batch: entries written so far, and in all."""


def export_entries(
    workplace: Workplace, form: str, wanted: Wanted, output: Path, *, force: bool, progress: Progress
) -> Report:
    """Write the wanted entries to `output` (whole or not at all, mode 0600) in the layout of the target `form`.

    Raises ExportProblem when there are none, or when `output` is there already and `force` is not given.
    """
    target = TARGETS[form]
    require_free(output, force=force)
    with workplace.warehouse("exporting entries") as con:
        chosen = choose(con, workplace.keyring, wanted, one_currency=target.one_currency)
        report = _report(target, chosen)
        try:
            with whole_file(output) as file:
                _write(con, target, chosen, file, report, progress)
        except OSError as error:
            raise ExportProblem(f"{output} cannot be written: {error.strerror}.") from None
    return report


def require_free(path: Path, *, force: bool) -> None:
    """Raise ExportProblem when a file must not be written there."""
    if path.is_dir() or not path.resolve().parent.is_dir():
        raise ExportProblem(f"{path} is no place for a file; name one in a folder that is there.")
    if path.exists() and not force:
        raise ExportProblem(f"{path} is there already; name another file, or write over it with --force.")


def write_report(report: Report, path: Path) -> None:
    """Write the report as CSV: `matter, entries, outcome`, the entries written first. Raises ExportProblem."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(("matter", "entries", "outcome"))
    rows.writerow(("entries", report.written, f"written for {report.title}"))
    rows.writerows(report.lines)
    try:
        write_whole(path, text.getvalue().encode())
    except OSError as error:
        raise ExportProblem(f"{path} cannot be written: {error.strerror}.") from None


def _report(target: Target, chosen: Chosen) -> Report:
    report = Report(target.title)
    for currency, count in chosen.other_currencies.items():
        outcome = f"not in this file: one holds one currency; export them with --currency {currency}"
        report.add(f"entries in {currency}", outcome if target.one_currency else "not asked for", count)
    report.add("budget lines", "not in a file of entries", chosen.budget_lines)
    return report


def _write(
    con: duckdb.DuckDBPyConnection,
    target: Target,
    chosen: Chosen,
    file: BinaryIO,
    report: Report,
    progress: Progress,
) -> None:
    names = {f"{number}": loss for number, loss in enumerate(target.losses)}
    file.write((target.delimiter.join(target.columns) + "\n").encode())
    for entries in read_entries(con, chosen):
        rows = _without_nul(target.rows(entries))
        rows.write_csv(file, include_header=False, separator=target.delimiter)
        counts = entries.select(loss.when.fill_null(value=False).sum().alias(name) for name, loss in names.items())
        for name, loss in names.items():
            report.add(loss.matter, loss.outcome, counts[name][0])
        report.add(_LIKE_ROWS, _LIKE_ROWS_STAY, _like_rows(rows, target.delimiter))
        report.written += entries.height
        progress(report.written, chosen.total)
    if report.written != chosen.total:
        raise ExportProblem(
            f"{chosen.total} entries were to be written and {report.written} were: this is a defect of Hisab, the "
            "file was not kept; please report it."
        )


_LIKE_ROWS = "a text of several lines with as many separators as a row"
_LIKE_ROWS_STAY = "in the file; some importers refuse the row"


def _like_rows(rows: pl.DataFrame, delimiter: str) -> int:
    """Rows in which a reader that looks for stray quotes may see several."""
    many = [
        pl.col(name).str.contains(r"[\r\n]")
        & (pl.col(name).str.count_matches(delimiter, literal=True) >= rows.width - 1)
        for name in rows.columns
    ]
    return int(rows.select(pl.any_horizontal(many).fill_null(value=False).sum()).item())


def _without_nul(rows: pl.DataFrame) -> pl.DataFrame:
    """No importer takes NUL characters for text."""
    return rows.with_columns(pl.all().str.replace_all("\0", "", literal=True))
