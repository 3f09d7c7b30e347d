"""What the pretend people save for: goals with a beginning, an aim and a balance that grows month by month."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from random import Random

from pipelines.sandbox.hishebi.months import first_of, number_of
from pipelines.sandbox.hishebi.naming import pretend_id
from pipelines.sandbox.hishebi.people import Person

Wire = dict[str, object]
_GOALS = (
    ("Hajj", "হজ", 600_000, 36),
    ("Emergency fund", "জরুরি তহবিল", 150_000, 24),
    ("Motorcycle", "মোটরসাইকেল", 180_000, 18),
    ("Daughter's wedding", "মেয়ের বিয়ে", 400_000, 60),
    ("New laptop", "নতুন ল্যাপটপ", 90_000, 10),
)
"""Names, target in taka, and in how many months it shall be reached."""
_SAVING_DAY = 9


def goals_of(seed: int, person: Person, first_day: dt.date, today: dt.date) -> list[Wire]:
    """A person's goals that were set by today; the first was set with the first day of their book."""
    chance = Random(f"{seed}/{person.user_id}/goals")
    chosen = chance.sample(_GOALS, chance.randint(1, 3))
    goals = []
    for number, (name, bangla_name, target, months) in enumerate(chosen):
        begun = number_of(first_day) + number * 5
        if first_of(begun) <= today:
            note = "প্রতি মাসে কিছু" if person.writes_bangla else "A little every month"
            goals.append(
                {
                    "id": pretend_id("g", seed, person.user_id, name),
                    "name": bangla_name if person.writes_bangla else name,
                    "target_amount": Decimal(target),
                    "current_balance": _saved(f"{seed}/{person.user_id}/{name}", target, months, begun, today),
                    "target_date": first_of(begun + months).isoformat(),
                    "start_date": first_of(begun).isoformat(),
                    "note": note if number == 0 else "",
                }
            )
    return goals


def _saved(place: str, target: int, months: int, begun: int, today: dt.date) -> Decimal:
    """What was put aside by today: about the monthly share of the target, in some months nothing."""
    saved = Decimal(0)
    for month in range(begun, number_of(today) + 1):
        chance = Random(f"{place}/{month}")
        share = Decimal(round(target / months * chance.uniform(0.5, 1.2) / 100) * 100)
        if chance.random() < 0.85 and first_of(month).replace(day=_SAVING_DAY) <= today:
            saved += share
    return min(saved, Decimal(target))
