"""What the pretend people lend to friends: now and then a sum, given back in parts.

A loan follows from the seed, the person and the calendar alone. What was really paid back is what the ledger says
(`debts`): a person may have corrected an entry, or deleted one.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from random import Random

from pipelines.sandbox.hishebi.months import first_of, number_of
from pipelines.sandbox.hishebi.people import Person

MONEY_LENT, LOAN_RETURNED = "money lent", "loan returned"
"""The categories such entries have in the ledger."""
_EVERY_MONTHS = 8
_LENT_DAY, _PAID_DAY = 15, 20
_FRIENDS = ("Jamal", "শিউলি", "Mitu", "রুবেল ভাই", "Nipa")


@dataclass(frozen=True, slots=True)
class Loan:
    """One sum lent to a friend. `parts` payments of `part` taka each come back, one a month from the next month on."""

    lent_on: dt.date
    friend: str
    part: Decimal
    parts: int

    @property
    def principal(self) -> Decimal:
        """What was lent, in taka."""
        return self.part * self.parts

    @property
    def due_date(self) -> dt.date:
        """When the last part should have come back."""
        return first_of(number_of(self.lent_on) + self.parts).replace(day=_PAID_DAY)

    def is_paid_on(self, day: dt.date) -> bool:
        """Whether a part comes back that day."""
        return day.day == _PAID_DAY and 1 <= number_of(day) - number_of(self.lent_on) <= self.parts


def loan_on(seed: int, person: Person, day: dt.date) -> Loan | None:
    """The loan whose eight months the day lies in, or None for those who lend nothing."""
    chance = Random(f"{seed}/{person.user_id}/lending")
    lends, phase = chance.random() < 0.7, chance.randrange(_EVERY_MONTHS)
    if not lends:
        return None
    turn = (number_of(day) - phase) // _EVERY_MONTHS
    chance = Random(f"{seed}/{person.user_id}/lending/{turn}")
    friend = _FRIENDS[(turn + phase) % len(_FRIENDS)]
    lent_on = first_of(turn * _EVERY_MONTHS + phase).replace(day=_LENT_DAY)
    loan = Loan(lent_on, friend, Decimal(chance.randrange(500, 4_000, 500)), chance.randint(3, 6))
    return loan if day >= lent_on else None
