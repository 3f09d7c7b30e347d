"""Everything the pretend service holds of one person, on the day it is there: rows as the API sends them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from pipelines.sandbox.hishebi.cash_counts import cash_counts_of
from pipelines.sandbox.hishebi.debts import debts_of
from pipelines.sandbox.hishebi.goals import goals_of
from pipelines.sandbox.hishebi.months import month_before
from pipelines.sandbox.hishebi.notes import told_notes
from pipelines.sandbox.hishebi.people import Person
from pipelines.sandbox.hishebi.refusals import Refused
from pipelines.sandbox.hishebi.rent_book import RentBook
from pipelines.sandbox.hishebi.rent_houses import House, houses_of, tenancies_of
from pipelines.sandbox.hishebi.story import MONTHS, Book

Wire = dict[str, object]


class Household:
    """One person's books. Spans include both their days; nothing is told of days that are yet to come."""

    def __init__(self, seed: int, person: Person, first_day: dt.date, steps: str) -> None:
        """Open the books on the first day and take the steps."""
        self._seed = seed
        self._person = person
        self._since = month_before(first_day, MONTHS)
        self.book = Book(seed, person, first_day, steps)
        self._houses = {house.property_id: house for house in houses_of(seed, person)}

    @property
    def today(self) -> dt.date:
        """The day it is in the books."""
        return self.book.today

    def entries(self, first: dt.date, last: dt.date) -> list[Wire]:
        """The ledger's entries."""
        return [entry.wire() for entry in self.book.between(first, last)]

    def debts(self) -> list[Wire]:
        """Debts, both ways, as they stand today."""
        return debts_of(self._seed, self._person, self.book.between(dt.date.min, self.today), self._since, self.today)

    def goals(self) -> list[Wire]:
        """Savings goals, as they stand today."""
        return goals_of(self._seed, self._person, self._since, self.today)

    def cash_counts(self, first: dt.date, last: dt.date) -> list[Wire]:
        """Counts of the till."""
        return list(cash_counts_of(self._seed, self._person, *self._told(first, last)))

    def notes(self, first: dt.date, last: dt.date) -> list[Wire]:
        """The notes of the story; those written through the API are the town's."""
        return [note.wire() for note in told_notes(self._seed, self._person, self.book, *self._told(first, last))]

    def houses(self) -> list[House]:
        """The rent houses."""
        return list(self._houses.values())

    def house(self, property_id: str) -> House:
        """One rent house. Raises Refused."""
        if property_id not in self._houses:
            raise Refused(404, "NOT_FOUND", "there is no such property")
        return self._houses[property_id]

    def rent_books(self, house: House) -> Iterator[RentBook]:
        """The book of every tenancy of a house."""
        return (RentBook(tenancy, self.today) for tenancy in tenancies_of(house, self._since, self.today))

    def tenants(self, house: House) -> list[Wire]:
        """Tenants of a house, now and before."""
        return [book.tenant(self.today) for book in self.rent_books(house)]

    def payments(self, house: House, first: dt.date, last: dt.date) -> list[Wire]:
        """What tenants of a house paid."""
        return within((row for book in self.rent_books(house) for row in book.payments), "date", first, last)

    def dues(self, house: House, first: dt.date, last: dt.date) -> list[Wire]:
        """What tenants of a house were charged."""
        return within((row for book in self.rent_books(house) for row in book.dues), "due_date", first, last)

    def _told(self, first: dt.date, last: dt.date) -> tuple[dt.date, dt.date]:
        return max(first, self._since), min(last, self.today)


def within(rows: Iterator[Wire], name: str, first: dt.date, last: dt.date) -> list[Wire]:
    """Rows whose day under this name is from `first` to `last`; an instant counts by its day in Dhaka."""
    return [row for row in rows if first.isoformat() <= str(row[name])[:10] <= last.isoformat()]
