"""One pull's way through Hishebi's lists: page by page, span by span, and what counts as read whole.

Lists of the same sort (the payments of each property) are one *group*: they are asked over the same spans, and only
when the last of them was read is a span of the group whole. A dated group is walked back from today until a year is
empty, or read from a day on. Put here the walking; keep out which groups there are and since when (`pull`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipelines.sources.exact_json import read_json
from pipelines.sources.grant import Grant
from pipelines.sources.hishebi import records
from pipelines.sources.hishebi.answers import NotGiven
from pipelines.sources.hishebi.client import HishebiClient
from pipelines.sources.hishebi.rows import Contents, contents
from pipelines.sources.hishebi.surfaces import LEDGER, PROPERTIES, Reading, property_ids
from pipelines.sources.source import UNANSWERED, Page, SourceError
from warehouse.fields import EARLIEST, LATEST

DAY = dt.timedelta(days=1)
LONGEST_SPAN = dt.timedelta(days=30)
"""From the first to the last day of one request of a later pull: at most 31 days."""
YEAR = dt.timedelta(days=364)
FIRST_DAY = dt.date(1950, 1, 1)
"""Nobody's ledger begins before; a server that always has one more entry ends the walk here."""
MOST_PAGES = 10_000
"""More pages than this in one span is a server that turns in circles."""


@dataclass(frozen=True, slots=True)
class Group:
    """Lists that are read together.

    Attributes:
        readings: The lists; one, or one for each property.
        since: The first day to read; None to read from the beginning. Without meaning for lists that are read whole.
        cursor: What the last page of the group carries: where the next pull starts; empty for groups in between.
    """

    readings: Sequence[Reading]
    since: dt.date | None = None
    cursor: str = ""

    @property
    def is_ledger(self) -> bool:
        """Whether it is the ledger, whose first page also brings the account."""
        return self.readings[0].surface is LEDGER


@dataclass(slots=True)
class Outcome:
    """What a walk through a group came to.

    Attributes:
        rows: How many rows its pages held.
        property_ids: The properties among them, for the list of properties.
        is_given: False when a list was not given; then what came of the group is not all of it.
    """

    rows: int = 0
    property_ids: list[str] = field(default_factory=list)
    is_given: bool = True


@dataclass(frozen=True, slots=True)
class _Span:
    """Days that are read whole, and whether the group ends with them; without days the list is read whole."""

    first: dt.date
    last: dt.date
    is_end: bool
    is_end_if_empty: bool = False
    has_days: bool = True

    def ends_walk(self, rows: int) -> bool:
        """Whether nothing is asked after this span, which held so many rows."""
        return self.is_end or (self.is_end_if_empty and rows == 0)

    @property
    def params(self) -> dict[str, str]:
        """The days, as they are asked for."""
        return {"from": self.first.isoformat(), "to": self.last.isoformat()} if self.has_days else {}


_WHOLE = _Span(dt.date.fromisoformat(EARLIEST), dt.date.fromisoformat(LATEST), is_end=True, has_days=False)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """One list of a group in one span."""

    group: Group
    span: _Span
    reading: Reading

    @property
    def title(self) -> str:
        return self.reading.surface.title

    @property
    def unanswered_key(self) -> str:
        return f"{self.reading.path}/unanswered"

    def key(self, number: int) -> str:
        """Names one page of the list within its pull."""
        days = f"/{self.span.first}/{self.span.last}" if self.span.has_days else ""
        return f"{self.reading.path}{days}/{number}"

    def contents(self, document: Any) -> Contents:
        """The outer form of a page. Raises NotGiven."""
        return contents(document, self.reading.surface.list_name, self.title)

    def meta(self, rows: int, *, is_last_page: bool) -> dict[str, str]:
        """What decoding a page needs to know beside its bytes; `rows` are those of the list until its end."""
        meta = {"first_date": self.span.first.isoformat(), "last_date": self.span.last.isoformat()}
        if not self.group.is_ledger:
            meta[records.LIST] = self.reading.surface.name
        if self.reading.property_id is not None:
            meta[records.PROPERTY_ID] = self.reading.property_id
        if self.reading is not self.group.readings[-1]:
            meta[records.NOT_THE_END] = "true"
        if is_last_page and rows == 0 and not self.span.has_days:
            meta[records.IS_EMPTY] = "true"
        if is_last_page and self.group.cursor and self.span.ends_walk(rows):
            meta[records.CURSOR] = self.group.cursor
        return meta

    def unanswered(self, problem: NotGiven) -> Page:
        """The page that stands for a list which was not given."""
        line = f"The {self.title} are not read: {problem}"
        return Page(self.unanswered_key, b"", {records.LIST: self.reading.surface.name, UNANSWERED: line})


