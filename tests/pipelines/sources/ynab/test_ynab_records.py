"""What each row of YNAB becomes, to the last milliunit, and which rows are set aside."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.sources.source import Decoded, Page, SourceError
from pipelines.sources.ynab.plan_facts import CategoryFacts, PlanFacts, shown_category
from pipelines.sources.ynab.records import decode

PLAN = PlanFacts(
    "plan-1",
    "Home",
    "AED",
    dt.date(2026, 1, 1),
    dt.date(2026, 4, 1),
    {"cur": ("Current", True), "sav": ("Savings", True), "stk": ("Stocks", False)},
    {
        "rta": CategoryFacts("Inflow", "Ready to Assign", internal=True),
        "unc": CategoryFacts(None, None, internal=True),
        "food": CategoryFacts("Everyday", "Groceries"),
        "card": CategoryFacts("Credit Card Payments", "Visa"),
    },
)


def page(what: str, data: dict[str, Any], **meta: str) -> Decoded:
    body = json.dumps({"data": data}, ensure_ascii=False).encode()
    return decode(Page("key", body, {"what": what, **PLAN.meta(with_names=True), **meta}))


def transaction(**more: Any) -> dict[str, Any]:
    return {
        "id": "t1",
        "date": "2026-03-09",
        "amount": -12_340,
        "amount_formatted": "-AED 12.34",
        "amount_currency": -12.34,
        "memo": "মাছ",
        "cleared": "cleared",
        "approved": True,
        "flag_color": None,
        "account_id": "cur",
        "account_name": "Current",
        "payee_id": "p1",
        "payee_name": "Lulu",
        "category_id": "food",
        "category_name": "Groceries",
        "transfer_account_id": None,
        "transfer_transaction_id": None,
        "deleted": False,
        "subtransactions": [],
        **more,
    }


def entries(*rows: Any, **meta: str) -> list[dict[str, Any]]:
    decoded = page("transactions", {"transactions": list(rows)}, **meta)
    assert decoded.rejects.is_empty(), decoded.rejects
    assert decoded.rows_read["ledger_entries"] == decoded.batches[0].frame.height
    return decoded.batches[0].frame.to_dicts()


def chosen(row: dict[str, Any], **expected: Any) -> None:
    assert {name: row[name] for name in expected} == expected


def test_a_transaction_becomes_one_signed_entry_and_keeps_what_has_no_column() -> None:
    (row,) = entries(transaction(import_id="YNAB:-12340:2026-03-09:1", flag_color="red"))
    chosen(
        row,
        record_id="t1",
        account_id="cur",
        entry_date=dt.date(2026, 3, 9),
        entry_kind="expense",
        entry_amount=Decimal("-12.3400"),
        currency_code="AED",
        category_group="Everyday",
        category_name="Groceries",
        payee_name="Lulu",
        note="মাছ",
        cleared_status="cleared",
        split_group=None,
        transfer_group=None,
        excluded_from=None,
    )
    assert json.loads(row["extra"]) == {
        "approved": True,
        "flag_color": "red",
        "payee_id": "p1",
        "category_id": "food",
        "import_id": "YNAB:-12340:2026-03-09:1",
    }


@pytest.mark.parametrize(
    ("more", "kind", "category"),
    [
        (
            {"category_id": "rta", "category_name": "Inflow: Ready to Assign", "amount": 5_000},
            "income",
            "Ready to Assign",
        ),
        ({"category_id": "rta", "category_name": "Inflow: Ready to Assign"}, "income", "Ready to Assign"),
        ({"payee_name": "Starting Balance", "category_id": "rta", "amount": 900}, "opening_balance", "Ready to Assign"),
        ({"amount": 2_500}, "expense", "Groceries"),
        ({"category_id": "unc", "category_name": "Uncategorized", "amount": 10}, "income", None),
        ({"category_id": None, "category_name": None}, "expense", None),
        ({"category_id": "gone", "category_name": "Old name", "amount": 70}, "expense", "Old name"),
        ({"category_id": "gone", "category_name": "Inflow: To be Budgeted", "amount": 7}, "income", "To be Budgeted"),
        ({"amount": 0}, "expense", "Groceries"),
    ],
)
def test_the_category_says_what_an_entry_is_and_without_one_its_sign(
    more: dict[str, Any], kind: str, category: str | None
) -> None:
    (row,) = entries(transaction(**more))
    chosen(row, entry_kind=kind, category_name=category)


def test_what_the_app_calls_otherwise_keeps_its_name_of_the_api() -> None:
    (row,) = entries(transaction(category_id="unc", category_name="Uncategorized"))
    assert json.loads(row["extra"])["category_name"] == "Uncategorized"


def test_both_legs_of_a_transfer_name_each_other_and_share_a_group() -> None:
    out, into = entries(
        transaction(
            id="b", category_id=None, category_name=None, transfer_account_id="sav", transfer_transaction_id="a"
        ),
        transaction(
            id="a",
            account_id="sav",
            amount=12_340,
            category_id=None,
            category_name=None,
            transfer_account_id="cur",
            transfer_transaction_id="b",
        ),
    )
    chosen(out, entry_kind="transfer", transfer_account="Savings", transfer_group="a", entry_amount=Decimal("-12.34"))
    chosen(into, entry_kind="transfer", transfer_account="Current", transfer_group="a", entry_amount=Decimal("12.34"))


def test_an_account_that_is_not_known_is_named_by_the_payee() -> None:
    (row,) = entries(transaction(transfer_account_id="x", payee_name="Transfer : Old Wallet"))
    chosen(row, transfer_account="Old Wallet")


def test_every_live_part_of_a_split_is_an_entry_and_the_whole_is_none() -> None:
    parts = [
        {"id": "s1", "transaction_id": "t1", "amount": -10_000, "category_id": "food", "category_name": "Groceries"},
        {"id": "s2", "transaction_id": "t1", "amount": -2_000, "memo": "cash", "transfer_account_id": "sav"},
        {"id": "s3", "transaction_id": "t1", "amount": -340, "deleted": True},
    ]
    parts[1] |= {"payee_name": "Transfer : Savings", "transfer_transaction_id": "x"}
    one, two, other = entries(
        transaction(category_id=None, category_name="Split", amount=-12_000, subtransactions=parts),
        transaction(id="x", account_id="sav", amount=2_000, category_id=None, transfer_account_id="cur"),
    )
    chosen(
        one, record_id="s1", split_group="t1", entry_amount=Decimal("-10.0000"), category_name="Groceries", note="মাছ"
    )
    chosen(two, record_id="s2", split_group="t1", entry_kind="transfer", transfer_account="Savings", note="cash")
    assert two["transfer_group"] == other["transfer_group"] == "x"
    assert json.loads(two["extra"])["transaction_memo"] == "মাছ"
    chosen(one, payee_name="Lulu", category_group="Everyday", entry_date=dt.date(2026, 3, 9))


def test_changes_tell_every_transaction_anew_with_the_parts_it_has_now() -> None:
    decoded = page(
        "transactions",
        {"transactions": [transaction(), transaction(id="t2", deleted=True)], "server_knowledge": 9},
        is_delta="true",
    )
    assert decoded.rows_read == {"ledger_entries": 1}
    assert {(r.kind, r.column, r.values) for r in decoded.restated} == {
        ("ledger_entries", "record_id", ("t1", "t2")),
        ("ledger_entries", "split_group", ("t1", "t2")),
    }
    assert page("transactions", {"transactions": [transaction()]}).restated == ()


def test_a_plan_that_was_read_whole_says_so_of_each_of_its_accounts() -> None:
    windows = page("transactions", {"transactions": []}, ends_whole="true").windows
    assert {(w.kind, w.account_id) for w in windows} == {("ledger_entries", each) for each in ("cur", "sav", "stk")}
    assert {(w.first_date.year, w.last_date.year) for w in windows} == {(1900, 2199)}


def test_what_happens_off_the_budget_says_so() -> None:
    (row,) = entries(transaction(account_id="stk", category_id=None, category_name=None))
    chosen(row, excluded_from="budget")


@pytest.mark.parametrize(
    ("more", "column", "reason"),
    [
        ({"date": "2026-02-31"}, "date", "no day"),
        ({"date": None}, "date", "missing"),
        ({"amount": 1.5}, "amount", "milliunits"),
        ({"amount": "12"}, "amount", "milliunits"),
        ({"amount": None}, "amount", "missing"),
        ({"amount": 10**18}, "amount", "too large"),
        ({"id": None}, "id", "missing"),
        ({"memo": 7}, "memo", "not text"),
        ({"account_id": ""}, "account_id", "missing"),
    ],
)
def test_a_row_that_cannot_be_read_is_set_aside_and_the_others_are_not(
    more: dict[str, Any], column: str, reason: str
) -> None:
    decoded = page("transactions", {"transactions": [transaction(id="ok"), transaction(**more)]})
    assert decoded.batches[0].frame["record_id"].to_list() == ["ok"]
    assert decoded.rows_read == {"ledger_entries": 2}
    ((kind, row_no, found, why, cure),) = decoded.rejects.select("kind", "row_no", "column", "reason", "cure").rows()
    assert (kind, row_no, found) == ("ledger_entries", 2, column)
    assert reason in why
    assert cure


def test_a_plan_without_a_currency_sets_its_rows_aside_with_the_cure() -> None:
    body = json.dumps({"data": {"transactions": [transaction(), 7]}}).encode()
    decoded = decode(Page("key", body, {"what": "transactions", **PLAN.meta(with_names=True), "currency": ""}))
    assert decoded.rejects["cure"].to_list() == ["choose one in the plan's settings in YNAB", "report it to YNAB"]


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
        budget_month=dt.date(2026, 3, 1),
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


@given(st.integers(-(10**17) + 1, 10**17 - 1))
def test_milliunits_are_read_to_the_last_one(milliunits: int) -> None:
    (row,) = entries(transaction(amount=milliunits))
    assert row["entry_amount"] * 1000 == milliunits


@given(st.lists(st.integers(-(10**9), 10**9), min_size=2, max_size=6))
def test_the_parts_of_a_split_are_as_much_as_the_whole(amounts: list[int]) -> None:
    parts = [{"id": f"s{number}", "amount": amount} for number, amount in enumerate(amounts)]
    rows = entries(transaction(amount=sum(amounts), subtransactions=parts))
    assert sum(row["entry_amount"] for row in rows) * 1000 == sum(amounts)


@pytest.mark.parametrize(
    ("body", "meta"),
    [
        (b"<html>", {}),
        (b'{"data":{}}', {}),
        (b'{"data":{"transactions":[{"id":', {}),
        (b'{"data":{"transactions":[]}}', {"categories": "{"}),
        (b'{"data":{"transactions":7}}', {}),
    ],
)
def test_a_damaged_page_is_told_in_one_line(body: bytes, meta: dict[str, str]) -> None:
    with pytest.raises(SourceError, match="landed page of YNAB"):
        decode(Page("key", body, {"what": "transactions", **PLAN.meta(with_names=True), **meta}))
