"""What the pretend person does: begins a plan, earns, spends, saves, splits, moves money, and corrects himself.

Everything follows from the seed and the day, so that a plan begun on the same day and lived to the same day is the
same plan. Amounts are told in taka and scaled to the plan's currency.
"""

from __future__ import annotations

import datetime as dt
from random import Random

from pipelines.sandbox.ynab.book import (
    HIDDEN,
    INTERNAL,
    READY,
    STARTING_BALANCE,
    UNCATEGORIZED,
    Category,
    Part,
    PlanBook,
    Scheduled,
    Transaction,
)
from pipelines.sandbox.ynab.envelopes import month_of, next_month
from pipelines.sandbox.ynab.money import Currency

DAY = dt.timedelta(days=1)
SALARY_DAY, RENT_DAY, SAVING_DAY, CARD_DAY = 1, 3, 5, 20
SALARY = 74_000

_MONTHLY = {
    "Rent": 21_000,
    "Electricity": 2_400,
    "Internet": 1_200,
    "Phone": 800,
    "Groceries": 13_000,
    "Transport": 3_600,
    "Eating Out": 2_900,
    "Medicine": 700,
    "Parents": 6_000,
    "Fun Money": 1_700,
    "Eid Travel": 4_000,
    "Emergency Fund": 5_000,
    "New Laptop": 3_500,
}
_GROUPS = {
    "Bills": ("Rent", "Electricity", "Internet", "Phone"),
    "Everyday": ("Groceries", "Transport", "Eating Out", "Medicine"),
    "Family": ("Parents", "Fun Money"),
    "Savings Goals": ("Eid Travel", "Emergency Fund", "New Laptop"),
}
_SPENDING = (
    ("Groceries", ("Shwapno", "Meena Bazar", "কাঁচা বাজার"), 350, 1_900, 0.42),
    ("Transport", ("Pathao", "CNG", "Padma Filling Station"), 80, 420, 0.5),
    ("Eating Out", ("Kacchi Bhai", "North End Coffee", "ফুচকা ওয়ালা"), 120, 950, 0.2),
    ("Medicine", ("Lazz Pharma",), 90, 800, 0.06),
    ("Fun Money", ("Star Cineplex", "Rokomari"), 250, 1_400, 0.08),
)
_MEMOS = ("", "", "", "with Ayesha", "মাসের বাজার", "paid by card")
_FLAGS = (None, None, None, None, "red", "blue")


