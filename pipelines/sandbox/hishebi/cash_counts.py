"""Counts of a till: every Thursday evening, note by note; now and then what is there is not what should be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from random import Random

from pipelines.sandbox.hishebi.naming import pretend_id
from pipelines.sandbox.hishebi.people import Person

Wire = dict[str, object]
DENOMINATIONS = (1000, 500, 200, 100, 50, 20, 10, 5, 2, 1)
"""Notes and coins of taka that are in use."""
_THURSDAY = 3
_DAY = dt.timedelta(days=1)


def cash_counts_of(seed: int, person: Person, first: dt.date, last: dt.date) -> Iterator[Wire]:
    """A person's counts from `first` to `last`."""
    day = first
    while day <= last:
        if day.weekday() == _THURSDAY:
            yield _count(seed, person, day)
        day += _DAY


def _count(seed: int, person: Person, day: dt.date) -> Wire:
    chance = Random(f"{seed}/{person.user_id}/till/{day}")
    till = "Shop" if person.freelances else "Wallet"
    expected = chance.randint(3_000, 40_000) if person.freelances else chance.randint(800, 9_000)
    is_off = chance.random() < 0.25
    counted = expected + (chance.choice((-1, 1)) * chance.choice((1, 2, 5, 10, 20, 70, 100, 500)) if is_off else 0)
    pieces = _pieces(counted, chance)
    note = ""
    if counted < expected:
        note = "হিসাবের চেয়ে কম" if person.writes_bangla else "Short"
    return {
        "id": pretend_id("c", seed, person.user_id, "till", day),
        "counted_at": f"{day.isoformat()}T{chance.randint(18, 21)}:{chance.randint(0, 59):02}:00+06:00",
        "till": {"Shop": "দোকান", "Wallet": "মানিব্যাগ"}[till] if person.writes_bangla else till,
        "expected_total": Decimal(expected),
        "total": Decimal(counted),
        "cash": Decimal(counted),
        "denominations": [{"value": value, "pieces": count} for value, count in pieces.items() if count],
        "note": note,
    }


def _pieces(total: int, chance: Random) -> dict[int, int]:
    """Notes and coins that come to a total; rarely all of it in the largest."""
    pieces, left = {}, total
    for value in DENOMINATIONS:
        most = left // value
        pieces[value] = most if value == 1 else chance.randint(most // 2, most)
        left -= value * pieces[value]
    return pieces
