"""Writing a note back to Hishebi, once, however often it is asked for."""

from __future__ import annotations

import datetime as dt
import hashlib

from pipelines.sources.grant import Grant
from pipelines.sources.hishebi import pull
from pipelines.sources.hishebi.surfaces import NOTES_WRITE
from pipelines.sources.source import SourceError

LONGEST = 4000
"""Characters of a note (our reading)."""


def idempotency_key(connection_id: str, text: str, entry_id: str | None, day: dt.date) -> str:
    """The key of a note: equal for the same words about the same entry through the same connection on the same day.

    So a command that is repeated because its answer was lost, by the network or by a crash, writes no second note.
    """
    parts = ["hishebi-note", connection_id, entry_id or "", day.isoformat(), text]
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def post_note(
    grant: Grant, text: str, entry_id: str | None, key: str, *, source: pull.HishebiSource = pull.SOURCE
) -> str:
    """Write a note, about an entry where one is named; the note's id, empty where the service does not say it.

    `key` lets it be written once: see `idempotency_key`. The note is read back with the next pull. Raises SourceError
    when the consent does not cover notes.write or the service refuses, LoginNeeded when the grant is gone.
    """
    pull.require_scope(grant, NOTES_WRITE)
    if not text.strip() or len(text) > LONGEST:
        raise SourceError(f"A note has between 1 and {LONGEST} characters.")
    with source.client(grant) as client:
        note = client.post(grant, "notes", {"text": text, "entry_id": entry_id}, key)
    note_id = note.get("id")
    return note_id if isinstance(note_id, str) else ""
