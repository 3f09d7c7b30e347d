"""What an event on an account is in the story of an entity, before anything of Lean's wire form."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple

DAY = dt.timedelta(days=1)
PENDING_DAYS = 2
"""A card purchase posts on the second day after it."""


class Exchange(NamedTuple):
    """An amount in another currency: its smallest units there, and ten-thousandths of ours that one unit is worth."""

    currency: str
    units: int
    worth: int


class Party(NamedTuple):
    """The other side of a transfer."""

    name: str
    number: str


class Event(NamedTuple):
    """Money that moves on one account, in the smallest unit of the account's currency; above zero is in.

    `key` is unique in the account. `booked_on` lies behind `day` for a card purchase, which is pending in between;
    until then the bank shows `estimate`, which differs from `amount` for a purchase in another currency.
    """

    key: str
    day: dt.date
    booked_on: dt.date
    amount: int
    estimate: int
    text: str
    kind: str
    category: str
    sub_kind: str | None = None
    merchant: str = ""
    mcc: str = ""
    party: Party | None = None
    exchange: Exchange | None = None
    is_everyday: bool = False
    is_corrected: bool = False


def transfer(
    key: str, day: dt.date, amount: int, text: str, kind: str, category: str, party: Party | None = None
) -> Event:
    """An event that is booked on its day."""
    return Event(key, day, day, amount, amount, text, kind, category, party=party)


def month_before(day: dt.date, months: int) -> dt.date:
    """The first day of the month `months` before the day's month."""
    number = day.year * 12 + day.month - 1 - months
    return dt.date(number // 12, number % 12 + 1, 1)


def months_between(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    """The first day of every month that has a day from `first` to `last`."""
    month = first.replace(day=1)
    while month <= last:
        yield month
        month = month_before(month, -1)
