"""An account of YNAB as records: the account itself and its balance on the day of the pull."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from pipelines.sources.ynab.plan_facts import PlanFacts
from pipelines.sources.ynab.values import currency, extra_text, left_over, milliunits, required

ON_BUDGET, OFF_BUDGET = "Budget", "Tracking"
"""How the app heads the accounts on and off the budget."""

_KINDS = {
    "checking": "current",
    "savings": "savings",
    "cash": "cash",
    "creditCard": "card",
    "lineOfCredit": "loan",
    "mortgage": "loan",
    "autoLoan": "loan",
    "studentLoan": "loan",
    "personalLoan": "loan",
    "medicalDebt": "loan",
    "otherDebt": "loan",
}
_BALANCES = ("balance", "cleared_balance", "uncleared_balance")


def account(row: Mapping[str, Any], plan: PlanFacts) -> dict[str, Any]:
    """One account. Raises Unreadable."""
    extra = left_over(row, ("id", "name", "on_budget", *_BALANCES)) | {"plan": plan.name}
    return {
        "record_id": required(row, "id"),
        "account_name": required(row, "name"),
        "account_kind": _KINDS.get(required(row, "type"), "other"),
        "currency_code": plan.currency or None,
        "institution_name": "YNAB",
        "account_group": ON_BUDGET if row.get("on_budget") is True else OFF_BUDGET,
        "extra": extra_text(extra),
    }


def balance(row: Mapping[str, Any], plan: PlanFacts, day: dt.date) -> dict[str, Any]:
    """What stands on the account on a day, cleared or not. Raises Unreadable."""
    account_id = required(row, "id")
    return {
        "record_id": f"{account_id}/{day}",
        "account_id": account_id,
        "balance_kind": "ledger",
        "balance_amount": milliunits(row, "balance"),
        "currency_code": currency(plan.currency),
        "balance_date": day,
        "extra": extra_text({name: milliunits(row, name) for name in _BALANCES[1:] if row.get(name) is not None}),
    }
