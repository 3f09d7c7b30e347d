"""What the pretend people wrote down: entries day by day, and the changes they make between two pulls.

A day's entries follow from the seed, the person and the date alone, so the same seed tells the same story whenever
it is asked. A *step* is what happens between two pulls: late entries, one edit and one deletion within the last
fourteen days, and for a `next-day` step a new day as well.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from random import Random

from pipelines.sandbox.hishebi.lending import LOAN_RETURNED, MONEY_LENT, loan_on
from pipelines.sandbox.hishebi.months import month_before
from pipelines.sandbox.hishebi.naming import pretend_id
from pipelines.sandbox.hishebi.people import Person

CURRENCY = "BDT"
MONTHS = 24
NEXT_DAY, CHANGE = "d", "c"
"""The two kinds of step."""
DAY = dt.timedelta(days=1)
_EDIT_REACH_DAYS = 13

_HABITS: tuple[tuple[str, float, int, int, tuple[tuple[str, str, str], ...]], ...] = (
    (
        "groceries",
        0.42,
        180,
        3200,
        (("Agora", "আগোরা", "superstore"), ("Shwapno", "স্বপ্ন", "superstore"), ("Meena Bazar", "মীনা বাজার", "superstore")),
    ),
    (
        "groceries",
        0.22,
        60,
        900,
        (("Kacha bazar", "কাঁচাবাজার: মাছ ও সবজি", "fish and vegetables"), ("Fish and vegetables", "কাঁচাবাজার", "")),
    ),
    ("transport", 0.55, 20, 120, (("Rickshaw", "রিকশা", "rickshaw"), ("Bus", "বাস ভাড়া", "bus"))),
    ("transport", 0.16, 90, 380, (("Pathao", "পাঠাও", "ride share"), ("CNG", "সিএনজি", ""))),
    ("eating out", 0.12, 150, 1600, (("Star Kabab", "স্টার কাবাব", ""), ("Tea and singara", "চা-সিঙ্গারা", "tea stall"))),
    ("clothes", 0.03, 600, 4500, (("Aarong", "আড়ং", ""), ("New Market", "নিউ মার্কেট", ""))),
    ("gifts", 0.02, 500, 3000, (("Wedding gift", "বিয়ের উপহার", ""), ("Eidi", "ঈদি", ""))),
)
"""Category, chance a day, least and most in whole taka; notes in English and Bangla, with a subcategory or none."""
_COUNTER = "counter"
"""Where cash purchases are written down, in the service's words."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as Hishebi holds it; the amount is unsigned taka."""

    entry_id: str
    kind: str
    amount: Decimal
    date: dt.date
    category: str = ""
    counterparty: str = ""
    note: str | None = None
    subcategory: str = ""
    source: str = ""

    def wire(self) -> dict[str, object]:
        """The entry as the API sends it: only the fields its kind has."""
        fields: dict[str, object] = {"id": self.entry_id, "kind": self.kind, "amount": self.amount}
        if self.category:
            fields["category"] = self.category
        if self.subcategory:
            fields["subcategory"] = self.subcategory
        if self.counterparty:
            fields["counterparty"] = self.counterparty
        fields["date"] = self.date.isoformat()
        if self.note is not None:
            fields["note"] = self.note
        if self.source:
            fields["source"] = self.source
        return fields


