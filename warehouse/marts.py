"""Reading the marts: a connection to the served snapshot, read-only and shut off from everything else.

Put here what every reader shares: notebooks, `hisab query`, dashboards. Keep out publishing. A connection stays on
the snapshot it opened, however often a new one is published meanwhile.
"""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import duckdb

from warehouse import snapshots
from warehouse.home import Home, HomeError
from warehouse.keys import KeyProblem, Keyring, open_keyring
from warehouse.publish import snapshot_key, snapshot_sha256
from warehouse.snapshots import Published, PublishError
from warehouse.working_file import attach_encrypted, engine

DATABASE = "marts"
"""Alias of the snapshot in a reader's connection; it is the present database, so `core.dim_parties` is enough."""
_TRIES = 20


class Marts:
    """An open snapshot. Use it in a `with` block, or close it; closing lets an old snapshot be removed."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, published: Published, lock: BinaryIO) -> None:
        """Take over an attached, locked-down connection; `open_marts` makes one."""
        self.connection = connection
        self.published = published
        self._lock = lock

    def __repr__(self) -> str:
        """Say which snapshot this is."""
        return f"Marts({self.published.file}, published {self.published.published_at})"

    def __enter__(self) -> Self:
        """Give the open snapshot."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close."""
        self.close()

    def sql(self, query: str, params: dict[str, Any] | None = None) -> duckdb.DuckDBPyRelation:
        """A relation, for `.show()`, `.pl()`, `.df()`, `.fetchall()`; amounts are Decimal."""
        return self.connection.sql(query, params=params)

    def execute(self, query: str, params: dict[str, Any] | None = None) -> duckdb.DuckDBPyConnection:
        """Run a query now; fetch from what is given back."""
        return self.connection.execute(query, params or {})

    def close(self) -> None:
        """Close the connection and let go of the snapshot."""
        self.connection.close()
        self._lock.close()


def open_marts(
    home: Home | Path | str | None = None, keyring: Keyring | None = None, memory_limit: str = "1GB"
) -> Marts:
    """Open the served snapshot of `home` (default: HISAB_HOME, or `.hisab` in the working directory).

    The connection can read the marts and nothing else: no file, no network, no setting, no other database. What
    does not fit in `memory_limit` is an error, since a reader never writes to disk.

    Raises HomeError (no home), KeyProblem (lost or wrong key), PublishError (nothing published, a snapshot missing
    or altered).
    """
    place = _home(home)
    keys = keyring or open_keyring(place)
    published, lock = _hold_current(place)
    try:
        _check(place.publish / published.file, published)
        connection = _connect(place, keys, published, memory_limit)
    except BaseException:
        lock.close()
        raise
    return Marts(connection, published, lock)


def _home(home: Home | Path | str | None) -> Home:
    if isinstance(home, Home):
        return home.require()
    given = home or os.environ.get("HISAB_HOME") or ".hisab"
    return Home(Path(given).expanduser().resolve()).require()


def _hold_current(home: Home) -> tuple[Published, BinaryIO]:
    tries = 0
    while True:
        published = snapshots.current(home)
        if published is None:
            raise PublishError(f"Nothing has been published in {home.root} yet. Run `hisab sync` first.")
        lock = snapshots.hold_for_reading(home, published)
        if lock is not None:
            return published, lock
        tries += 1
        if tries == _TRIES:
            raise _missing(published)


def _missing(published: Published) -> PublishError:
    return PublishError(
        f"The published snapshot {published.file} is missing. Run `hisab sync` to publish again, "
        "or roll back to an earlier one (docs/reading.md)."
    )


def _check(path: Path, published: Published) -> None:
    if path.with_name(path.name + ".wal").exists():
        raise PublishError(f"{path}.wal does not belong here; remove that file before anything is read.")
    try:
        intact = path.stat().st_size == published.byte_count and snapshot_sha256(path) == published.sha256
    except FileNotFoundError:
        raise _missing(published) from None
    if not intact:
        raise PublishError(
            f"The published snapshot {published.file} is not as it was published; it is damaged or was altered. "
            "Run `hisab sync` to publish again, or roll back to an earlier one (docs/reading.md)."
        )


def _connect(home: Home, keyring: Keyring, published: Published, memory_limit: str) -> duckdb.DuckDBPyConnection:
    connection = engine(home, memory_limit)
    try:
        key = snapshot_key(keyring, published.key_id)
        attach_encrypted(connection, home.publish / published.file, DATABASE, key, read_only=True)
        connection.execute(f"use {DATABASE}")
        # Two readers must not share a spill folder, and a reader has no right to write: it keeps to its memory.
        connection.execute("set temp_directory = ''")
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
    except KeyProblem:
        connection.close()
        raise
    except HomeError:
        connection.close()
        raise PublishError(
            f"The published snapshot {published.file} cannot be opened. Run `hisab sync` to publish again."
        ) from None
    except BaseException:
        connection.close()
        raise
    return connection
