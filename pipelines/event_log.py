"""Dagster's event log in SQLite files, with the connection to a file kept open from one event to the next.

Dagster's own class opens a file anew for every event, makes the engine's dialect and statement cache anew with it, and
closes it, at which SQLite empties its write-ahead log: some ten milliseconds an event, two or three events a check,
hundreds of checks a night. Files, tables and rows are Dagster's; a home read by its own class shows the same.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS


class HeldEventLog(SqliteEventLogStorage):
    """The event log of the home that DAGSTER_HOME names; `dagster.yaml` of a home asks for it by name."""

    def __init__(self, base_dir: str, inst_data: Any = None) -> None:
        """Open nothing yet; `base_dir` is the folder with a file a run and the index of them all."""
        self._engines: dict[str, sa.Engine] = {}
        super().__init__(base_dir, inst_data)

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """Nothing to configure: a home may be moved, so no path of it is written down."""
        return {}

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> Self:  # noqa: ARG003 - Dagster's signature
        """Made by Dagster from `dagster.yaml`; the folder is where Dagster's own class would have it."""
        return cls(str(Path(os.environ["DAGSTER_HOME"]) / "history" / "runs"), inst_data)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[sa.Connection]:
        with self._db_lock, self._engine(shard).connect() as connection, connection.begin():
            yield connection

    def _engine(self, shard: str) -> sa.Engine:
        """One connection to this file; of the runs' files only the latest stays open."""
        if shard not in self._engines:
            for other in [name for name in self._engines if INDEX_SHARD_NAME not in {name, shard}]:
                self._engines.pop(other).dispose()
            engine = sa.create_engine(
                self.conn_string_for_shard(shard),
                # One thread at a time: whoever uses it holds the lock.
                poolclass=sa.StaticPool,
                connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS, "check_same_thread": False},
            )
            sa.event.listen(engine, "connect", _spare_the_disk)
            self._initdb(engine)
            self._engines[shard] = engine
        return self._engines[shard]

    def dispose(self) -> None:
        """Close what is open."""
        super().dispose()
        while self._engines:
            self._engines.popitem()[1].dispose()


def _spare_the_disk(connection: Any, record: Any) -> None:  # noqa: ARG001 - SQLAlchemy's signature
    """Wait for the disk when SQLite writes its log back, not at each event; a killed process loses none."""
    connection.execute("pragma synchronous = normal")