class Book:
    """One person's entries after a number of steps."""

    def __init__(self, seed: int, person: Person, first_day: dt.date, steps: str) -> None:
        """Write 24 months up to `first_day`, then take the steps."""
        self._seed = seed
        self._person = person
        self._entries: dict[str, Entry] = {}
        self._today = first_day
        self._steps = 0
        day = month_before(first_day, MONTHS)
        while day <= first_day:
            self._write(self._of_day(day))
            day += DAY
        for step in steps:
            self.take(step)

    @property
    def today(self) -> dt.date:
        """The last day that was written."""
        return self._today

    def between(self, first: dt.date, last: dt.date) -> list[Entry]:
        """Entries from `first` to `last`, by date and id."""
        found = [entry for entry in self._entries.values() if first <= entry.date <= last]
        return sorted(found, key=lambda entry: (entry.date, entry.entry_id))

    def entry_ids(self) -> set[str]:
        """Ids of every entry there is now."""
        return set(self._entries)

    def besides(self, known: set[str]) -> list[Entry]:
        """Entries with other ids, by date and id."""
        found = [entry for entry in self._entries.values() if entry.entry_id not in known]
        return sorted(found, key=lambda entry: (entry.date, entry.entry_id))

    def written_on(self, day: dt.date) -> list[str]:
        """Ids of the entries first written for a day, whatever became of them."""
        return [entry.entry_id for entry in self._of_day(day)]

    def take(self, step: str) -> None:
        """Let one step happen."""
        self._steps += 1
        if step == NEXT_DAY:
            self._today += DAY
            self._write(self._of_day(self._today))
        self._change()

    def _change(self) -> None:
        chance = Random(f"{self._seed}/{self._person.user_id}/step/{self._steps}")
        recent = self.between(self._today - dt.timedelta(days=_EDIT_REACH_DAYS), self._today - DAY)
        if len(recent) > 1:
            edited, gone = chance.sample(recent, 2)
            note = self._say("corrected", "সংশোধিত")
            self._entries[edited.entry_id] = replace(edited, amount=edited.amount + chance.randint(1, 90), note=note)
            del self._entries[gone.entry_id]
        late = [
            ("expense", Decimal(chance.randint(40, 800)), "transport", self._say("late: Pathao", "পরে লেখা: পাঠাও")),
            ("expense", Decimal(chance.randint(15000, 90000)).scaleb(-2), "medicine", self._say("Lazz Pharma", "ওষুধ")),
        ]
        for number, (kind, amount, category, note) in enumerate(late):
            day = self._today - chance.randint(0, 3) * DAY
            name = _entry_id(self._seed, self._person, f"step/{self._steps}/{number}")
            self._write([Entry(name, kind, amount, day, category=category, note=note)])

    def _write(self, entries: list[Entry]) -> None:
        self._entries.update((entry.entry_id, entry) for entry in entries)

    def _of_day(self, day: dt.date) -> list[Entry]:
        chance = Random(f"{self._seed}/{self._person.user_id}/{day}")
        drafts = [*self._regular(day, chance), *self._now_and_then(day, chance), *self._lent(day)]
        return [
            replace(draft, entry_id=_entry_id(self._seed, self._person, f"{day}/{number}"))
            for number, draft in enumerate(drafts)
        ]

    def _regular(self, day: dt.date, chance: Random) -> Iterator[Entry]:
        person = self._person
        month = calendar.month_name[day.month]
        if day.day == person.salary_day:
            note = self._say(f"Salary {month}", "বেতন")
            yield Entry("", "income", Decimal(person.salary), day, category="salary", note=note)
        if day.day == person.salary_day and day.month in {4, 6}:
            note = self._say("Eid bonus", "ঈদ বোনাস")
            yield Entry("", "income", Decimal(person.salary // 2), day, category="bonus", note=note)
        if day.day == 5 and person.rent:
            note = self._say("House rent", "বাসা ভাড়া")
            yield Entry("", "expense", Decimal(person.rent), day, category="rent", note=note)
        if day.day == 8:
            note = self._say("Internet", "ইন্টারনেট বিল")
            yield Entry("", "expense", Decimal(1050), day, category="internet", note=note)
        if day.day == 10:
            bill = Decimal(chance.randint(65_000, 320_000)).scaleb(-2)
            note = self._say("DESCO prepaid", "বিদ্যুৎ বিল")
            yield Entry("", "expense", bill, day, category="electricity", note=note)
        if day.day == 11 and person.school_fee:
            note = self._say("School fee", "স্কুলের বেতন")
            yield Entry("", "expense", Decimal(person.school_fee), day, category="education", note=note)
        if day.day == 12 and person.instalment:
            yield Entry("", "debt_payment", Decimal(person.instalment), day, counterparty=person.lender)

    def _now_and_then(self, day: dt.date, chance: Random) -> Iterator[Entry]:
        for category, often, least, most, notes in _HABITS:
            if chance.random() < often:
                amount = Decimal(chance.randint(least // 10, most // 10) * 10)
                english, bangla, subcategory = chance.choice(notes)
                note = self._say(english, bangla)
                yield Entry("", "expense", amount, day, category, "", note, subcategory, _COUNTER)
        if chance.random() < 0.1:
            amount = Decimal(chance.choice((50, 100, 200, 398)))
            note = self._say("GP recharge", "মোবাইল রিচার্জ")
            yield Entry("", "expense", amount, day, category="mobile recharge", note=note)
        if chance.random() < 0.07:
            amount = Decimal(chance.randint(8_000, 240_000)).scaleb(-2)
            note = self._say("Lazz Pharma", "ওষুধ")
            yield Entry("", "expense", amount, day, category="medicine", note=note)
        if self._person.freelances and chance.random() < 0.06:
            amount = Decimal(chance.randrange(3_000, 16_000, 500))
            note = self._say("Website for a shop", "ফ্রিল্যান্স কাজ")
            yield Entry("", "income", amount, day, category="freelance", note=note)

    def _lent(self, day: dt.date) -> Iterator[Entry]:
        """Money lent to a friend, and what comes of it: the published kinds have no word of their own for either."""
        loan = loan_on(self._seed, self._person, day)
        if loan is not None and day == loan.lent_on:
            note = self._say("Lent", "ধার")
            yield Entry("", "expense", loan.principal, day, MONEY_LENT, loan.friend, note)
        elif loan is not None and loan.is_paid_on(day):
            yield Entry("", "income", loan.part, day, LOAN_RETURNED, loan.friend, "")

    def _say(self, english: str, bangla: str) -> str:
        return bangla if self._person.writes_bangla else english


def _entry_id(seed: int, person: Person, place: str) -> str:
    return pretend_id("e", seed, person.user_id, place)
