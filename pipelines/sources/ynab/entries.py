"""A transaction of YNAB as ledger entries, and a scheduled one as the template it is.

A split transaction is one entry per part; a transfer is a transaction in each account and so an entry in each.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipelines.sources.ynab.plan_facts import INFLOW_GROUP, CategoryFacts, PlanFacts
from pipelines.sources.ynab.values import (
    currency,
    day,
    extra_text,
    is_deleted,
    left_over,
    milliunits,
    required,
    text,
)

STARTING_BALANCE = "Starting Balance"
"""The payee of an account's first transaction."""

_OF_PARENT = "transaction_"
"""Before the fields of a split transaction that its part has too."""
_TRANSFER = "Transfer : "
_SPLIT = "Split"
_NO_CATEGORY = CategoryFacts(None, None)
_READ = (
    "id",
    "account_id",
    "account_name",
    "date",
    "amount",
    "payee_name",
    "category_name",
    "memo",
    "cleared",
    "subtransactions",
    "split_group",
)


def parts(row: Any) -> list[Any]:
    """The transaction itself, or the parts it was split into: each with what it has of its own and of the whole."""
    subtransactions = row.get("subtransactions") if isinstance(row, dict) else None
    own = [part for part in subtransactions if not is_deleted(part)] if isinstance(subtransactions, list) else []
    return [_part(row, part) for part in own] or [row]


def _part(whole: Mapping[str, Any], part: Any) -> Any:
    if not isinstance(part, dict):
        return part
    inherited = {name: value for name, value in whole.items() if name not in {*_OF_CATEGORY, "subtransactions"}}
    own = {name: value for name, value in part.items() if value is not None and name != "transaction_id"}
    covered = {
        f"{_OF_PARENT}{name}": inherited[name]
        for name in ("amount", "memo", "payee_id", "payee_name")
        if name in own and inherited.get(name) not in (None, "", own[name])
    }
    return {**inherited, **own, **covered, "split_group": whole.get("id")}


_OF_CATEGORY = ("category_id", "category_name", "transfer_account_id", "transfer_transaction_id")
"""What of a split transaction says nothing about its parts."""


def entry(row: Mapping[str, Any], plan: PlanFacts) -> dict[str, Any]:
    """One entry, from a whole transaction or a part. Raises Unreadable."""
    amount, category = milliunits(row, "amount"), _category(row, plan)
    account_id = required(row, "account_id")
    _, on_budget = plan.accounts.get(account_id, ("", True))
    return {
        "record_id": required(row, "id"),
        "account_id": account_id,
        "entry_date": day(row, "date"),
        "entry_kind": _kind(row, category, is_in=amount > 0),
        "entry_amount": amount,
        "currency_code": currency(plan.currency),
        "category_group": category.group,
        "category_name": category.name,
        "payee_name": text(row, "payee_name"),
        "transfer_account": _other_account(row, plan),
        "note": text(row, "memo"),
        "cleared_status": text(row, "cleared"),
        "split_group": text(row, "split_group"),
        "transfer_group": _transfer_group(row),
        "excluded_from": None if on_budget else "budget",
        "extra": extra_text(left_over(row, _READ) | _unshown(row, category)),
    }


def template(row: Mapping[str, Any], plan: PlanFacts) -> dict[str, Any]:
    """One scheduled transaction; the parts of a split one stay together, in `extra`. Raises Unreadable."""
    amount, category = milliunits(row, "amount"), _category(row, plan)
    kind = _kind(row, category, is_in=amount > 0)
    known = (
        *(name for name in _READ if name not in {"date", "subtransactions"}),
        "frequency",
        "date_first",
        "date_next",
    )
    return {
        "record_id": required(row, "id"),
        "account_id": required(row, "account_id"),
        "entry_kind": kind
        if kind == "transfer"
        else ("income" if kind in {"income", "opening_balance"} else "expense"),
        "entry_amount": amount,
        "currency_code": currency(plan.currency),
        "frequency": text(row, "frequency"),
        "first_date": day(row, "date_first"),
        "next_date": day(row, "date_next"),
        "category_group": category.group,
        "category_name": category.name,
        "payee_name": text(row, "payee_name"),
        "transfer_account": _other_account(row, plan),
        "note": text(row, "memo"),
        "extra": extra_text(left_over(row, known) | _unshown(row, category)),
    }


def _category(row: Mapping[str, Any], plan: PlanFacts) -> CategoryFacts:
    known = plan.categories.get(text(row, "category_id") or "")
    if known is not None:
        return known
    name = text(row, "category_name")
    if name is None or (name == _SPLIT and row.get("subtransactions")):
        return _NO_CATEGORY
    group, _, inner = name.partition(": ")
    # A category that is gone keeps only its name; `Inflow: Ready to Assign` is one however it comes.
    return CategoryFacts(group, inner, internal=True) if group == INFLOW_GROUP and inner else CategoryFacts(None, name)


def _kind(row: Mapping[str, Any], category: CategoryFacts, *, is_in: bool) -> str:
    """What the entry is; money back into a category it was spent from is less spent, not income."""
    if text(row, "transfer_account_id") is not None:
        return "transfer"
    if text(row, "payee_name") == STARTING_BALANCE:
        return "opening_balance"
    if category.is_income:
        return "income"
    if category.name is not None:
        return "expense"
    return "income" if is_in else "expense"


def _other_account(row: Mapping[str, Any], plan: PlanFacts) -> str | None:
    other = text(row, "transfer_account_id")
    if other is None:
        return None
    name, _ = plan.accounts.get(other, ("", True))
    payee = text(row, "payee_name") or ""
    return name or (payee.removeprefix(_TRANSFER) if payee.startswith(_TRANSFER) else None)


def _transfer_group(row: Mapping[str, Any]) -> str | None:
    """Equal on both legs: the lesser id of the two; that of the whole transaction where the other is a part of a split.

    A transaction whose other side is a part says which account it went to, and not which transaction.
    """
    if text(row, "transfer_account_id") is None:
        return None
    own, other = required(row, "id"), text(row, "transfer_transaction_id")
    if row.get("split_group") is not None:
        return other
    return own if other is None else min(own, other)


def _unshown(row: Mapping[str, Any], category: CategoryFacts) -> dict[str, Any]:
    """The category's name in the API, where the app shows another."""
    name = row.get("category_name")
    return {"category_name": name} if name and name not in {category.name, _SPLIT} else {}
