"""Asking Hishebi for more than a sync: notes written there, files fetched from there."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from rich.markup import escape

from pipelines import asking_hishebi
from pipelines.commands.screen import console
from pipelines.workplace import open_workplace


def note(party: str, text: str, entry_id: str | None) -> None:
    """Write a note. Raises SourceError or ConnectionProblem."""
    note_id = asking_hishebi.write_note(open_workplace(), party, text, entry_id)
    named = f" ({escape(note_id)})" if note_id else ""
    console.print(f"Hishebi has the note{named}; [bold]hisab sync[/] reads it back.")


def fetch(party: str, form: str, days: tuple[dt.date, dt.date], output: Path, *, force: bool) -> None:
    """Fetch an export into a file. Raises SourceError or ConnectionProblem."""
    size = asking_hishebi.fetch_file(open_workplace(), party, form, days, output, force=force)
    console.print(f"Wrote {escape(str(output))} ({size:,} bytes), as Hishebi sent it.")
