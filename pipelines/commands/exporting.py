"""Exporting: entries for another app, and the report of what it cannot hold."""

from __future__ import annotations

from pathlib import Path

from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from pipelines.commands.screen import console, errors, table
from pipelines.outputs.entries.selecting import ExportProblem, Wanted
from pipelines.outputs.entries.target import Report
from pipelines.outputs.entries.writing import export_entries, require_free, write_report
from pipelines.workplace import open_workplace


def entries(form: str, wanted: Wanted, output: Path, report: Path | None, *, force: bool) -> None:
    """Write the file, show the report, and keep it where the person said. Raises ExportProblem."""
    if report is not None:
        if report.resolve() == output.resolve():
            raise ExportProblem("The report needs a file of its own.")
        require_free(report, force=force)
    columns = (TextColumn("exporting"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=errors, transient=True) as bar:
        task = bar.add_task("exporting", total=None)
        done = export_entries(
            open_workplace(),
            form,
            wanted,
            output,
            force=force,
            progress=lambda written, total: bar.update(task, completed=written, total=total),
        )
    _show(done, output)
    if report is not None:
        write_report(done, report)


def _show(report: Report, output: Path) -> None:
    console.print(
        f"[green]✓[/] {escape(str(output))}: {report.written:,} entries for {escape(report.title)}.", soft_wrap=True
    )
    if not report.lines:
        console.print("Nothing was lost.")
        return
    shown = table("What it cannot hold", "Entries", "What becomes of it", right=("Entries",))
    for matter, count, outcome in report.lines:
        shown.add_row(escape(matter), f"{count:,}", escape(outcome))
    console.print(shown)
