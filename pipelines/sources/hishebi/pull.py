"""Which days to ask Hishebi for, in which order, and where the next pull starts.

A first pull walks back from today month by month; at the first month without an entry it asks for the year before
it, and so on by years, and stops at the first empty year. So a short history costs few requests, a long one is read
to its beginning, and a pause of less than a year loses nothing. Later pulls read from the cursor less 14 days, so
that late entries, edits and deletions within two weeks are seen.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass

from pipelines.sources.exact_json import read_json
from pipelines.sources.grant import Grant
from pipelines.sources.hishebi import records
from pipelines.sources.hishebi.client import HishebiClient
from pipelines.sources.pacing import Pace, RequestBudget
from pipelines.sources.source import Decoded, Page, SourceError

LOOK_BACK = dt.timedelta(days=14)
DAY = dt.timedelta(days=1)
LONGEST_SPAN = dt.timedelta(days=30)
"""From the first to the last day of one request of a later pull: at most 31 days."""
YEAR = dt.timedelta(days=364)
EARLIEST = dt.date(1950, 1, 1)
"""Nobody's ledger begins before; a server that always has one more entry ends the walk here."""
MOST_PAGES = 10_000
"""More pages than this in one window is a server that turns in circles."""


class HishebiSource:
    """The household ledger of Hishebi Online, as an `ApiSource`."""

    source: str = "hishebi"
    title: str = "Hishebi Online"
    kinds: tuple[str, ...] = ("accounts", "ledger_entries")
    scopes: tuple[str, ...] = ("ledger.read",)

    def __init__(self, pace: Pace | None = None) -> None:
        """Share one request budget among all pulls; tests give their own pace."""
        self._pace = pace or Pace()
        self._budget = RequestBudget(self._pace)

    def pull(
        self, grant: Grant, cursor: str | None, landed: Mapping[str, Page], *, full: bool = False
    ) -> Iterator[Page]:
        """Yield every page of one pull; see `ApiSource.pull`. Raises SourceError."""
        if not set(self.scopes) <= grant.scopes:
            raise SourceError(
                "The consent of this Hishebi connection does not cover ledger.read. Connect again with it."
            )
        since = None if full or cursor is None else _date_of(cursor)
        with HishebiClient(grant.base_url, self._pace, self._budget) as client:
            walk = _Walk(client, grant, landed)
            yield from walk.everything() if since is None else walk.changes(since - LOOK_BACK)

    def decode(self, page: Page) -> Decoded:
        """Turn one page into records; see `records.decode`. Raises SourceError."""
        return records.decode(page)


SOURCE = HishebiSource()


@dataclass(frozen=True, slots=True)
class _Span:
    """Days that are read whole, and whether the pull ends with them."""

    first: dt.date
    last: dt.date
    is_end: bool
    is_end_if_empty: bool = False

    def ends_pull(self, entries: int) -> bool:
        """Whether nothing is asked after this span, which held so many entries."""
        return self.is_end or (self.is_end_if_empty and entries == 0)


class _Walk:
    """One pull's way through the days."""

    def __init__(self, client: HishebiClient, grant: Grant, landed: Mapping[str, Page]) -> None:
        self._client = client
        self._grant = grant
        self._landed = landed
        self._today = grant.today
        self._is_first = True

    def changes(self, first: dt.date) -> Iterator[Page]:
        """Everything from `first` to today, oldest first."""
        first = min(first, self._today)
        while first <= self._today:
            last = min(first + LONGEST_SPAN, self._today)
            yield from self._pages(_Span(first, last, is_end=last == self._today))
            first = last + DAY

    def everything(self) -> Iterator[Page]:
        """From today back to the first empty year."""
        last, by_years = self._today, False
        while True:
            first = max(last - YEAR, EARLIEST) if by_years else last.replace(day=1)
            span = _Span(first, last, is_end=first <= EARLIEST, is_end_if_empty=by_years)
            entries = yield from self._pages(span)
            if span.ends_pull(entries):
                return
            by_years = by_years or entries == 0
            last = first - DAY

    def _pages(self, span: _Span) -> Generator[Page, None, int]:
        """Yield every page of one span; how many entries it held."""
        asked: list[str | None] = [None]
        ids: set[str] = set()
        entries = 0
        while len(asked) < MOST_PAGES:
            key = f"ledger/{span.first}/{span.last}/{len(asked)}"
            page = self._landed.get(key)
            if page is None:
                body, document = self._client.ledger_page(self._grant, span.first, span.last, asked[-1])
                held = records.contents(document)
                _require_progress(held, asked, ids)
                is_end = held.next_page is None and span.ends_pull(entries + len(held.entries))
                page = Page(key, body, self._meta(span, is_end=is_end))
            else:
                held = records.contents(read_json(page.body))
            entries += len(held.entries)
            ids.update(held.ids)
            self._is_first = False
            yield page
            if held.next_page is None:
                return entries
            asked.append(held.next_page)
        raise SourceError(f"Hishebi never comes to the end of {span.first} to {span.last}. Sync again later.")

    def _meta(self, span: _Span, *, is_end: bool) -> dict[str, str]:
        meta = {"first_date": span.first.isoformat(), "last_date": span.last.isoformat()}
        if self._is_first:
            meta["opens_pull"] = "true"
        if is_end:
            meta["cursor"] = self._today.isoformat()
        return meta


def _require_progress(held: records.Contents, asked: list[str | None], ids: set[str]) -> None:
    """Refuse a page that was there before: a walk in circles would never end, or would end too early."""
    came_before = bool(held.ids) and ids.issuperset(held.ids)
    if held.next_page in asked[1:] or came_before:
        raise SourceError("Hishebi gives the same page of the ledger twice instead of the next one. Sync again later.")


def _date_of(cursor: str) -> dt.date | None:
    """The day a cursor names; None for one we did not write, and then everything is read again."""
    try:
        return dt.date.fromisoformat(cursor)
    except ValueError:
        return None
