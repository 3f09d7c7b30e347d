"""Which of Hishebi's lists to ask for, since when, and where the next pull starts.

A first pull reads everything; later ones read lists without days whole and dated lists from the cursor less 14 days,
so that late entries, edits and deletions within two weeks are seen. A list that was never read (its scope is new, the
service did not have it, a property was added) is read from its beginning. The ledger comes last: when it has ended,
the pull has.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote

import httpx

from pipelines.sources.grant import Grant
from pipelines.sources.hishebi import records
from pipelines.sources.hishebi.client import HishebiClient
from pipelines.sources.hishebi.surfaces import (
    BESIDE_THE_LEDGER,
    LEDGER,
    LEDGER_READ,
    OF_EACH_PROPERTY,
    PROPERTIES,
    PROPERTY_READ,
    SURFACES,
    Reading,
)
from pipelines.sources.hishebi.walk import Group, Outcome, Walk
from pipelines.sources.pacing import Pace, RequestBudget
from pipelines.sources.source import Decoded, Page, SourceError

LOOK_BACK = dt.timedelta(days=14)


class HishebiSource:
    """The books a person keeps at Hishebi Online, as an `ApiSource`."""

    source: str = "hishebi"
    title: str = "Hishebi Online"
    kinds: tuple[str, ...] = ("accounts", *(kind for surface in SURFACES.values() for kind in surface.kinds))
    scopes: tuple[str, ...] = (LEDGER_READ,)

    def __init__(self, pace: Pace | None = None, transport: httpx.BaseTransport | None = None) -> None:
        """Share one request budget among all that is asked; tests give their own pace and transport."""
        self._pace = pace or Pace()
        self._budget = RequestBudget(self._pace)
        self._transport = transport

    def pull(
        self, grant: Grant, cursor: str | None, landed: Mapping[str, Page], *, full: bool = False
    ) -> Iterator[Page]:
        """Yield every page of one pull; see `ApiSource.pull`. Raises SourceError."""
        require_scope(grant, LEDGER_READ)
        known = Cursor.read("" if full or cursor is None else cursor)
        with self.client(grant) as client:
            yield from _everything(Walk(client, grant, landed), grant, known)

    def decode(self, page: Page) -> Decoded:
        """Turn one page into records; see `records.decode`. Raises SourceError."""
        return records.decode(page)

    def client(self, grant: Grant) -> HishebiClient:
        """A client for this grant's service that keeps to the budget of them all; use it in a `with`."""
        return HishebiClient(grant.base_url, self._pace, self._budget, self._transport)


SOURCE = HishebiSource()


def require_scope(grant: Grant, scope: str) -> None:
    """Raise SourceError unless the party granted the scope."""
    if scope not in grant.scopes:
        raise SourceError(f"The consent of this Hishebi connection does not cover {scope}. Connect again with it.")


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the next pull starts.

    Written as a day, and after it the dated lists beside the ledger that were read from their beginning up to that
    day. A day alone, as it was written before there were others, says so of the ledger.

    Attributes:
        day: The day of the last pull; None when there is none, or none that we wrote.
        paths: Those lists, by where they are asked.
    """

    day: dt.date | None
    paths: frozenset[str] = frozenset()

    @classmethod
    def read(cls, text: str) -> Cursor:
        """The cursor a text holds."""
        day, *paths = text.split(" ")
        try:
            return cls(dt.date.fromisoformat(day), frozenset(unquote(path) for path in paths))
        except ValueError:
            return cls(None)

    @property
    def text(self) -> str:
        """As it is kept."""
        return " ".join([str(self.day), *(quote(path) for path in sorted(self.paths))])

    def since(self, readings: list[Reading]) -> dt.date | None:
        """The first day to ask these lists for; None when one of them was never read."""
        if self.day is None or not {each.path for each in readings if each.surface is not LEDGER} <= self.paths:
            return None
        return self.day - LOOK_BACK


def _everything(walk: Walk, grant: Grant, known: Cursor) -> Iterator[Page]:
    """Every list the grant allows; those of properties after the properties themselves."""
    read: set[str] = set()

    def through(readings: list[Reading]) -> Generator[Page, None, Outcome]:
        outcome = yield from walk.through(Group(readings, known.since(readings)))
        if outcome.is_given and readings[0].surface.is_dated:
            read.update(each.path for each in readings)
        return outcome

    for surface in BESIDE_THE_LEDGER:
        yield from through([Reading(surface)])
    if PROPERTY_READ in grant.scopes:
        properties = yield from through([Reading(PROPERTIES)])
        # with a part of the properties, the others' tenants and payments would look gone
        ids = dict.fromkeys(properties.property_ids) if properties.is_given else {}
        for surface in OF_EACH_PROPERTY if ids else ():
            yield from through([Reading(surface, property_id) for property_id in ids])
    cursor = Cursor(grant.today, frozenset(read)).text
    ledger = [Reading(LEDGER)]
    yield from walk.through(Group(ledger, known.since(ledger), cursor))
