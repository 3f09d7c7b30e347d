"""What YNAB's accounts, months, goals and scheduled transactions become, and what goes with one that is gone."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest
from ynab_rows import chosen, page, transaction

from pipelines.sources.ynab.plan_facts import CategoryFacts, shown_category


def test_a_month_is_one_line_for_every_category_the_app_shows() -> None:
    def category(key: str, name: str, **more: Any) -> dict[str, Any]:
        return {"id": key, "name": name, "budgeted": 100_000, "activity": -30_500, "balance": 69_500, **more}

    categories = [
        category("food", "Groceries", hidden=False, goal_type="MF", goal_target=100_000),
        category("card", "Visa", hidden=True, category_group_name="Credit Card Payments"),
        category("rta", "Inflow: Ready to Assign"),
        category("unc", "Uncategorized"),
        category("dead", "Gone", deleted=True),
        category("new", "নতুন", category_group_name="Family"),
    ]
    decoded = page("month", {"month": {"month": "2026-03-01", "categories": categories}})
    rows = decoded.batches[0].frame.to_dicts()
    assert decoded.rows_read == {"budgets": 3}
    assert [(row["record_id"], row["category_group"], row["category_name"]) for row in rows] == [
        ("plan-1/2026-03-01/food", "Everyday", "Groceries"),
        ("plan-1/2026-03-01/card", "Credit Card Payments", "Visa"),
        ("plan-1/2026-03-01/new", "Family", "নতুন"),
    ]
    chosen(
        rows[0],
        month_date=dt.date(2026, 3, 1),
        plan_name="Home",
        budget_kind="envelope",
        budgeted_amount=Decimal("100.0000"),
        activity_amount=Decimal("-30.5000"),
        available_amount=Decimal("69.5000"),
        currency_code="AED",
    )
    assert json.loads(rows[0]["extra"]) == {"hidden": False, "goal_type": "MF", "goal_target": 100_000}


def test_goals_that_end_are_savings_goals_and_the_others_stay_with_their_line() -> None:
    def category(key: str, **goal: Any) -> dict[str, Any]:
        return {"id": key, "name": key, "budgeted": 0, "activity": 0, "balance": 25_000, "deleted": False, **goal}

    rows = [
        category("TB", goal_type="TB", goal_target=90_000, goal_creation_month="2026-01-01", note="boat"),
        category("TBD", goal_type="TBD", goal_target=50_000, goal_target_date="2027-06-01", goal_snoozed_at="x"),
        category("once", goal_type="NEED", goal_target=1_000, goal_target_date="2027-01-01", goal_cadence=0),
        category("monthly", goal_type="NEED", goal_target=1_000, goal_target_date="2027-01-01", goal_cadence=1),
        category("MF", goal_type="MF", goal_target=1_000),
        category("none", goal_type=None, goal_target=None),
        category("zero", goal_type="TB", goal_target=0),
    ]
    decoded = page("categories", {"category_groups": [{"id": "g", "name": "Goals", "categories": rows}]})
    goals = decoded.batches[0].frame.to_dicts()
    assert [row["record_id"] for row in goals] == ["TB", "TBD", "once"]
    chosen(
        goals[0],
        goal_name="TB",
        target_amount=Decimal("90.0000"),
        saved_amount=Decimal("25.0000"),
        start_date=dt.date(2026, 1, 1),
        target_date=None,
        note="boat",
    )
    chosen(goals[1], target_date=dt.date(2027, 6, 1), goal_status="snoozed")
    (told,) = decoded.restated
    assert (told.kind, told.values) == ("savings_goals", tuple(row["id"] for row in rows))


def test_a_category_that_is_gone_takes_its_goal_and_every_line_of_its_months() -> None:
    group = {"id": "g", "name": "G", "categories": [{"id": "food", "deleted": True}, {"id": "card", "deleted": False}]}
    decoded = page("categories", {"category_groups": [group]}, is_delta="true")
    told = {(each.kind, each.column): each.values for each in decoded.restated}
    assert told == {
        ("savings_goals", "record_id"): ("food",),
        ("budgets", "record_id"): tuple(f"plan-1/2026-0{month}-01/food" for month in (1, 2, 3, 4)),
    }


@pytest.mark.parametrize(
    ("wire", "kind"),
    [
        ("checking", "current"),
        ("savings", "savings"),
        ("cash", "cash"),
        ("creditCard", "card"),
        ("lineOfCredit", "loan"),
        ("mortgage", "loan"),
        ("otherAsset", "other"),
        ("somethingNew", "other"),
    ],
)
def test_an_account_becomes_one_with_its_balance_of_the_day(wire: str, kind: str) -> None:
    row = {
        "id": "cur",
        "name": "চলতি",
        "type": wire,
        "on_budget": kind != "loan",
        "closed": True,
        "balance": -1_234_567,
        "cleared_balance": -1_000_000,
        "uncleared_balance": -234_567,
        "deleted": False,
    }
    decoded = page("accounts", {"accounts": [row, {**row, "id": "x", "deleted": True}]}, balance_date="2026-03-09")
    (account,), (balance,) = (batch.frame.to_dicts() for batch in decoded.batches)
    chosen(
        account,
        account_name="চলতি",
        account_kind=kind,
        currency_code="AED",
        account_group="Tracking" if kind == "loan" else "Budget",
    )
    assert json.loads(account["extra"]) == {"type": wire, "closed": True, "plan": "Home"}
    chosen(
        balance,
        record_id="cur/2026-03-09",
        balance_kind="ledger",
        balance_amount=Decimal("-1234.5670"),
        balance_date=dt.date(2026, 3, 9),
    )
    assert json.loads(balance["extra"], parse_float=Decimal)["cleared_balance"] == -1000


def test_an_account_that_is_gone_takes_its_balances_and_entries() -> None:
    decoded = page("accounts", {"accounts": [{"id": "cur", "deleted": True}, {"id": "sav"}]}, is_delta="true")
    assert decoded.batches == ()
    assert {(each.kind, each.column, each.values) for each in decoded.restated} == {
        ("accounts", "record_id", ("cur",)),
        ("balances", "account_id", ("cur",)),
        ("ledger_entries", "account_id", ("cur",)),
        ("recurring_entries", "account_id", ("cur",)),
    }


def test_a_scheduled_transaction_is_a_template_and_its_parts_stay_together() -> None:
    row = transaction(id="r1", frequency="everyOtherWeek", date_first="2026-01-02", date_next="2026-04-02")
    del row["date"]
    part = {"id": "s", "amount": -1_000, "deleted": False}
    split = {**row, "id": "r2", "category_id": None, "category_name": "Split", "subtransactions": [part]}
    income = {**row, "id": "r3", "category_id": "rta", "amount": 5_000}
    data = {"scheduled_transactions": [row, split, income, {**row, "id": "r4", "deleted": True}]}
    decoded = page("scheduled_transactions", data, is_delta="true")
    one, two, three = decoded.batches[0].frame.to_dicts()
    chosen(
        one,
        record_id="r1",
        entry_kind="expense",
        entry_amount=Decimal("-12.3400"),
        frequency="everyOtherWeek",
        first_date=dt.date(2026, 1, 2),
        next_date=dt.date(2026, 4, 2),
        final_date=None,
        category_name="Groceries",
        payee_name="Lulu",
    )
    chosen(two, category_name=None)
    assert json.loads(two["extra"])["subtransactions"] == [part]
    chosen(three, entry_kind="income")
    assert [(each.column, each.values) for each in decoded.restated] == [("record_id", ("r4",))]


@pytest.mark.parametrize(
    ("group", "category", "shown"),
    [
        ({"name": "Everyday"}, {"name": "Food"}, CategoryFacts("Everyday", "Food")),
        (
            {"name": "Internal Master Category", "internal": True},
            {"name": "Inflow: Ready to Assign"},
            CategoryFacts("Inflow", "Ready to Assign", internal=True),
        ),
        (
            {"name": "Internal Master Category"},
            {"name": "Uncategorized", "internal": True},
            CategoryFacts(None, None, internal=True),
        ),
        (
            {"name": "Credit Card Payments", "internal": True},
            {"name": "Visa", "internal": True},
            CategoryFacts("Credit Card Payments", "Visa"),
        ),
    ],
)
def test_categories_are_shown_as_the_app_shows_them(
    group: dict[str, Any], category: dict[str, Any], shown: CategoryFacts
) -> None:
    assert shown_category(group, category) == shown
