"""The plan as the pretend YNAB keeps it, and the count of its changes.

Every change raises the count and marks what it touched with it, so that an answer can be cut to what changed since.
Put here what a person can do to a plan. Keep out what the pretend person does (`story`), what follows from it
(`envelopes`) and how it is told (`wire`).
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field

READY, UNCATEGORIZED = "Inflow: Ready to Assign", "Uncategorized"
INTERNAL, CARD_PAYMENTS, HIDDEN = "Internal Master Category", "Credit Card Payments", "Hidden Categories"
STARTING_BALANCE = "Starting Balance"


@dataclass(slots=True)
class Account:
    """An account; amounts are milliunits everywhere."""

    id: str
    name: str
    type: str
    on_budget: bool = True
    closed: bool = False
    deleted: bool = False
    note: str | None = None


@dataclass(slots=True)
class Category:
    """A category; `goal` holds the goal's own fields."""

    id: str
    group: str
    name: str
    hidden: bool = False
    deleted: bool = False
    note: str | None = None
    goal: dict[str, object] = field(default_factory=dict)


@dataclass(slots=True)
class Payee:
    """Whom money goes to; that of a transfer names the account."""

    id: str
    name: str
    account: str | None = None
    deleted: bool = False
    count: int = 0


@dataclass(slots=True)
class Part:
    """One part of a split transaction."""

    id: str
    amount: int
    category: str | None
    memo: str | None = None
    payee: str | None = None
    transfer: str | None = None
    other: str | None = None
    deleted: bool = False


@dataclass(slots=True)
class Transaction:
    """One transaction in one account; `transfer` is the other account, `other` the transaction there."""

    id: str
    account: str
    date: dt.date
    amount: int
    payee: str | None
    category: str | None
    memo: str | None = None
    cleared: str = "uncleared"
    approved: bool = True
    flag: str | None = None
    import_id: str | None = None
    transfer: str | None = None
    other: str | None = None
    parts: list[Part] = field(default_factory=list)
    deleted: bool = False
    count: int = 0

    @property
    def live_parts(self) -> list[Part]:
        """Its parts that are not deleted."""
        return [part for part in self.parts if not part.deleted]


@dataclass(slots=True)
class Scheduled:
    """A transaction to come."""

    id: str
    account: str
    first: dt.date
    next: dt.date
    frequency: str
    amount: int
    payee: str | None
    category: str | None
    memo: str | None = None
    transfer: str | None = None
    parts: list[Part] = field(default_factory=list)
    deleted: bool = False
    count: int = 0


