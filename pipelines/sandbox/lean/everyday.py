"""Everyday spending: purchases, cash, purchases abroad, and the few that are taken back.

The events of a month come from a chance of that month, drawn in the order of its days: a story that is told longer
begins like the shorter one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from random import Random

from pipelines.sandbox.lean.events import DAY, PENDING_DAYS, Event, Exchange
from pipelines.sandbox.lean.habits import ABROAD, Habit, habits, worth
from pipelines.sandbox.lean.naming import smallest_units
from pipelines.sandbox.lean.regions import Bank, Region

_ABROAD_SHARE = 0.05
_TAKEN_BACK_SHARE = 0.02
_TWICE_SHARE = 0.01
_CARD_KINDS = ("POS", "E_COMMERCE")


class Everyday:
    """The everyday events of one account."""

    def __init__(self, place: str, region: Region, bank: Bank) -> None:
        """Know the account by its place in the seed's world."""
        self._place, self._region, self._bank = place, region, bank
        self._habits = habits(region.name)
        self._weights = [max(1, 60_000 // (habit.least + habit.most)) for habit in self._habits]

    def events(self, first: dt.date, anchor: dt.date, last: dt.date, rows: int) -> Iterator[Event]:
        """The events from `first` to `last` by day; exactly `rows` of them are there until `anchor`."""
        days = (anchor - first).days + 1
        chance = Random()
        before: Event | None = None
        for number in range((last - first).days + 1):
            day = first + number * DAY
            if number == 0 or day.day == 1:
                chance = Random(f"{self._place}/{day:%Y-%m}")
                before = None
            for slot in range((number + 1) * rows // days - number * rows // days):
                before = self._event(f"{day}/{slot}", day, chance, before)
                yield before

    def _event(self, key: str, day: dt.date, chance: Random, before: Event | None) -> Event:
        draw = chance.random()
        if before is not None and before.kind in _CARD_KINDS and before.amount < 0 and not before.exchange:
            if draw < _TAKEN_BACK_SHARE:
                text = self._say(f"REVERSAL OF {before.text}", f"عكس عملية {before.text}")
                back = -before.amount
                return before._replace(
                    key=key, day=day, booked_on=before.booked_on + DAY, amount=back, estimate=back, text=text,
                    sub_kind="PURCHASE_REVERSAL",
                )  # fmt: skip
            if draw < _TAKEN_BACK_SHARE + _TWICE_SHARE and before.day == day:
                return before._replace(key=key)
        if draw > 1 - _ABROAD_SHARE:
            return self._abroad(key, day, chance)
        return self._purchase(key, day, chance, chance.choices(self._habits, self._weights)[0])

    def _purchase(self, key: str, day: dt.date, chance: Random, habit: Habit) -> Event:
        amount = -chance.randint(habit.least, habit.most)
        if habit.kind == "ATM" or amount % 4 == 0:
            amount = amount // 1_000 * 1_000  # whole amounts are common, and are integers on the wire
        booked_on = day + PENDING_DAYS * DAY if habit.kind in _CARD_KINDS else day
        text = self._say(habit.merchant, habit.arabic)
        return Event(
            key, day, booked_on, amount, amount, f"{text} {chance.randint(100, 999)}", habit.kind, habit.category,
            merchant=text, mcc=habit.mcc, is_everyday=True,
        )  # fmt: skip

    def _abroad(self, key: str, day: dt.date, chance: Random) -> Event:
        """A purchase in another currency; what it costs at home is only known when it posts."""
        place = chance.choice(ABROAD)
        units = chance.randint(place.least, place.most)
        value = worth(self._region.name, place.currency)
        value += value * chance.randint(-80, 80) // 10_000
        home = units * value // (100 * smallest_units(place.currency))
        return Event(
            key, day, day + PENDING_DAYS * DAY, -home, -(home * 102 // 100), place.merchant, "POS", place.category,
            merchant=place.merchant, mcc=place.mcc, exchange=Exchange(place.currency, units, value), is_everyday=True,
        )  # fmt: skip

    def _say(self, english: str, arabic: str) -> str:
        return arabic if self._bank.writes_arabic else english
