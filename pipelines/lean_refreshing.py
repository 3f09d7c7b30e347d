"""Asking Lean to fetch fresh data from a bank, within a quota per entity and day.

Banks and Lean bound how often that may be done; the bound is a setting (`lean_refreshes_a_day`), because no official
text states one. Put here the counting; keep the request itself out (`pipelines.sources.lean`).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from warehouse.connections import Connection
from warehouse.home import Home
from warehouse.keys import Keyring

COOLDOWN = dt.timedelta(minutes=10)
"""Between two refreshes of one entity."""


@dataclass(frozen=True, slots=True)
class RefreshOutcome:
    """What became of one wish for fresh data.

    Attributes:
        was_asked: Whether Lean is fetching now, by this wish or by one before it.
        line: One line for people.
        refresh_id: Lean's id of the refresh, or empty.
    """

    was_asked: bool
    line: str
    refresh_id: str = ""


def refresh(
    home: Home, keyring: Keyring, connection: Connection, *, a_day: int, now: dt.datetime | None = None
) -> RefreshOutcome:
    """Ask Lean to refresh the entity of a connection unless its quota or the cooldown forbids it.

    A refresh that is already under way is no error. Raises SourceError (ConsentEnded, ReconnectNeeded, ...).
    """
    raise NotImplementedError
