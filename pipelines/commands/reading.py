"""Reading: queries over the marts, and the rows that were set aside."""

from __future__ import annotations

from pathlib import Path

from rich.markup import escape

from pipelines.commands.screen import console, table
from pipelines.workplace import open_workplace


def quarantine(limit: int) -> None:
    """Show rows set aside, newest first, with file, row, column, reason and cure."""
    workplace = open_workplace()
    with workplace.warehouse("listing the quarantine") as con:
        total = con.execute("select count(*) from raw.quarantine").fetchone()
        rows = con.execute(
            "select file_name, row_no, column_name, value, reason, cure from raw.quarantine "
            "order by quarantined_at desc, file_name, row_no limit ?",
            [limit],
        ).fetchall()
    if not rows:
        console.print("Nothing is set aside.")
        return
    shown = table("File or request", "Row", "Column", "Value", "Why", "What to do", right=("Row",))
    for row in rows:
        shown.add_row(*(escape(str(cell)) if cell is not None else "" for cell in row))
    console.print(shown)
    if total and total[0] > len(rows):
        console.print(f"{total[0]:,} rows are set aside in all; --limit shows more.")


def query(sql: str, form: str, output: Path | None) -> None:
    """Run one select over the published marts."""
    from pipelines.outputs.query import run_query

    workplace = open_workplace()
    run_query(workplace.home, workplace.keyring, sql, form=form, output=output)
