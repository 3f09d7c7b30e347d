"""What a pretend YNAB is made of: its day, its seed, its currency, its limit."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

TOKEN = "ynab-demo-token-7c1f"  # noqa: S105 - the sandbox prints it
"""The pretend person's personal access token."""

PERSON = "Tarek Rahman"
"""The pretend person; the household of the demo knows him as the partner of Hishebi's first one."""

_HALF = 7


@dataclass(frozen=True, slots=True)
class YnabSettings:
    """A pretend YNAB. The same settings and steps give the same plan.

    Attributes:
        today: The day it is there.
        seed: Chooses the story.
        currency: ISO 4217 code of the plan; the story's amounts are scaled to it.
        requests_per_hour: Requests a token may make in any hour.
        begun_on: The day the plan was begun; None for the first of a half-year, 18 to 24 months ago.
    """

    today: dt.date
    seed: int = 7
    currency: str = "BDT"
    requests_per_hour: int = 200
    begun_on: dt.date | None = None

    @property
    def first_day(self) -> dt.date:
        """The day the plan was begun."""
        if self.begun_on is not None:
            return self.begun_on
        year = self.today.year
        return dt.date(year - 1, 1, 1) if self.today.month >= _HALF else dt.date(year - 2, _HALF, 1)
