"""Which days of transactions are asked for, what a whole answer proves to be gone, and where the next pull starts.

A first pull asks for eighteen whole months and the present one. Later ones start at the cursor less fourteen days, so
that late and changed rows are seen, and earlier where a transaction was still pending. A bank that keeps less than was
asked for must not delete what was read before: a long span proves only what lies after the oldest row it brought.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pipelines.sources.lean.values import Unreadable, is_zone, local_day

FIRST_MONTHS = 18
"""How many whole months a first pull asks for, beside the present one."""
LOOK_BACK = dt.timedelta(days=14)
"""How far before the cursor a later pull starts."""
LONGEST_PENDING = dt.timedelta(days=60)
"""How long a pending transaction is followed; an older one is left to its own."""
SURELY_KEPT = dt.timedelta(days=90)
"""Every bank keeps this much: within it, a row that is missing is gone."""
DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """The days of one pull.

    Attributes:
        first: First business day that is read whole.
        today: The business day of the pull.
    """

    first: dt.date
    today: dt.date

    @property
    def start_date(self) -> dt.date:
        """What Lean is asked for: days of UTC, so one more than the days of a bank east of it."""
        return self.first - DAY


def span_of(cursor: str | None, today: dt.date) -> Span:
    """The days to ask for: from the cursor, or everything without one (or with one that is not ours)."""
    everything = _months_before(today, FIRST_MONTHS)
    try:
        read_to, *pending = [dt.date.fromisoformat(part) for part in (cursor or "").split(" ")]
    except ValueError:
        return Span(everything, today)
    first = min([read_to - LOOK_BACK, *(day for day in pending if day >= today - LONGEST_PENDING)])
    return Span(max(min(first, today), everything), today)


def _months_before(day: dt.date, months: int) -> dt.date:
    """The first day of the month that lies so many months before."""
    index = day.year * 12 + day.month - 1 - months
    return dt.date(index // 12, index % 12 + 1, 1)


@dataclass(slots=True)
class Seen:
    """What the rows of one pull say about days: per account the oldest and newest, over all the oldest pending one."""

    zone: str
    days: dict[str, tuple[dt.date, dt.date]] = field(default_factory=dict)
    pending: dt.date | None = None

    def add(self, account_id: str, rows: list[Any]) -> None:
        """Look at a page of transactions of one account; rows that cannot be read are told by the decoder."""
        for row in rows:
            day = self._day(row)
            if day is None:
                continue
            oldest, newest = self.days.get(account_id, (day, day))
            self.days[account_id] = (min(oldest, day), max(newest, day))
            if row.get("status") == "PENDING":
                self.pending = min(self.pending or day, day)

    def window(self, account_id: str, span: Span) -> tuple[dt.date, dt.date] | None:
        """The days whose absent rows are gone, or None when the answer proves nothing."""
        oldest, newest = self.days.get(account_id, (None, span.today))
        last = max(newest, span.today + DAY)
        if span.first >= span.today - SURELY_KEPT:
            return span.first, last
        return None if oldest is None else (oldest + DAY, last)

    def cursor(self, span: Span) -> str:
        """Where the next pull starts: the day read to, and the oldest day with a pending transaction."""
        return " ".join(day.isoformat() for day in (span.today, self.pending) if day is not None)

    def _day(self, row: Any) -> dt.date | None:
        if not isinstance(row, Mapping):
            return None
        zone = str(row["local_time_zone"]) if is_zone(row.get("local_time_zone")) else self.zone
        try:
            return local_day(row, "booking_date_time", zone) or local_day(row, "value_date_time", zone)
        except Unreadable:
            return None
