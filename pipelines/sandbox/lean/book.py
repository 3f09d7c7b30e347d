"""The book of one entity: every event of its accounts up to a day, with the changes made since, and its balances.

Put here what the bank knows; how Lean writes it down is in `transactions`, `balances` and `accounts`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from itertools import accumulate
from random import Random
from typing import NamedTuple

from pipelines.sandbox.lean.accounts import Account
from pipelines.sandbox.lean.events import DAY, Event, month_before
from pipelines.sandbox.lean.everyday import Everyday
from pipelines.sandbox.lean.people import Person
from pipelines.sandbox.lean.regions import Bank, Region
from pipelines.sandbox.lean.regular import Regular, owed_by_month

MONTHS = 18
NEXT_DAY, CHANGE = "d", "c"
_EDIT_REACH_DAYS = 20


class Sheet(NamedTuple):
    """One account on a day.

    Attributes:
        account: The account.
        booked: Its booked events, oldest first.
        running: What it holds after each of them.
        pending: Its pending events, oldest first.
        closed_yesterday: What it held when yesterday ended.
    """

    account: Account
    booked: list[Event]
    running: list[int]
    pending: list[Event]
    closed_yesterday: int

    @property
    def held(self) -> int:
        """What it holds, booked."""
        return self.running[-1] if self.running else self.account.opening

    @property
    def reserved(self) -> int:
        """What its pending events will take, below zero."""
        return sum(event.estimate for event in self.pending)


def first_day_of_story(anchor: dt.date) -> dt.date:
    """The day the history starts for a town that opened on `anchor`."""
    return month_before(anchor, MONTHS)


class Book:
    """Every account of one entity after a number of steps."""

    def __init__(
        self,
        place: str,
        region: Region,
        bank: Bank,
        person: Person,
        accounts: list[Account],
        *,
        anchor: dt.date,
        steps: str,
        rows: int,
    ) -> None:
        """Tell the story of a place from 18 months before `anchor`, and take the steps.

        `place` stands for seed, person and bank; the current account has `rows` events up to `anchor`.
        """
        self._place = place
        self._products = {account.product: account for account in accounts}
        self._bank = bank
        self._first, self._anchor = first_day_of_story(anchor), anchor
        self.today = anchor + steps.count(NEXT_DAY) * DAY
        events = self._told(region, person, rows)
        if "CURRENT" in events:
            events["CURRENT"] = self._after_steps(events["CURRENT"], steps)
        self.sheets = {
            account.account_id: self._sheet(account, events[product]) for product, account in self._products.items()
        }

    def _told(self, region: Region, person: Person, rows: int) -> dict[str, list[Event]]:
        regular = Regular(self._place, region, self._bank, person, self._products)
        first, last = self._first, self.today
        told: dict[str, list[Event]] = {}
        owed: dict[dt.date, int] = {}
        if "CREDIT" in self._products:
            everyday = Everyday(f"{self._place}/card", region, self._bank)
            purchases = list(everyday.events(first, self._anchor, last, rows * 2 // 5))
            owed = owed_by_month(purchases)
            told["CREDIT"] = [*purchases, *regular.card(first, last, owed)]
        for product in self._products:
            if product == "CURRENT":
                monthly = list(regular.current(first, last, owed))
                until_anchor = sum(event.day <= self._anchor for event in monthly)
                everyday = Everyday(f"{self._place}/current", region, self._bank)
                daily = everyday.events(first, self._anchor, last, max(0, rows - until_anchor))
                told[product] = [*monthly, *daily]
            elif product == "PERSONAL_LOAN":
                told[product] = list(regular.loan(first, last))
            elif product != "CREDIT":
                told[product] = list(regular.savings(self._products[product], first, last))
        return told

    def _after_steps(self, events: list[Event], steps: str) -> list[Event]:
        """Each step corrects an event of the last weeks, takes one away and writes one late."""
        current = {event.key: event for event in events}
        today = self._anchor
        for number, step in enumerate(steps, 1):
            today += DAY if step == NEXT_DAY else dt.timedelta(0)
            chance = Random(f"{self._place}/step/{number}")
            since = today - dt.timedelta(days=_EDIT_REACH_DAYS)
            recent = [
                event for event in current.values() if event.is_everyday and since <= event.booked_on < today - DAY
            ]
            if len(recent) > 1:
                edited, gone = chance.sample(recent, 2)
                current[edited.key] = _corrected(edited, chance)
                del current[gone.key]
                late_on = today - 3 * DAY
                current[f"late/{number}"] = gone._replace(
                    key=f"late/{number}", day=late_on, booked_on=late_on, text=f"{gone.text} LATE {number}"
                )
        return list(current.values())

    def _sheet(self, account: Account, events: Iterable[Event]) -> Sheet:
        ordered = sorted(events, key=lambda event: (event.booked_on, event.key))
        booked = [event for event in ordered if event.booked_on <= self.today]
        pending = [event for event in ordered if event.booked_on > self.today]
        running = list(accumulate((event.amount for event in booked), initial=account.opening))[1:]
        closed = account.opening + sum(event.amount for event in booked if event.booked_on < self.today)
        return Sheet(account, booked, running, pending, closed)


def _corrected(event: Event, chance: Random) -> Event:
    amount = event.amount - chance.randint(1, 900)
    return event._replace(amount=amount, estimate=amount, text=f"{event.text} (CORRECTED)", is_corrected=True)
