"""What follows from a plan's transactions and assigned money: balances, and its envelopes month by month."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from pipelines.sandbox.ynab.book import CARD_PAYMENTS, READY, PlanBook, Transaction


@dataclass(slots=True)
class Month:
    """One month: per category what was assigned, its activity and what is left; and the plan's own sums."""

    first: dt.date
    assigned: dict[str, int] = field(default_factory=dict)
    activity: dict[str, int] = field(default_factory=dict)
    balance: dict[str, int] = field(default_factory=dict)
    income: int = 0
    to_be_assigned: int = 0


def month_of(day: dt.date) -> dt.date:
    """The first of its month."""
    return day.replace(day=1)


def next_month(day: dt.date) -> dt.date:
    """The first of the month after."""
    return (day.replace(day=1) + dt.timedelta(days=32)).replace(day=1)


def balances(book: PlanBook) -> dict[str, tuple[int, int]]:
    """Cleared and uncleared balance of every account."""
    found = dict.fromkeys(book.accounts, (0, 0))
    for each in book.transactions.values():
        if not each.deleted:
            cleared, uncleared = found[each.account]
            if each.cleared == "uncleared":
                found[each.account] = cleared, uncleared + each.amount
            else:
                found[each.account] = cleared + each.amount, uncleared
    return found


def months(book: PlanBook, first: dt.date, last: dt.date) -> list[Month]:
    """Every month from `first` to `last`; overspent cash envelopes are paid for by the next month's money."""
    activity, income = _activity(book, first)
    found: list[Month] = []
    left = dict.fromkeys(book.categories, 0)
    free, day = 0, month_of(first)
    while day <= last:
        month = Month(day, income=income[day])
        free += month.income - sum(-min(amount, 0) for amount in left.values())
        for key in book.categories:
            month.assigned[key] = book.assigned.get((day, key), 0)
            month.activity[key] = activity[day][key]
            month.balance[key] = max(left[key], 0) + month.assigned[key] + month.activity[key]
        free -= sum(month.assigned.values())
        month.to_be_assigned = free
        left = month.balance
        found.append(month)
        day = next_month(day)
    return found


def _activity(book: PlanBook, first: dt.date) -> tuple[dict[dt.date, dict[str, int]], dict[dt.date, int]]:
    activity: dict[dt.date, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    income: dict[dt.date, int] = defaultdict(int)
    ready = book.category(READY).id
    card_groups = {key for key, name in book.groups.items() if name == CARD_PAYMENTS}
    cards = {
        account.id: category.id
        for account in book.accounts.values()
        for category in book.categories.values()
        if account.type == "creditCard" and category.group in card_groups and category.name == account.name
    }
    for each in book.transactions.values():
        if each.deleted or not book.accounts[each.account].on_budget:
            continue
        month = max(month_of(each.date), month_of(first))
        for category, amount, is_transfer in _effects(each):
            if category == ready:
                income[month] += amount
            elif category is not None:
                activity[month][category] += amount
            if (payments := cards.get(each.account)) is not None and (category is not None or is_transfer):
                activity[month][payments] -= amount
    return activity, income


def _effects(each: Transaction) -> Iterator[tuple[str | None, int, bool]]:
    """Category, amount and whether it is a transfer, of a transaction or each of its parts."""
    if each.live_parts:
        for part in each.live_parts:
            yield part.category, part.amount, part.transfer is not None
    else:
        yield each.category, each.amount, each.transfer is not None
