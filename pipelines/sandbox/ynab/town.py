"""The state of the pretend YNAB: its plan, the day it is there, and its answers cut to what changed.

Put here what an endpoint answers with. Keep HTTP out (`server`) and the story itself (`story`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from random import Random

from pipelines.sandbox.ynab.book import PlanBook
from pipelines.sandbox.ynab.envelopes import Month, balances, month_of, months, next_month
from pipelines.sandbox.ynab.money import CURRENCIES, Document
from pipelines.sandbox.ynab.settings import PERSON, YnabSettings
from pipelines.sandbox.ynab.story import DAY, Story
from pipelines.sandbox.ynab.wire import Wire
from pipelines.sources.exact_json import json_text

NEXT_DAY, CHANGE = "d", "c"
"""A step: a day passes, or things only change; as in the other pretend services."""


class YnabTown:
    """One person's plan."""

    def __init__(self, settings: YnabSettings) -> None:
        """Live the plan from its first day until today."""
        self._settings = settings
        self._currency = CURRENCIES[settings.currency]
        self.first_day = settings.first_day
        self.today = settings.first_day
        self._changes = 0
        self.book = PlanBook(f"{PERSON.split()[0]}'s Plan", f"{settings.seed}/{settings.currency}")
        self.story = Story(self.book, self._currency, settings.seed, self.first_day)
        self._wire = Wire(self.book, self._currency)
        self._last_told: dict[tuple[str, str], tuple[str, int]] = {}
        self._months: tuple[tuple[int, dt.date], list[Month]] | None = None
        self.user_id = self.book.new_id()
        self.story.live(self.today)
        while self.today < settings.today:
            self.step(NEXT_DAY)

    def step(self, kind: str) -> None:
        """Let a day pass (`NEXT_DAY`) or only corrections be made (`CHANGE`)."""
        if kind == NEXT_DAY:
            self.today += DAY
            self.story.live(self.today)
            return
        self._changes += 1
        chance = Random(f"{self._settings.seed}/ynab/change/{self._changes}")
        for _ in range(5):
            self.story.correct(self.today, chance)

    def plans(self) -> Document:
        """The list of plans."""
        last = next_month(self.today)
        plan = self._wire.plan(month_of(self.first_day), last, self.today)
        return {"plans": [plan]}

    def plan_settings(self) -> Document:
        """The plan's settings."""
        plan = self._wire.plan(self.first_day, self.today, self.today)
        return {"settings": {name: plan[name] for name in ("date_format", "currency_format")}}

    def accounts(self, knowledge: int | None) -> Document:
        """The accounts; deleted ones with changes only."""
        held = balances(self.book)
        rows = [self._wire.account(each, *held[each.id]) for each in self.book.accounts.values()]
        return self._answer("accounts", self._changed("accounts", rows, knowledge))

    def categories(self, knowledge: int | None) -> Document:
        """The categories by group, with the amounts of the present month."""
        month = self._month(month_of(self.today))
        rows = [self._wire.category(each, month) for each in self.book.categories.values()]
        told = self._changed("categories", rows, knowledge)
        groups = [
            self._wire.group(key, inside)
            for key in self.book.groups
            if (inside := [row for row in told if row["category_group_id"] == key]) or knowledge is None
        ]
        return self._answer("category_groups", groups)

    def payees(self, knowledge: int | None) -> Document:
        """The payees."""
        rows = [each for each in self.book.payees.values() if _is_told(each.count, knowledge, is_deleted=each.deleted)]
        return self._answer("payees", [self._wire.payee(each) for each in rows])

    def months(self, knowledge: int | None) -> Document:
        """The months without their categories; one has changed when anything in it has."""
        rows = []
        for month in self._all_months():
            row = self._wire.month(month)
            whole = {**row, "categories": self._categories_of(month)}
            if self._changed("months", [whole], knowledge, key="month"):
                rows.append(row)
        return self._answer("months", list(reversed(rows)))

    def month(self, first: dt.date) -> Document | None:
        """A month with its categories; None outside the plan."""
        if not any(month.first == first for month in self._all_months()):
            return None
        month = self._month(first)
        return {"month": {**self._wire.month(month), "categories": self._categories_of(month)}}

    def transactions(self, knowledge: int | None, since: dt.date, until: dt.date | None) -> Document:
        """The transactions of some days; deleted ones with changes only."""
        rows = [
            self._wire.transaction(each, with_deleted=knowledge is not None)
            for each in self.book.transactions.values()
            if _is_told(each.count, knowledge, is_deleted=each.deleted)
            and since <= each.date
            and (until is None or each.date <= until)
        ]
        return self._answer("transactions", sorted(rows, key=lambda row: str(row["date"])))

    def scheduled(self, knowledge: int | None) -> Document:
        """The scheduled transactions."""
        rows = [
            self._wire.scheduled(each)
            for each in self.book.scheduled.values()
            if _is_told(each.count, knowledge, is_deleted=each.deleted)
        ]
        return self._answer("scheduled_transactions", rows)

    def _answer(self, name: str, rows: list[Document]) -> Document:
        return {name: rows, "server_knowledge": self.book.count}

    def _changed(
        self, what: str, rows: Iterable[Mapping[str, object]], knowledge: int | None, key: str = "id"
    ) -> list[Document]:
        """Rows whose text is not what it was up to `knowledge`; all that are not deleted when there is none."""
        found = []
        for row in rows:
            place, text = (what, str(row[key])), json_text(dict(row))
            if self._last_told.get(place, ("", 0))[0] != text:
                self._last_told[place] = text, self.book.count
            if _is_told(self._last_told[place][1], knowledge, is_deleted=bool(row["deleted"])):
                found.append(dict(row))
        return found

    def _categories_of(self, month: Month) -> list[Document]:
        return [self._wire.category(each, month) for each in self.book.categories.values() if not each.deleted]

    def _month(self, first: dt.date) -> Month:
        return next(month for month in self._all_months() if month.first == first)

    def _all_months(self) -> list[Month]:
        key = (self.book.count, self.today)
        if self._months is None or self._months[0] != key:
            self._months = key, months(self.book, self.first_day, next_month(self.today))
        return self._months[1]


def _is_told(count: int, knowledge: int | None, *, is_deleted: bool) -> bool:
    return not is_deleted if knowledge is None else count > knowledge
