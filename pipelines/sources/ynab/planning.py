"""What YNAB plans: a month's budget lines, and the goals of categories."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from pipelines.sources.ynab.plan_facts import CategoryFacts, PlanFacts
from pipelines.sources.ynab.values import (
    currency,
    extra_text,
    left_over,
    milliunits,
    required,
    some_day,
    some_milliunits,
    text,
)

_SAVING_GOALS = ("TB", "TBD")
"""Target Category Balance, with and without a date."""
_SPENDING_GOAL = "NEED"
_AMOUNTS = ("budgeted", "activity", "balance")
_LINE = ("id", "category_group_name", "name", *_AMOUNTS)
_GOAL = ("id", "name", "goal_target", "goal_target_date", "goal_creation_month", "note", *_AMOUNTS)


def line_id(plan: PlanFacts, month: dt.date, category_id: str) -> str:
    """The record_id of a category's line in a month."""
    return f"{plan.plan_id}/{month}/{category_id}"


def is_line(row: Any, plan: PlanFacts) -> bool:
    """Whether the app shows a category in its plan; its own ones (`Inflow: Ready to Assign`) it does not."""
    known = plan.categories.get(row.get("id", "")) if isinstance(row, dict) else None
    return known is None or not known.internal


def line(row: Mapping[str, Any], month: dt.date, plan: PlanFacts) -> dict[str, Any]:
    """One category's line in a month. Raises Unreadable."""
    category_id, name = required(row, "id"), required(row, "name")
    known = plan.categories.get(category_id, CategoryFacts(text(row, "category_group_name"), name))
    return {
        "record_id": line_id(plan, month, category_id),
        "month_date": month,
        "plan_name": plan.name,
        "category_group": known.group,
        "category_name": known.name or name,
        "budget_kind": "envelope",
        "budgeted_amount": milliunits(row, "budgeted"),
        "activity_amount": milliunits(row, "activity"),
        "available_amount": milliunits(row, "balance"),
        "currency_code": currency(plan.currency),
        "extra": extra_text(left_over(row, _LINE)),
    }


def has_goal(row: Any) -> bool:
    """Whether a category has a goal that ends: a balance to reach, or a sum by a day that does not come again."""
    if not isinstance(row, dict) or not row.get("goal_target"):
        return False
    if row.get("goal_type") in _SAVING_GOALS:
        return True
    return row.get("goal_type") == _SPENDING_GOAL and bool(row.get("goal_target_date")) and not row.get("goal_cadence")


def goal(row: Mapping[str, Any], plan: PlanFacts) -> dict[str, Any]:
    """A category's goal; what is saved is what is available in the category. Raises Unreadable."""
    return {
        "record_id": required(row, "id"),
        "goal_name": required(row, "name"),
        "target_amount": some_milliunits(row, "goal_target"),
        "saved_amount": milliunits(row, "balance"),
        "currency_code": currency(plan.currency),
        "start_date": some_day(row, "goal_creation_month"),
        "target_date": some_day(row, "goal_target_date"),
        "goal_status": "snoozed" if row.get("goal_snoozed_at") else None,
        "note": text(row, "note"),
        "extra": extra_text(left_over(row, _GOAL) | {"plan": plan.name}),
    }
