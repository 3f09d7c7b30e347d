"""What a household plans, owes and is worth, beside the small marts of `household_marts`, with known figures."""

from __future__ import annotations

import uuid
from typing import Any

import duckdb
from household_marts import AMINA, HOSTILE, KARIM, insert

HOME = str(uuid.UUID(int=99))
"""The household of Amina and Karim; the third party keeps house alone."""

SPENDING = {"groceries": (20000, 21350.5), "rent": (18000, 18000), "mobile_recharge": (None, 860), "tuition": (4000, 0)}
"""Planned and spent in the newest month, by category."""


def fill_planning_marts(con: duckdb.DuckDBPyConnection) -> None:
    """Rows of every mart the page of the household reads."""
    con.execute(
        "update core.dim_parties set household_key = ?, household_label = 'আমাদের ঘর' where party_key in (?, ?)",
        [HOME, AMINA, KARIM],
    )
    kinds = "update core.dim_categories set category_kind = 'expense' where category_id in (select unnest(?))"
    con.execute(kinds, [list(SPENDING)])
    insert(con, "household.rpt_budget_variance", [*_variance(), _line("2027-01-01", "rent", 18000, 0)])
    insert(con, "household.rpt_debts", [
        _debt(AMINA, "Rahim", -45000, "party_owes", next_due_date="2027-01-31"),
        _debt(AMINA, "Karim", 300, "counterparty_owes", is_within_household=True),
        _debt(KARIM, "ফাতেমা খালা", 12000, "counterparty_owes"),
        _debt(KARIM, "Old shop", 0, "settled"),
        _debt(HOSTILE, "<b>x</b>", -7, "party_owes", household_key=HOSTILE),
    ])  # fmt: skip
    insert(con, "household.rpt_savings_goals", [
        _goal("হজ", 600000, 120000, "behind", target_date="2028-06-01", projected_date="2032-09-22", needed=25263.16),
        _goal("سيارة", 300000, 260000, "on_track", target_date="2027-06-01", projected_date="2027-01-15", needed=6666),
        _goal("Emergency fund, six months of rent and food", 90000, 95000, "reached", target_date=None),
        _goal("Someday", None, 40, "open_ended"),
    ])  # fmt: skip
    items = [
        _item("দৈনন্দিন", "account", 184250.75),
        _item("Gold card", "account", -18400.5),
        _item("Dollars", "account", 12162.15, own=(100.1, "USD"), rate=("2026-12-30", "Bangladesh Bank")),
        _item("Pounds", "account", None, own=(10, "GBP")),
        _item("Shop", "till", 12430),
        _item("Rahim", "debt_borrowed", -45000),
        _item("ফাতেমা খালা", "debt_lent", 12000),
    ]
    insert(con, "household.rpt_net_worth_items", items)
    insert(con, "household.rpt_net_worth", [
        {"party_key": AMINA, "household_key": HOME, "currency_code": "BDT", "assets_amount": 220842.9,
         "debts_amount": 63400.5, "net_amount": 157442.4, "unconverted_count": 1},
        {"party_key": KARIM, "household_key": HOME, "currency_code": "BDT", "assets_amount": 0,
         "debts_amount": 0, "net_amount": 0, "unconverted_count": 0},
        {"party_key": HOSTILE, "household_key": HOSTILE, "currency_code": None, "assets_amount": None,
         "debts_amount": None, "net_amount": None, "unconverted_count": 2},
    ])  # fmt: skip


def _variance() -> list[dict[str, Any]]:
    rows = [
        _line(f"2026-{month:02d}-01", category, planned, (spent or 900) * (80 + 3 * month) / 100)
        for month in range(1, 12)
        for category, (planned, spent) in SPENDING.items()
    ]
    return [*rows, *(_line("2026-12-01", category, *sums) for category, sums in SPENDING.items())]


def _line(month: str, category: str, planned: float | None, spent: float) -> dict[str, Any]:
    return {
        "household_key": HOME,
        "month_date": month,
        "category_id": category,
        "currency_code": "BDT",
        "source_names": "hishebi, ynab",
        "is_budgeted": planned is not None,
        "budgeted_amount": planned,
        "actual_amount": spent,
        "variance_amount": None if planned is None else planned - spent,
    }


def _debt(party: str, whom: str, net: float, verdict: str, **more: Any) -> dict[str, Any]:
    told = {"household_key": HOME, "is_within_household": False, "next_due_date": None}
    return {
        "party_key": party,
        "counterparty_name": whom,
        "net_amount": net,
        "debt_verdict": verdict,
        "currency_code": "BDT",
        **told,
        **more,
    }


def _goal(
    name: str, target: float | None, saved: float, verdict: str, needed: float | None = None, **days: str | None
) -> dict[str, Any]:
    return {
        "savings_goal_key": str(uuid.uuid5(uuid.NAMESPACE_OID, name)),
        "household_key": HOME,
        "goal_name": name,
        "currency_code": "BDT",
        "target_amount": target,
        "saved_amount": saved,
        "needed_monthly_amount": needed,
        "goal_verdict": verdict,
        "progress_rate": None if target is None else saved / target,
        "target_date": days.get("target_date"),
        "projected_date": days.get("projected_date"),
    }


def _item(
    name: str, kind: str, worth: float | None, own: tuple[float, str] | None = None, rate: tuple[str, str] | None = None
) -> dict[str, Any]:
    amount, currency = own or (worth, "BDT")
    return {
        "worth_item_key": str(uuid.uuid5(uuid.NAMESPACE_OID, name + kind)),
        "household_key": HOME,
        "item_name": name,
        "item_kind": kind,
        "item_amount": amount,
        "currency_code": currency,
        "base_amount": worth,
        "base_currency_code": "BDT",
        "rate_date": rate[0] if rate else None,
        "rate_source": rate[1] if rate else None,
    }
