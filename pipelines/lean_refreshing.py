"""Asking Lean to fetch fresh data from a bank, within a quota per entity and day.

Banks and Lean bound how often that may be done; the bound is a setting (`lean_refreshes_a_day`), because no official
text states one. Put here the counting; keep the request itself out (`pipelines.sources.lean`).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from pipelines.sources.lean import customers
from pipelines.sources.lean.client import LeanClient
from pipelines.sources.lean.pull import REQUESTS_A_MINUTE, paced
from pipelines.sources.pacing import Pace, RequestBudget
from pipelines.stored_grant import StoredGrant
from warehouse.connection_files import ConnectionFiles
from warehouse.connections import Connection
from warehouse.home import Home
from warehouse.keys import Keyring

COOLDOWN = dt.timedelta(minutes=10)
"""Between two refreshes of one entity."""
DAY = dt.timedelta(days=1)

_SUFFIX = "refreshes"


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

    `a_day` is the quota within 24 hours. A refresh that is already under way is no error. Raises SourceError and its
    kinds (ConsentRefused, ReconnectNeeded), ConnectionProblem.
    """
    now = now or dt.datetime.now(dt.UTC)
    files = ConnectionFiles(home, keyring)
    with files.locked(connection.connection_id):
        asked = _asked(files, connection.connection_id, now)
        if asked and now - asked[-1] < COOLDOWN:
            return RefreshOutcome(was_asked=True, line=f"Fresh data was asked for at {asked[-1]:%H:%M} UTC already.")
        if len(asked) >= a_day:
            return RefreshOutcome(was_asked=False, line=_spent(asked, a_day))
        _keep(files, connection.connection_id, [*asked, now])  # counted before it is asked: a kill asks no more often
    grant = StoredGrant(home, keyring, connection, today=now.date())
    pace = Pace()
    budget = RequestBudget(paced(pace, REQUESTS_A_MINUTE))
    with LeanClient(connection.base_url, pace, budget) as client:
        refresh_id = customers.ask_refresh(client, grant, connection.user_name)
    if not refresh_id:
        return RefreshOutcome(was_asked=True, line="Lean is fetching fresh data already.")
    return RefreshOutcome(was_asked=True, line="Lean fetches fresh data from the bank.", refresh_id=refresh_id)


def _spent(asked: list[dt.datetime], a_day: int) -> str:
    if not asked:
        return "Refreshes are switched off (lean_refreshes_a_day = 0)."
    again = asked[0] + DAY
    return f"The bank was asked {a_day} times within a day; the next refresh is possible at {again:%Y-%m-%d %H:%M} UTC."


def _asked(files: ConnectionFiles, connection_id: str, now: dt.datetime) -> list[dt.datetime]:
    """When fresh data was asked for within the last day, oldest first. Raises ConnectionProblem."""
    document = files.read(connection_id, _SUFFIX) or {"asked": []}
    moments = [dt.datetime.fromisoformat(text) for text in document["asked"]]
    return sorted(moment for moment in moments if now - moment < DAY)


def _keep(files: ConnectionFiles, connection_id: str, asked: list[dt.datetime]) -> None:
    files.write(connection_id, _SUFFIX, {"asked": [moment.isoformat() for moment in asked]})
