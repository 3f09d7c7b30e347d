"""What a person asks of Hishebi beside a sync: to write a note there, to fetch the file it makes of the books.

Put here the steps. Keep out what is sent (`pipelines.sources.hishebi`) and what the terminal shows
(`pipelines.commands`).
"""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

from pipelines.connecting import named
from pipelines.sources.hishebi.export import fetch_export
from pipelines.sources.hishebi.notes import idempotency_key, post_note
from pipelines.sources.hishebi.pull import SOURCE, HishebiSource
from pipelines.sources.source import SourceError
from pipelines.stored_grant import StoredGrant
from pipelines.workplace import Workplace
from warehouse.connections import Connection
from warehouse.home import PRIVATE_FILE, sync_folder


def write_note(
    workplace: Workplace, party: str, text: str, entry_id: str | None, *, source: HishebiSource = SOURCE
) -> str:
    """Write a note through the connection a person names; its id at Hishebi, empty where that is not said.

    The same words about the same entry are written once a day (in the home's time zone), however often this is asked:
    a command whose answer was lost may be repeated. Raises SourceError, ConnectionProblem.
    """
    connection = named(workplace.home, workplace.keyring, party, SOURCE.source)
    key = idempotency_key(connection.connection_id, text, entry_id, workplace.today)
    return post_note(_grant(workplace, connection), text, entry_id, key, source=source)


def fetch_file(
    workplace: Workplace,
    party: str,
    form: str,
    days: tuple[dt.date, dt.date],
    output: Path,
    *,
    force: bool,
    source: HishebiSource = SOURCE,
) -> int:
    """Write Hishebi's export of these days to `output` as it comes, whole or not at all, mode 0600; its size in bytes.

    A file that is there is replaced only with `force`. Raises SourceError, ConnectionProblem.
    """
    if not output.parent.is_dir():
        raise SourceError(f"{output.parent} is no folder: make it first, or name another file.")
    _require_free(output, force=force)
    connection = named(workplace.home, workplace.keyring, party, SOURCE.source)
    body = fetch_export(_grant(workplace, connection), form, *days, source=source)
    _require_free(output, force=force)
    _write(output, body)
    return len(body)


def _grant(workplace: Workplace, connection: Connection) -> StoredGrant:
    return StoredGrant(workplace.home, workplace.keyring, connection, today=workplace.today)


def _require_free(output: Path, *, force: bool) -> None:
    if output.is_dir() or (output.exists() and not force):
        raise SourceError(f"{output} is there already: name another file, or add --force to replace it.")


def _write(output: Path, body: bytes) -> None:
    temporary = output.with_name(f".{output.name}.{os.getpid()}.tmp")
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(output)
        finally:
            temporary.unlink(missing_ok=True)
        sync_folder(output.resolve().parent)
    except OSError as error:
        raise SourceError(f"{output} cannot be written: {error.strerror}.") from None
