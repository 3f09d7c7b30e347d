"""The pretend people of the sandbox: who they are and how they earn, owe and spend. No real person is meant.

Everything about a person follows from the seed and their number. What they wrote down day by day is in `story`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from random import Random

PASSWORD = "hishebi-demo"  # noqa: S105 - the sandbox prints it
"""Every pretend person's password."""

_NAMES = (
    ("Ayesha Rahman", "আয়েশা রহমান"),
    ("Tanvir Hasan", "তানভীর হাসান"),
    ("Nusrat Jahan", "নুসরাত জাহান"),
    ("Rafiqul Islam", "রফিকুল ইসলাম"),
    ("Sharmin Akter", "শারমিন আক্তার"),
    ("Imran Chowdhury", "ইমরান চৌধুরী"),
    ("Farzana Kabir", "ফারজানা কবীর"),
    ("Mahmudul Haque", "মাহমুদুল হক"),
    ("Sadia Sultana", "সাদিয়া সুলতানা"),
    ("Arif Hossain", "আরিফ হোসেন"),
    ("Jannatul Ferdous", "জান্নাতুল ফেরদৌস"),
    ("Kamal Uddin", "কামাল উদ্দিন"),
)
_LENDERS = ("Rahim", "করিম চাচা", "Grameen Somity", "সেলিনা আপা", "BRAC Dabi")


@dataclass(frozen=True, slots=True)
class Person:
    """One pretend user of Hishebi. Amounts are whole taka.

    Attributes:
        user_id: Their id at Hishebi.
        email: What they log in with.
        name: Their name in English.
        bangla_name: Their name in Bangla.
        writes_bangla: Whether most of their notes are in Bangla.
        salary: Monthly pay.
        salary_day: Day of the month it arrives.
        rent: Monthly rent, 0 for those who own their home.
        school_fee: Monthly fee, 0 without a child at school.
        instalment: Monthly payment of a debt, 0 without one.
        lender: Who the debt is with.
        freelances: Whether they earn on the side.
        houses: How many rent houses they own.
    """

    user_id: str
    email: str
    name: str
    bangla_name: str
    writes_bangla: bool
    salary: int
    salary_day: int
    rent: int
    school_fee: int
    instalment: int
    lender: str
    freelances: bool
    houses: int


def people(seed: int, count: int) -> list[Person]:
    """The first `count` people of a seed; a larger count keeps the earlier ones as they are."""
    return [_person(seed, number) for number in range(count)]


def _person(seed: int, number: int) -> Person:
    name, bangla_name = _NAMES[number % len(_NAMES)]
    round_no = number // len(_NAMES)
    suffix = str(round_no + 1) if round_no else ""
    chance = Random(f"{seed}/person/{number}")
    salary = chance.randrange(28_000, 95_000, 500)
    return Person(
        user_id="u_" + hashlib.sha256(f"{seed}/{number}".encode()).hexdigest()[:8],
        email=f"{name.split()[0].lower()}{suffix}@example.com",
        name=f"{name} {suffix}".strip(),
        bangla_name=bangla_name,
        writes_bangla=number % 2 == 1,
        salary=salary,
        salary_day=chance.randint(1, 7),
        rent=round(salary * chance.uniform(0.22, 0.34) / 500) * 500 if chance.random() < 0.8 else 0,
        school_fee=chance.randrange(1_500, 6_000, 100) if chance.random() < 0.5 else 0,
        instalment=chance.randrange(1_000, 6_000, 500) if number % 3 != 2 else 0,
        lender=chance.choice(_LENDERS),
        freelances=chance.random() < 0.4,
        houses=(1, 0, 0, 2, 0, 0)[number % 6],
    )