class Story:
    """Lives one plan, day by day."""

    def __init__(self, book: PlanBook, currency: Currency, seed: int, first_day: dt.date) -> None:
        """Begin the plan on its first day."""
        self.book = book
        self._money = currency.milliunits
        self._seed = seed
        self._begin(first_day)

    def live(self, day: dt.date) -> None:
        """Let a day pass: what it brings, then what is corrected."""
        chance = Random(f"{self._seed}/ynab/{day}")
        if day.day == SALARY_DAY:
            self._assign(month_of(day), chance)
        self._regular(day)
        self._everyday(day, chance)
        self._clear(day)
        self.correct(day, chance)

    def correct(self, day: dt.date, chance: Random) -> None:
        """One edit and one change of a split in most weeks, and now and then a deletion, among the last forty days."""
        recent = [
            each
            for each in self.book.transactions.values()
            if not each.deleted and each.transfer is None and day - each.date < dt.timedelta(days=40)
        ]
        small = -self._money(2_000)
        plain = [each for each in recent if not each.parts and small < each.amount < 0]
        split = [each for each in recent if each.live_parts]
        if plain and chance.random() < 0.3:
            edited = chance.choice(plain)
            edited.memo, edited.flag = "corrected", "yellow"
            edited.amount -= self._money(chance.randrange(5, 60))
            self.book.change(edited)
        if plain and chance.random() < 0.12:
            self.book.delete(chance.choice(plain))
        if split and chance.random() < 0.15:
            chosen = chance.choice(split)
            if all(part.transfer is None for part in chosen.live_parts):
                self._part_anew(chosen, chance)

    def _begin(self, day: dt.date) -> None:
        book = self.book
        for name in (READY, UNCATEGORIZED):
            book.add_category(INTERNAL, name)
        self.current = book.add_account("BRAC Current", "checking")
        self.savings = book.add_account("City Savings", "savings")
        self.card = book.add_account("BRAC Visa", "creditCard")
        self.cash = book.add_account("Cash", "cash")
        self.deposit = book.add_account("DPS Deposit", "otherAsset", on_budget=False)
        self.old = book.add_account("Old Wallet", "cash")
        self.old.closed, self.old.note = True, "lost in 2019"
        for group, names in _GROUPS.items():
            for name in names:
                book.add_category(group, name, **self._goal(name, day))
        book.add_category(HIDDEN, "Gym").hidden = True
        book.category("Parents").note = "আব্বা-আম্মার জন্য"
        ready = book.category(READY)
        for account, taka in ((self.current, 42_000), (self.savings, 110_000), (self.cash, 3_200), (self.card, -8_400)):
            category = ready if taka > 0 else None
            opening = book.enter(account, day, self._money(taka), STARTING_BALANCE, category)
            opening.cleared = "reconciled"
        book.enter(self.deposit, day, self._money(60_000), STARTING_BALANCE, None).cleared = "reconciled"
        self._schedule(day)

    def _goal(self, name: str, day: dt.date) -> dict[str, object]:
        begun = {"goal_creation_month": month_of(day).isoformat()}
        goals: dict[str, dict[str, object]] = {
            "Eid Travel": {
                "goal_type": "TBD",
                "goal_target": self._money(80_000),
                "goal_target_date": f"{day.year + 2}-03-01",
            },
            "Emergency Fund": {"goal_type": "TB", "goal_target": self._money(200_000)},
            "New Laptop": {
                "goal_type": "NEED",
                "goal_target": self._money(95_000),
                "goal_target_date": f"{day.year + 2}-06-01",
                "goal_cadence": 0,
                "goal_needs_whole_amount": True,
            },
            "Rent": {
                "goal_type": "NEED",
                "goal_target": self._money(_MONTHLY["Rent"]),
                "goal_cadence": 1,
                "goal_cadence_frequency": 1,
                "goal_day": RENT_DAY,
                "goal_needs_whole_amount": True,
            },
            "Fun Money": {"goal_type": "MF", "goal_target": self._money(_MONTHLY["Fun Money"])},
        }
        return {**goals[name], **begun} if name in goals else {}

    def _schedule(self, day: dt.date) -> None:
        book, first = self.book, next_month(day)
        rent = book.category("Rent").id
        plans = (
            (RENT_DAY, "monthly", -_MONTHLY["Rent"], "Landlord", rent),
            (SALARY_DAY, "monthly", SALARY, "Employer", book.category(READY).id),
        )
        for of_month, frequency, taka, payee, category in plans:
            begins = first.replace(day=of_month)
            made = Scheduled(
                book.new_id(), self.current.id, begins, begins, frequency, self._money(taka), None, category
            )
            made.payee = book.payee(payee).id
            book.schedule(made)
        saving = first.replace(day=SAVING_DAY)
        payee_id = book.transfer_payee(self.savings.id).id
        amount = -self._money(6_000)
        saved = Scheduled(book.new_id(), self.current.id, saving, saving, "monthly", amount, payee_id, None)
        saved.transfer = self.savings.id
        book.schedule(saved)
        shopping = Scheduled(book.new_id(), self.cash.id, first, first, "monthly", -self._money(1_500), None, None)
        shopping.payee = book.payee("Shwapno").id
        for name, taka in (("Groceries", 1_000), ("Medicine", 500)):
            shopping.parts.append(Part(book.new_id(), -self._money(taka), book.category(name).id))
        book.schedule(shopping)

    def _assign(self, month: dt.date, chance: Random) -> None:
        for name, taka in _MONTHLY.items():
            category = self.book.category(name)
            self.book.assign(month, category, self._money(taka))
            if chance.random() < 0.2:
                self.book.assign(next_month(month), category, self._money(100))

    def _regular(self, day: dt.date) -> None:
        book = self.book
        if day.day == SALARY_DAY:
            salary = book.enter(self.current, day, self._money(SALARY), "Employer", book.category(READY))
            salary.import_id = f"YNAB:{salary.amount}:{day}:1"
            book.enter(self.current, day, -self._money(_MONTHLY["Parents"]), "আম্মা", book.category("Parents"))
        if day.day == RENT_DAY:
            for payee, name in (("Landlord", "Rent"), ("DESCO", "Electricity"), ("Link3", "Internet"), ("GP", "Phone")):
                book.enter(self.current, day, -self._money(_MONTHLY[name]), payee, book.category(name))
            book.transfer(self.current, self.cash, day, self._money(13_000))
            self._advance(day)
        if day.day == SAVING_DAY:
            book.transfer(self.current, self.savings, day, self._money(6_000))
            deposit = book.transfer(self.current, self.deposit, day, self._money(2_000))
            deposit.category = book.category("Emergency Fund").id
        if day.day == CARD_DAY:
            book.transfer(self.current, self.card, day, self._money(4_800))
            book.enter(self.deposit, day, self._money(350), "DPS profit", None)

    def _advance(self, day: dt.date) -> None:
        """Scheduled transactions of a month that came are due in the next."""
        for each in self.book.scheduled.values():
            if each.frequency == "monthly" and each.next <= day and not each.deleted:
                each.next = next_month(day).replace(day=each.next.day)
                self.book.schedule(each)

    def _everyday(self, day: dt.date, chance: Random) -> None:
        for name, payees, least, most, likelihood in _SPENDING:
            if chance.random() >= likelihood:
                continue
            account = chance.choice((self.cash, self.card, self.current, self.cash))
            category: Category | None = self.book.category(name)
            if chance.random() < 0.02:
                category = None
            made = self.book.enter(
                account, day, -self._money(chance.randrange(least, most)), chance.choice(payees), category
            )
            made.memo, made.flag = chance.choice(_MEMOS) or None, chance.choice(_FLAGS)
            made.approved = chance.random() > 0.05
            if name == "Groceries" and chance.random() < 0.25:
                self._part_anew(made, chance)
            if name == "Groceries" and chance.random() < 0.03:
                self._cash_back(made)
        if chance.random() < 0.03:
            # Money back from a shop goes back into the envelope it came from.
            self.book.enter(
                self.card, day, self._money(chance.randrange(50, 400)), "Shwapno", self.book.category("Groceries")
            )

    def _part_anew(self, transaction: Transaction, chance: Random) -> None:
        """Split a transaction over two or three categories, or make a split one whole again."""
        groceries, medicine, fun = (self.book.category(name) for name in ("Groceries", "Medicine", "Fun Money"))
        if transaction.live_parts and chance.random() < 0.3:
            transaction.category = groceries.id
            self.book.split(transaction, [])
            return
        step = self._money(10) or 1
        some = -step * chance.randrange(1, 8)
        rest = transaction.amount - some
        parts: list[tuple[int, Category | None]] = [(rest, groceries), (some, medicine)]
        if chance.random() < 0.3:
            parts = [(rest, groceries), (some - step, medicine), (step, fun)]
        self.book.split(transaction, parts)

    def _cash_back(self, transaction: Transaction) -> None:
        """Cash handed out at the till: a part of the purchase is a transfer."""
        if transaction.account == self.cash.id:
            return
        self.book.split(transaction, [(transaction.amount, self.book.category("Groceries")), (-self._money(500), None)])
        self.book.split_transfer(transaction, transaction.live_parts[1], self.cash)

    def _clear(self, day: dt.date) -> None:
        """The bank has booked what is three days old."""
        for each in self.book.transactions.values():
            if each.date == day - 3 * DAY and each.cleared == "uncleared" and not each.deleted:
                each.cleared, each.count = "cleared", self.book.touch()
