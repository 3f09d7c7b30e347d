"""The rent houses of the pretend landlords: houses, units, and who rents what from when until when.

All of it follows from the seed, the person and the calendar: a unit is let for a fixed number of months, stands empty
for one, and is let again. What tenants owe and pay is in `rent_book`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from random import Random

from pipelines.sandbox.hishebi.months import first_of, last_of, number_of
from pipelines.sandbox.hishebi.naming import pretend_id
from pipelines.sandbox.hishebi.people import Person

_HOUSES = (("Mirpur house", "House 12, Road 4, Mirpur, Dhaka"), ("রহমান ভিলা", "২৩ কলেজ রোড, বগুড়া"))
_UNITS = (("2A", "flat"), ("2B", "flat"), ("3A", "flat"), ("দোকান ১", "shop"), ("Roof room", "room"), ("4B", "flat"))
_RENTS = {"flat": (9_000, 22_000), "shop": (6_000, 15_000), "room": (3_000, 5_500)}
_TENANTS = (
    "Abdul Karim",
    "শাহানা বেগম",
    "Mizanur Rahman",
    "Rokeya Khatun",
    "জাকির হোসেন",
    "Bikash Saha",
    "Tania Ahmed",
    "মোঃ সেলিম",
    "Farid & Sons",
)
_RAISE_MONTH = 1


@dataclass(frozen=True, slots=True)
class Tenancy:
    """One tenant in one unit, from the first day of a month to the last day of another.

    Attributes:
        tenant_id: Its id at Hishebi.
        unit_id: The unit.
        name: The tenant.
        first_month: Month it begins, as a number of `months`.
        last_month: Month it ends.
        first_rent: Taka a month in the beginning.
        yearly_raise: Taka more from every January on.
        service: Taka of service charge a month, 0 without.
        method: How the tenant pays.
    """

    tenant_id: str
    unit_id: str
    name: str
    first_month: int
    last_month: int
    first_rent: int
    yearly_raise: int
    service: int
    method: str

    @property
    def deposit(self) -> Decimal:
        """What the landlord holds as security: two months' rent of the beginning."""
        return Decimal(2 * self.first_rent)

    @property
    def start_date(self) -> dt.date:
        """The first day."""
        return first_of(self.first_month)

    @property
    def end_date(self) -> dt.date:
        """The last day."""
        return last_of(self.last_month)

    def rent_in(self, month: int) -> Decimal:
        """The rent of a month."""
        return Decimal(self.first_rent + self.yearly_raise * (month // 12 - self.first_month // 12))

    def changes_on(self, day: dt.date) -> bool:
        """Whether a tenant moves in, is gone, or pays another rent from this day on."""
        is_raised = (day.day, day.month) == (1, _RAISE_MONTH) and self.yearly_raise > 0
        is_running = self.start_date < day <= self.end_date
        return day in {self.start_date, self.end_date + dt.timedelta(days=1)} or (is_raised and is_running)

    def wire(self, today: dt.date, dues: Decimal) -> dict[str, object]:
        """The tenant as the API sends it; the end is told once it is there."""
        is_over = self.end_date < today
        return {
            "id": self.tenant_id,
            "name": self.name,
            "unit_id": self.unit_id,
            "monthly_rent": self.rent_in(min(number_of(today), self.last_month)),
            "deposit": self.deposit,
            "dues": dues,
            "start_date": self.start_date.isoformat(),
            "end_date": self.end_date.isoformat() if is_over else None,
            "status": "ended" if is_over else "active",
        }


@dataclass(frozen=True, slots=True)
class Unit:
    """One flat, shop or room, and what it would be let for, in taka a month."""

    unit_id: str
    name: str
    kind: str
    market_rent: int

    def wire(self) -> dict[str, object]:
        """The unit as the API sends it."""
        return {"id": self.unit_id, "name": self.name, "kind": self.kind, "market_rent": self.market_rent}


@dataclass(frozen=True, slots=True)
class House:
    """One property of a landlord."""

    property_id: str
    name: str
    address: str
    units: tuple[Unit, ...]

    def wire(self) -> dict[str, object]:
        """The property as the API sends it."""
        units = [unit.wire() for unit in self.units]
        return {"id": self.property_id, "name": self.name, "address": self.address, "kind": "house", "units": units}


def houses_of(seed: int, person: Person) -> list[House]:
    """A person's rent houses; two of three people have none."""
    return [_house(seed, person, number) for number in range(person.houses)]


def tenancies_of(house: House, since: dt.date, today: dt.date) -> Iterator[Tenancy]:
    """Every tenancy of a house that began by `today` and had not ended before `since`."""
    for unit in house.units:
        chance = Random(f"{unit.unit_id}/turns")
        months, phase = chance.randint(11, 26), chance.randrange(24)
        for turn in range((number_of(since) - phase) // months, (number_of(today) - phase) // months + 1):
            tenancy = _tenancy(unit, turn, phase + turn * months, months)
            if since <= tenancy.end_date and tenancy.start_date <= today:
                yield tenancy


def _house(seed: int, person: Person, number: int) -> House:
    place = (seed, person.user_id, "house", number)
    chance = Random("/".join(str(part) for part in place))
    name, address = _HOUSES[number]
    units = []
    for unit_name, kind in chance.sample(_UNITS, chance.randint(3, 6)):
        market_rent = chance.randrange(*_RENTS[kind], 500)
        units.append(Unit(pretend_id("un", *place, unit_name), unit_name, kind, market_rent))
    return House(pretend_id("p", *place), name, address, tuple(units))


def _tenancy(unit: Unit, turn: int, first_month: int, months: int) -> Tenancy:
    chance = Random(f"{unit.unit_id}/{turn}")
    return Tenancy(
        tenant_id=pretend_id("t", unit.unit_id, turn),
        unit_id=unit.unit_id,
        name=chance.choice(_TENANTS),
        first_month=first_month,
        last_month=first_month + months - 2,  # then it stands empty for a month
        first_rent=unit.market_rent - chance.randrange(0, 1_500, 500),
        yearly_raise=chance.choice((0, 500, 500, 1_000)),
        service=chance.choice((0, 0, 500, 800)),
        method=chance.choice(("cash", "bkash", "nagad", "bank")),
    )
