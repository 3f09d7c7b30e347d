"""What is known of a plan while its pages are read: its name, currency, months, accounts and categories.

A transaction names its category and account by id. What the ids stand for lands with each page that needs it, so
that the page can be decoded later without the network.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

INFLOW_GROUP = "Inflow"
"""The group the app shows above `Ready to Assign`; in the API it is an internal one."""
_INTERNAL_GROUP = "Internal Master Category"
_CARD_GROUP = "Credit Card Payments"
_NO_CATEGORY = "Uncategorized"
_FIRST_MONTH = dt.date(1970, 1, 1)
_MOST_MONTHS = 1200


@dataclass(frozen=True, slots=True)
class CategoryFacts:
    """One category: the group and name the app shows, and whether it is one of the app's own (`internal`)."""

    group: str | None
    name: str | None
    internal: bool = False

    @property
    def is_income(self) -> bool:
        """Whether what is put here is income, ready to be assigned."""
        return self.internal and self.name is not None


def shown_category(group: Mapping[str, Any], category: Mapping[str, Any]) -> CategoryFacts:
    """A category as the app shows it: `Inflow: Ready to Assign` in its own group, `Uncategorized` as none."""
    group_name, name = _word(group, "name"), _word(category, "name")
    flagged = group.get("internal") is True or category.get("internal") is True
    if group_name != _INTERNAL_GROUP and (not flagged or group_name == _CARD_GROUP):
        return CategoryFacts(group_name, name)
    if name is None or name == _NO_CATEGORY:
        return CategoryFacts(None, None, internal=True)
    return CategoryFacts(INFLOW_GROUP, name.removeprefix(f"{INFLOW_GROUP}: "), internal=True)


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """One plan.

    Attributes:
        plan_id: Its id.
        name: Its name.
        currency: ISO 4217 code of all its amounts; empty when its settings name none.
        first_month: Its earliest month.
        last_month: Its latest month.
        accounts: Name and whether it is on the budget, by id.
        categories: What the app shows of each category, by id.
    """

    plan_id: str
    name: str
    currency: str
    first_month: dt.date
    last_month: dt.date
    accounts: Mapping[str, tuple[str, bool]] = field(default_factory=dict)
    categories: Mapping[str, CategoryFacts] = field(default_factory=dict)

    def months(self, since: dt.date) -> list[dt.date]:
        """First days of its months from the one of `since` on."""
        month = max(self.first_month, since.replace(day=1))
        found: list[dt.date] = []
        while month <= self.last_month and len(found) < _MOST_MONTHS:
            found.append(month)
            month = (month + dt.timedelta(days=32)).replace(day=1)
        return found

    def names_digest(self) -> str:
        """Changes when anything is called or grouped otherwise; old rows must then be read again."""
        categories = {key: asdict(category) for key, category in self.categories.items()}
        told = json.dumps([self.name, self.currency, dict(self.accounts), categories], sort_keys=True)
        return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:16]

    def meta(self, *, with_names: bool) -> dict[str, str]:
        """What lands with a page; the names of accounts and categories where the page needs them."""
        meta = {
            "plan_id": self.plan_id,
            "plan_name": self.name,
            "currency": self.currency,
            "first_month": self.first_month.isoformat(),
            "last_month": self.last_month.isoformat(),
        }
        if with_names:
            meta["accounts"] = json.dumps(dict(self.accounts), ensure_ascii=False)
            categories = {key: [each.group, each.name, each.internal] for key, each in self.categories.items()}
            meta["categories"] = json.dumps(categories, ensure_ascii=False)
        return meta


def plan_facts_of(meta: Mapping[str, str]) -> PlanFacts:
    """The facts that landed with a page. Raises KeyError, ValueError when they are damaged."""
    accounts = json.loads(meta.get("accounts", "{}"))
    categories = json.loads(meta.get("categories", "{}"))
    return PlanFacts(
        meta["plan_id"],
        meta["plan_name"],
        meta["currency"],
        dt.date.fromisoformat(meta["first_month"]),
        dt.date.fromisoformat(meta["last_month"]),
        {key: (name, on_budget) for key, (name, on_budget) in accounts.items()},
        {key: CategoryFacts(*each) for key, each in categories.items()},
    )


def plan_of(row: Any, today: dt.date) -> PlanFacts | None:
    """A plan as the list of plans tells of it; None when it has no id."""
    plan_id = row.get("id") if isinstance(row, dict) else None
    if not isinstance(plan_id, str) or not plan_id:
        return None
    this_month = today.replace(day=1)
    return PlanFacts(
        plan_id,
        _word(row, "name") or plan_id,
        currency_of(row),
        _month(row.get("first_month")) or _FIRST_MONTH,
        _month(row.get("last_month")) or this_month,
    )


def currency_of(row: Mapping[str, Any]) -> str:
    """The ISO 4217 code in a plan's or its settings' currency format; empty when there is none."""
    currency = row.get("currency_format")
    return (_word(currency, "iso_code") or "").upper() if isinstance(currency, dict) else ""


def _word(row: Mapping[str, Any], name: str) -> str | None:
    value = row.get(name)
    return value if isinstance(value, str) and value else None


def _month(value: Any) -> dt.date | None:
    try:
        return dt.date.fromisoformat(value).replace(day=1)
    except (TypeError, ValueError):
        return None