class PlanBook:
    """One plan, and the count of its changes."""

    def __init__(self, name: str, space: str) -> None:
        """Begin empty; ids follow from `space` and the order things are made in."""
        self.name = name
        self._space = uuid.uuid5(uuid.NAMESPACE_URL, f"pretend-ynab/{space}")
        self._made = 0
        self.count = 1
        self.plan_id = self.new_id()
        self.accounts: dict[str, Account] = {}
        self.groups: dict[str, str] = {}
        self.categories: dict[str, Category] = {}
        self.payees: dict[str, Payee] = {}
        self.transactions: dict[str, Transaction] = {}
        self.scheduled: dict[str, Scheduled] = {}
        self.assigned: dict[tuple[dt.date, str], int] = {}

    def new_id(self) -> str:
        """The next id."""
        self._made += 1
        return str(uuid.uuid5(self._space, str(self._made)))

    def touch(self) -> int:
        """Count one more change."""
        self.count += 1
        return self.count

    def group(self, name: str) -> str:
        """The id of the category group of that name, made if need be."""
        found = next((key for key, known in self.groups.items() if known == name), None)
        if found is None:
            found = self.new_id()
            self.groups[found] = name
            self.touch()
        return found

    def add_account(self, name: str, kind: str, *, on_budget: bool = True) -> Account:
        """A new account, with the payee of transfers to it and, for a card, the category of its payments."""
        account = Account(self.new_id(), name, kind, on_budget)
        self.accounts[account.id] = account
        payee = Payee(self.new_id(), f"Transfer : {name}", account.id, count=self.touch())
        self.payees[payee.id] = payee
        if kind == "creditCard":
            self.add_category(CARD_PAYMENTS, name)
        return account

    def add_category(self, group: str, name: str, **goal: object) -> Category:
        """A new category with its goal, if it has one."""
        category = Category(self.new_id(), self.group(group), name, goal=goal)
        self.categories[category.id] = category
        self.touch()
        return category

    def category(self, name: str) -> Category:
        """The category of that name."""
        return next(each for each in self.categories.values() if each.name == name and not each.deleted)

    def payee(self, name: str) -> Payee:
        """The payee of that name, made if need be."""
        found = next((each for each in self.payees.values() if each.name == name and not each.deleted), None)
        if found is None:
            found = Payee(self.new_id(), name, count=self.touch())
            self.payees[found.id] = found
        return found

    def transfer_payee(self, account_id: str) -> Payee:
        """The payee of transfers to an account."""
        return next(each for each in self.payees.values() if each.account == account_id)

    def assign(self, month: dt.date, category: Category, amount: int) -> None:
        """Put money aside (or, below zero, take it back)."""
        self.assigned[month, category.id] = self.assigned.get((month, category.id), 0) + amount
        self.touch()

    def add(self, transaction: Transaction) -> Transaction:
        """Enter a transaction."""
        self.transactions[transaction.id] = transaction
        transaction.count = self.touch()
        return transaction

    def enter(self, account: Account, date: dt.date, amount: int, payee: str, category: Category | None) -> Transaction:
        """Enter an ordinary transaction."""
        key = category.id if category else None
        return self.add(Transaction(self.new_id(), account.id, date, amount, self.payee(payee).id, key))

    def transfer(self, source: Account, target: Account, date: dt.date, amount: int) -> Transaction:
        """Move money: a transaction in each account; the one that leaves is given back."""
        out = Transaction(self.new_id(), source.id, date, -amount, self.transfer_payee(target.id).id, None)
        into = Transaction(self.new_id(), target.id, date, amount, self.transfer_payee(source.id).id, None)
        out.transfer, out.other, into.transfer, into.other = target.id, into.id, source.id, out.id
        self.add(into)
        return self.add(out)

    def split(self, transaction: Transaction, parts: list[tuple[int, Category | None]]) -> None:
        """Part a transaction anew: former parts are deleted; with no parts it is whole again."""
        for part in transaction.live_parts:
            part.deleted = True
        transaction.parts += [Part(self.new_id(), amount, into.id if into else None) for amount, into in parts]
        if parts:
            transaction.amount = sum(amount for amount, _ in parts)
            transaction.category = None
        transaction.count = self.touch()

    def split_transfer(self, transaction: Transaction, part: Part, target: Account) -> None:
        """Make a part of a split transaction a transfer; the other side does not name it."""
        into = Transaction(
            self.new_id(), target.id, transaction.date, -part.amount, self.transfer_payee(transaction.account).id, None
        )
        into.transfer = transaction.account
        part.transfer, part.other, part.payee, part.category = (
            target.id,
            into.id,
            self.transfer_payee(target.id).id,
            None,
        )
        self.add(into)
        transaction.count = self.touch()

    def change(self, transaction: Transaction) -> None:
        """Note that a transaction was edited; the other side of a transfer follows its date and amount."""
        transaction.count = self.touch()
        other = self.transactions.get(transaction.other or "")
        if other is not None:
            other.date, other.amount, other.count = transaction.date, -transaction.amount, transaction.count

    def delete(self, transaction: Transaction) -> None:
        """Delete a transaction, and the other sides of its transfers."""
        for key in (transaction.id, transaction.other, *(part.other for part in transaction.parts)):
            found = self.transactions.get(key or "")
            if found is not None and not found.deleted:
                found.deleted, found.count = True, self.touch()

    def rename(self, what: str, name: str, to: str) -> None:
        """Call an account, category or payee otherwise; its transactions are not counted as changed."""
        named: dict[str, list[Account] | list[Category] | list[Payee]] = {
            "account": list(self.accounts.values()),
            "category": list(self.categories.values()),
            "payee": list(self.payees.values()),
        }
        found = next(each for each in named[what] if each.name == name and not each.deleted)
        found.name = to
        count = self.touch()
        if isinstance(found, Payee):
            found.count = count

    def merge_category(self, category: Category, into: Category) -> None:
        """Delete a category; what was in it is now in another one, in every month."""
        for transaction in self.transactions.values():
            held: list[Transaction | Part] = [transaction, *transaction.parts]
            moved = [each for each in held if each.category == category.id]
            for each in moved:
                each.category = into.id
            if moved:
                transaction.count = self.touch()
        for (month, key), amount in list(self.assigned.items()):
            if key == category.id:
                del self.assigned[month, key]
                self.assign(month, into, amount)
        category.deleted = True
        self.touch()

    def delete_account(self, account: Account) -> None:
        """Delete an account with its transactions."""
        for transaction in self.transactions.values():
            if transaction.account == account.id and not transaction.deleted:
                self.delete(transaction)
        for scheduled in self.scheduled.values():
            if scheduled.account == account.id:
                scheduled.deleted, scheduled.count = True, self.touch()
        account.deleted = True
        self.touch()

    def schedule(self, scheduled: Scheduled) -> Scheduled:
        """Plan a transaction to come, or note that one was edited."""
        self.scheduled[scheduled.id] = scheduled
        scheduled.count = self.touch()
        return scheduled
