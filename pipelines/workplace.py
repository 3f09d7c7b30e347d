"""A workplace: the home, its keys and its settings, opened once and handed to whoever works in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb

from pipelines.ingest.landing import Landing
from pipelines.settings import Settings, home_of_environment, load_settings
from warehouse.home import Home
from warehouse.keys import Keyring, open_keyring
from warehouse.lock import writer_lock
from warehouse.working_file import working_file


@dataclass(frozen=True, slots=True)
class Workplace:
    """One home, opened."""

    home: Home
    keyring: Keyring
    settings: Settings

    @property
    def landing(self) -> Landing:
        """The home's landing zone."""
        return Landing(self.home, self.keyring)

    @property
    def today(self) -> dt.date:
        """The business day in the home's time zone."""
        return dt.datetime.now(self.settings.zone).date()

    @contextmanager
    def warehouse(self, purpose: str) -> Iterator[duckdb.DuckDBPyConnection]:
        """The working file, locked for one purpose; see `warehouse.working_file`."""
        with working_file(self.home, self.keyring, purpose, self.settings.memory_limit) as con:
            yield con

    @contextmanager
    def locked(self, purpose: str) -> Iterator[None]:
        """The writer's lock alone, for work that opens the working file itself."""
        with writer_lock(self.home, purpose):
            yield


def open_workplace(home: Home | None = None) -> Workplace:
    """Open a home: the given one, or the one the environment names.

    Raises HomeError or KeyProblem, whose message says what is wrong and how to mend it.
    """
    home = home or home_of_environment()
    home.require()
    return Workplace(home, open_keyring(home), load_settings(home))