class Walk:
    """One pull's way."""

    def __init__(self, client: HishebiClient, grant: Grant, landed: Mapping[str, Page]) -> None:
        """Go as this grant, taking pages that an earlier attempt landed from there."""
        self._client = client
        self._grant = grant
        self._landed = landed
        self._today = grant.today
        self._has_opened = False

    def through(self, group: Group) -> Generator[Page, None, Outcome]:
        """Yield every page of a group.

        A list that is not given ends the group with a page that says so; the ledger itself must be given. Raises
        SourceError.
        """
        outcome = Outcome()
        for span in self._spans(group, outcome):
            for reading in group.readings:
                for page in self._pages(_Stretch(group, span, reading), outcome):
                    yield page
                    if page.unanswered:
                        outcome.is_given = False
                        return outcome
        return outcome

    def _spans(self, group: Group, outcome: Outcome) -> Iterator[_Span]:
        """The spans of a group; the rows that a span brought decide on the next one."""
        if not group.readings[0].surface.is_dated:
            yield _WHOLE
        elif group.since is not None:
            yield from self._changes(group.since)
        else:
            yield from self._everything(outcome, by_years=not group.is_ledger)

    def _changes(self, first: dt.date) -> Iterator[_Span]:
        """From `first` to today, oldest first."""
        first = min(first, self._today)
        while first <= self._today:
            last = min(first + LONGEST_SPAN, self._today)
            yield _Span(first, last, is_end=last == self._today)
            first = last + DAY

    def _everything(self, outcome: Outcome, *, by_years: bool) -> Iterator[_Span]:
        """From today back to the first empty year: by months until one is empty, then by years."""
        last = self._today
        while True:
            before = outcome.rows
            first = max(last - YEAR, FIRST_DAY) if by_years else last.replace(day=1)
            span = _Span(first, last, is_end=first <= FIRST_DAY, is_end_if_empty=by_years)
            yield span
            rows = outcome.rows - before
            if span.ends_walk(rows):
                return
            by_years = by_years or rows == 0
            last = first - DAY

    def _pages(self, stretch: _Stretch, outcome: Outcome) -> Iterator[Page]:
        """Yield every page of one list in one span, or the one that says that it is not given."""
        asked: list[str | None] = [None]
        ids: set[str] = set()
        rows = 0
        while len(asked) < MOST_PAGES:
            landed = self._landed.get(stretch.key(len(asked))) or self._landed.get(stretch.unanswered_key)
            if landed is not None and landed.unanswered:
                yield landed
                return
            try:
                page, held = self._page(stretch, landed, asked, ids, rows)
            except NotGiven as problem:
                if stretch.group.is_ledger:
                    raise
                yield stretch.unanswered(problem)
                return
            rows += len(held.rows)
            outcome.rows += len(held.rows)
            ids.update(held.ids)
            if stretch.reading.surface is PROPERTIES:
                outcome.property_ids += property_ids(held.rows)
            self._has_opened = self._has_opened or stretch.group.is_ledger
            yield page
            if held.next_page is None:
                return
            asked.append(held.next_page)
        raise SourceError(
            f"Hishebi never comes to the end of the {stretch.title} of {stretch.span.first} to {stretch.span.last}. "
            "Sync again later."
        )

    def _page(
        self,
        stretch: _Stretch,
        landed: Page | None,
        asked: list[str | None],
        ids: set[str],
        rows: int,
    ) -> tuple[Page, Contents]:
        """A page and what it holds, landed by an earlier attempt or asked for now."""
        if landed is not None:
            return landed, stretch.contents(read_json(landed.body))
        token = asked[-1]
        params = stretch.span.params if token is None else {**stretch.span.params, "page": token}
        body, document = self._client.page(self._grant, stretch.reading.path, params)
        held = stretch.contents(document)
        came_before = bool(held.ids) and ids.issuperset(held.ids)
        if held.next_page in asked[1:] or came_before:
            # a walk in circles would never end, or would end too early
            raise SourceError(
                f"Hishebi gives the same page of the {stretch.title} twice instead of the next one. Sync again later."
            )
        meta = stretch.meta(rows + len(held.rows), is_last_page=held.next_page is None)
        if stretch.group.is_ledger and not self._has_opened:
            meta[records.OPENS_PULL] = "true"
        return Page(stretch.key(len(asked)), body, meta), held
