"""Months as numbers, so that what happens every so many months follows from the calendar alone."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator


def number_of(day: dt.date) -> int:
    """The day's month, counted from the year 0."""
    return day.year * 12 + day.month - 1


def first_of(number: int) -> dt.date:
    """First day of a month."""
    return dt.date(number // 12, number % 12 + 1, 1)


def last_of(number: int) -> dt.date:
    """Last day of a month."""
    first = first_of(number)
    return first.replace(day=calendar.monthrange(first.year, first.month)[1])


def month_before(day: dt.date, months: int) -> dt.date:
    """The first day of the month `months` before the day's month."""
    return first_of(number_of(day) - months)


def months_between(first: dt.date, last: dt.date) -> Iterator[int]:
    """Every month that has a day from `first` to `last`."""
    yield from range(number_of(first), number_of(last) + 1)


def worded(number: int) -> str:
    """A month as the API writes it."""
    return first_of(number).isoformat()[:7]
