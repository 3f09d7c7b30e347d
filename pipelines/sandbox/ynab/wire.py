"""The plan as YNAB's API tells it: JSON objects of the forms its specification names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from pipelines.sandbox.ynab.book import (
    INTERNAL,
    READY,
    Account,
    Category,
    Part,
    Payee,
    PlanBook,
    Scheduled,
    Transaction,
)
from pipelines.sandbox.ynab.envelopes import Month
from pipelines.sandbox.ynab.money import Currency, Document

_NO_GOAL: Document = {
    "goal_type": None,
    "goal_needs_whole_amount": None,
    "goal_day": None,
    "goal_cadence": None,
    "goal_cadence_frequency": None,
    "goal_creation_month": None,
    "goal_target_month": None,
    "goal_target_date": None,
    "goal_percentage_complete": None,
    "goal_months_to_budget": None,
    "goal_snoozed_at": None,
}


class Wire:
    """Tells one plan in its currency."""

    def __init__(self, book: PlanBook, currency: Currency) -> None:
        """Read from the book."""
        self._book, self._currency = book, currency

    def account(self, account: Account, cleared: int, uncleared: int) -> Document:
        """An account with its balances."""
        money = self._currency.fields
        return {
            "id": account.id,
            "name": account.name,
            "type": account.type,
            "on_budget": account.on_budget,
            "closed": account.closed,
            "note": account.note,
            **money("balance", cleared + uncleared),
            **money("cleared_balance", cleared),
            **money("uncleared_balance", uncleared),
            "transfer_payee_id": self._book.transfer_payee(account.id).id,
            "direct_import_linked": False,
            "direct_import_in_error": False,
            "last_reconciled_at": None,
            "debt_original_balance": None,
            "debt_interest_rates": {},
            "debt_minimum_payments": {},
            "debt_escrow_amounts": {},
            "deleted": account.deleted,
        }

    def category(self, category: Category, month: Month) -> Document:
        """A category with its amounts in a month and its goal."""
        money, key = self._currency.fields, category.id
        group = self._book.groups[category.group]
        target = category.goal.get("goal_target")
        goal = {name: value for name, value in category.goal.items() if name != "goal_target"}
        saved = month.balance.get(key, 0)
        if isinstance(target, int) and target:
            goal["goal_percentage_complete"] = max(0, min(100, saved * 100 // target))
        left = max(target - saved, 0) if isinstance(target, int) else None
        return {
            "id": key,
            "category_group_id": category.group,
            "category_group_name": group,
            "name": category.name,
            "hidden": category.hidden,
            "internal": group == INTERNAL,
            "original_category_group_id": None,
            "note": category.note,
            **money("budgeted", month.assigned.get(key, 0)),
            **money("activity", month.activity.get(key, 0)),
            **money("balance", saved),
            **_NO_GOAL,
            **goal,
            **money("goal_target", target if isinstance(target, int) else None),
            **money("goal_under_funded", left),
            **money("goal_overall_funded", saved if left is not None else None),
            **money("goal_overall_left", left),
            "deleted": category.deleted,
        }

    def group(self, group_id: str, categories: Sequence[Document]) -> Document:
        """A category group with its categories."""
        name = self._book.groups[group_id]
        return {
            "id": group_id,
            "name": name,
            "hidden": False,
            "internal": name == INTERNAL,
            "deleted": False,
            "categories": list(categories),
        }

    def month(self, month: Month) -> Document:
        """A month without its categories."""
        money, ready = self._currency.fields, self._book.category(READY).id
        return {
            "month": month.first.isoformat(),
            "note": None,
            **money("income", month.income),
            **money("budgeted", sum(month.assigned.values())),
            **money("activity", sum(amount for key, amount in month.activity.items() if key != ready)),
            **money("to_be_budgeted", month.to_be_assigned),
            "age_of_money": 24,
            "deleted": False,
        }

    def payee(self, payee: Payee) -> Document:
        """A payee."""
        return {
            "id": payee.id,
            "name": payee.name,
            "transfer_account_id": payee.account,
            "deleted": payee.deleted,
        }

    def transaction(self, each: Transaction, *, with_deleted: bool) -> Document:
        """A transaction with its parts; deleted parts are told with changes only."""
        parts = [part for part in each.parts if with_deleted or not part.deleted]
        return {
            "id": each.id,
            "date": each.date.isoformat(),
            **self._currency.fields("amount", each.amount),
            "memo": each.memo,
            "cleared": each.cleared,
            "approved": each.approved,
            "flag_color": each.flag,
            "flag_name": None,
            "account_id": each.account,
            "payee_id": each.payee,
            "category_id": None if each.live_parts else each.category,
            "transfer_account_id": each.transfer,
            "transfer_transaction_id": each.other,
            "matched_transaction_id": None,
            "import_id": each.import_id,
            "import_payee_name": None,
            "import_payee_name_original": None,
            "debt_transaction_type": None,
            "deleted": each.deleted,
            "account_name": self._book.accounts[each.account].name,
            "payee_name": self._payee_name(each.payee),
            "category_name": "Split" if each.live_parts else self._category_name(each.category),
            "subtransactions": [{**self._part(part), "transaction_id": each.id} for part in parts],
        }

    def scheduled(self, each: Scheduled) -> Document:
        """A scheduled transaction with its parts."""
        parts = []
        for part in each.parts:
            told = {**self._part(part), "scheduled_transaction_id": each.id}
            parts.append({name: value for name, value in told.items() if name != "transfer_transaction_id"})
        return {
            "id": each.id,
            "date_first": each.first.isoformat(),
            "date_next": each.next.isoformat(),
            "frequency": each.frequency,
            **self._currency.fields("amount", each.amount),
            "memo": each.memo,
            "flag_color": None,
            "flag_name": None,
            "account_id": each.account,
            "payee_id": each.payee,
            "category_id": None if parts else each.category,
            "transfer_account_id": each.transfer,
            "deleted": each.deleted,
            "account_name": self._book.accounts[each.account].name,
            "payee_name": self._payee_name(each.payee),
            "category_name": "Split" if parts else self._category_name(each.category),
            "subtransactions": parts,
        }

    def plan(self, first: dt.date, last: dt.date, changed_on: dt.date) -> Document:
        """The plan in the list of plans."""
        return {
            "id": self._book.plan_id,
            "name": self._book.name,
            "last_modified_on": f"{changed_on}T06:30:00Z",
            "first_month": first.isoformat(),
            "last_month": last.isoformat(),
            "date_format": {"format": "DD/MM/YYYY"},
            "currency_format": self._currency.format(),
        }

    def _part(self, part: Part) -> Document:
        return {
            "id": part.id,
            **self._currency.fields("amount", part.amount),
            "memo": part.memo,
            "payee_id": part.payee,
            "payee_name": self._payee_name(part.payee),
            "category_id": part.category,
            "category_name": self._category_name(part.category),
            "transfer_account_id": part.transfer,
            "transfer_transaction_id": part.other,
            "deleted": part.deleted,
        }

    def _payee_name(self, payee_id: str | None) -> str | None:
        return self._book.payees[payee_id].name if payee_id else None

    def _category_name(self, category_id: str | None) -> str | None:
        return self._book.categories[category_id].name if category_id else None
