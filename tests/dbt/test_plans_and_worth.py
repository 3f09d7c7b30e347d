"""A household with one partner on Hishebi and one on YNAB: one plan, debts, goals, worth, a till and a tenant."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from tiny_warehouse import TinyWarehouse, account, balance, consent, entry, party, record

from warehouse.home import Home

APRIL, MAY = dt.date(2026, 4, 1), dt.date(2026, 5, 1)


def envelope(month: str, assigned: str, activity: str, available: str, name: str = "Groceries") -> dict[str, Any]:
    return record(
        "budgets",
        "ynab",
        f"{name} {month}",
        month_date=month,
        plan_name="Home",
        category_group="Daily",
        category_name=name,
        budget_kind="envelope",
        budgeted_amount=assigned,
        activity_amount=activity,
        available_amount=available,
    )


def rate(record_id: str, day: str, base: str, quote: str, units: str, source: str = "ECB") -> dict[str, Any]:
    return record(
        "fx_rates",
        "ynab",
        record_id,
        rate_date=day,
        base_currency_code=base,
        quote_currency_code=quote,
        quote_rate=units,
        rate_kind="reference",
        rate_source=source,
    )


def debt(record_id: str, whom: str, direction: str, outstanding: str, **more: Any) -> dict[str, Any]:
    told = {"counterparty_name": whom, "debt_direction": direction, "outstanding_amount": outstanding}
    return record("debts", "hishebi", record_id, **told, **more)


def karims_rows() -> list[dict[str, Any]]:
    counted = {"session_id": "s1", "count_date": "2026-05-09", "till_name": "Shop"}
    let = {"property_id": "p", "tenancy_id": "t"}
    return [
        party("hishebi", "karim", "Karim"),
        consent("hishebi", "karim"),
        account("hishebi", account_name="Ledger", account_kind="ledger"),
        entry("hishebi", "e1", "2026-04-03", "-1500", category_name="Groceries"),
        entry("hishebi", "e2", "2026-04-12", "-15000", entry_kind="debt_payment", counterparty_name="Rahim"),
        entry("hishebi", "e3", "2026-05-02", "-70", category_name="Groceries", excluded_from="reports"),
        debt("d1", "Rahim", "borrowed", "45000", principal_amount="60000", paid_amount="16000", due_date="2027-01-31"),
        debt("d2", "সালমা", "lent", "300"),
        record("savings_goals", "hishebi", "g", goal_name="হজ", target_amount="600000", saved_amount="120000"),
        record(
            "cash_counts", "hishebi", "c1", line_kind="total", counted_amount="1240", expected_amount="1300", **counted
        ),
        record(
            *("cash_counts", "hishebi", "c2"),
            line_kind="denomination",
            denomination_amount="1000",
            pieces_count=1,
            counted_amount="1000",
            **counted,
        ),
        record("notes", "hishebi", "n1", note_text="for Eid", entry_id="e1"),
        record("notes", "hishebi", "n2", note_text="gone", entry_id="e99"),
        record("recurring_entries", "hishebi", "r", entry_kind="expense", entry_amount="-999", account_id="cash"),
        record("properties", "hishebi", "p", property_name="Mirpur house"),
        record("units", "hishebi", "u", property_id="p", unit_name="2A", market_rent_amount="16000"),
        record("tenancies", "hishebi", "t", property_id="p", unit_id="u", tenant_name="ভাড়াটে", dues_amount="5000"),
        record(
            "rent_charges", "hishebi", "ch", charge_kind="rent", due_date="2026-05-05", charge_amount="15000", **let
        ),
        record("rent_payments", "hishebi", "pa", payment_date="2026-05-06", payment_amount="9500", **let),
        record(
            *("rent_payments", "hishebi", "pb"),
            property_id="p",
            tenancy_id="unheard of",
            payment_date="2026-05-06",
            payment_amount="1",
        ),
    ]


def salmas_rows() -> list[dict[str, Any]]:
    return [
        party("ynab", "salma", "সালমা"),
        consent("ynab", "salma", "ynab"),
        account("ynab", "usd", account_name="Dollars", currency_code="USD", account_group="Savings"),
        account("ynab", "gbp", account_name="Pounds", currency_code="GBP"),
        account("ynab"),
        balance("ynab", "2026-10-30", "100.10", account_id="usd", currency_code="USD"),
        balance("ynab", "2026-10-30", "10", account_id="gbp", currency_code="GBP"),
        balance("ynab", "2026-10-30", "-7", account_id="cash"),
        entry("ynab", "y1", "2026-04-20", "-900", category_group="Daily", category_name="Groceries"),
        entry(
            "ynab", "y2", "2026-04-21", "-55", category_group="Daily", category_name="Groceries", excluded_from="budget"
        ),
        entry("ynab", "y3", "2026-05-20", "-400", category_group="Daily", category_name="Groceries"),
        entry("ynab", "y4", "2026-05-21", "12", entry_kind="adjustment"),
        envelope("2026-04-01", "2000", "-955", "1045"),
        envelope("2026-05-01", "500", "-400", "1144"),
        envelope("2026-05-01", "60", "0", "60", name="Kites"),
        # the loads of the story are read on the second of November
        rate("1", "2026-10-30", "EUR", "USD", "1.25"),
        rate("2", "2026-10-30", "USD", "BDT", "121.5", "Janata"),
        rate("3", "2026-10-20", "EUR", "GBP", "0.8"),
    ]


def fill_with_household(tiny: TinyWarehouse) -> TinyWarehouse:
    tiny.load(*karims_rows(), connection_id="hishebi")
    tiny.load(*salmas_rows(), connection_id="ynab")
    tiny.settle("karim", "Home", "BDT")
    tiny.settle("salma", "Home", "BDT")
    return tiny


@pytest.fixture
def household(kitchen: Home, tiny: TinyWarehouse) -> TinyWarehouse:
    """The household, built with every data test."""
    kept = kitchen.root / "household"
    if kept.exists():
        tiny.bring_back("household")
        tiny.load_seq = 2
        return tiny
    fill_with_household(tiny)
    assert tiny.proven() == []
    tiny.keep("household")
    return tiny


def test_one_variance_view_over_both_ledgers(household: TinyWarehouse) -> None:
    assert household.rows(
        "select month_date, category_id, source_names, budgeted_amount, actual_amount, variance_amount, stated_amount, "
        "difference_amount, party_count from household.rpt_budget_variance order by month_date, category_id"
    ) == [
        (APRIL, "debt_repayment", "hishebi", None, Decimal(15000), None, None, None, 1),
        (APRIL, "groceries", "hishebi, ynab", Decimal(2000), Decimal(2400), Decimal(-400), None, None, 2),
        (MAY, "groceries", "ynab", Decimal(500), Decimal(400), Decimal(100), Decimal(400), Decimal(0), 1),
        (MAY, "uncategorised", "ynab", Decimal(60), Decimal(0), Decimal(60), Decimal(0), Decimal(0), 1),
    ]
    # the cash flow has what was kept out of the budget, and neither an adjustment nor what is kept out of reports
    assert household.rows(
        "select month_date, sum(expense_amount), sum(income_amount) from household.rpt_monthly_cashflow "
        "group by month_date order by month_date"
    ) == [(APRIL, Decimal(2455), Decimal(0)), (MAY, Decimal(400), Decimal(0))]


def test_envelopes_say_what_does_not_follow(household: TinyWarehouse) -> None:
    assert household.rows(
        "select envelope_name, month_date, roll_verdict, opening_amount, difference_amount "
        "from household.rpt_envelopes order by all"
    ) == [
        ("Groceries", APRIL, "unknown", None, None),
        ("Groceries", MAY, "unexplained", Decimal(1045), Decimal(-1)),
        ("Kites", MAY, "unknown", None, None),
    ]


def test_debts_goals_counts_and_notes(household: TinyWarehouse) -> None:
    assert household.rows(
        "select counterparty_name, debt_verdict, is_within_household, net_amount, payments_amount, difference_amount "
        "from household.rpt_debts order by 1"
    ) == [
        ("Rahim", "party_owes", False, Decimal(-45000), Decimal(15000), Decimal(1000)),
        ("সালমা", "counterparty_owes", True, Decimal(300), Decimal(0), None),
    ]
    assert household.rows("select goal_name, goal_verdict, progress_rate from household.rpt_savings_goals") == [
        ("হজ", "no_date", 0.2)
    ]
    assert household.rows(
        "select line_kind, variance_amount, unlisted_amount, is_adding_up from household.rpt_cash_counts order by 1"
    ) == [("denomination", None, None, True), ("total", Decimal(-60), Decimal(240), False)]
    assert household.rows(
        "select note_text, is_entry_missing, transaction_amount from household.fct_notes "
        "left join core.fct_transactions using (transaction_key) order by 1"
    ) == [("for Eid", False, Decimal(-1500)), ("gone", True, None)]
    assert household.rows("select entry_amount, account_key is not null from household.rpt_recurring") == [
        (Decimal(-999), True)
    ]


def test_worth_is_converted_only_at_a_cited_rate(household: TinyWarehouse) -> None:
    assert household.rows(
        "select item_kind, currency_code, item_amount, base_amount, rate_method, rate_date, rate_source "
        "from household.rpt_net_worth_items order by all"
    ) == [
        ("account", "BDT", Decimal(-7), Decimal(-7), "same", None, None),
        ("account", "GBP", Decimal(10), None, None, None, None),
        ("account", "USD", Decimal("100.1"), Decimal("12162.15"), "direct", dt.date(2026, 10, 30), "Janata"),
        ("debt_borrowed", "BDT", Decimal(-45000), Decimal(-45000), "same", None, None),
        ("debt_lent", "BDT", Decimal(300), Decimal(300), "same", None, None),
        ("till", "BDT", Decimal(1240), Decimal(1240), "same", None, None),
    ]
    assert household.rows(
        "select party_label, assets_amount, debts_amount, net_amount, unconverted_count, as_of_date, household_label "
        "from household.rpt_net_worth inner join core.dim_parties using (party_key) order by 1"
    ) == [
        ("Karim", Decimal(1540), Decimal(45000), Decimal(-43460), 0, dt.date(2026, 11, 2), "Home"),
        ("সালমা", Decimal("12162.15"), Decimal(7), Decimal("12155.15"), 1, dt.date(2026, 11, 2), "Home"),
    ]
    assert household.rows("select account_group from core.dim_accounts where account_name = 'Dollars'") == [
        ("Savings",)
    ]


def test_a_rent_book_closes_beside_what_the_source_states(household: TinyWarehouse) -> None:
    assert household.rows(
        "select tenant_name, unit_name, is_declared, charged_amount, paid_amount, closing_amount, difference_amount "
        "from property.rpt_rent_ledger inner join property.dim_tenancies using (tenancy_key) order by 1"
    ) == [
        ("Undeclared tenancy", None, False, Decimal(0), Decimal(1), Decimal(-1), None),
        ("ভাড়াটে", "2A", True, Decimal(15000), Decimal(9500), Decimal(5500), Decimal(500)),
    ]


def test_a_later_night_equals_a_full_refresh(household: TinyWarehouse) -> None:
    household.load(
        entry("hishebi", "e4", "2026-05-23", "-60", category_name="Kites"),
        envelope("2026-06-01", "5", "0", "65", name="Kites"),
        {**envelope("2026-06-01", "5", "0", "5", name="New"), "category_group": None},
        {**debt("d2", "সালমা", "lent", "300"), "deleted": True},
        rate("4", "2026-11-03", "EUR", "GBP", "0.8"),
        rate("5", "2026-11-03", "EUR", "BDT", "140"),
        debt("d3", "Rahim", "lent", "45000"),
    )
    household.settle("karim", "Home", "GBP")
    assert household.proven() == []
    assert household.rows("select debt_verdict from household.rpt_debts") == [("even",)]
    # 0.8 / 140, to fourteen decimals
    assert household.rows(
        "select base_amount, conversion_rate, pivot_currency_code from household.rpt_net_worth_items "
        "where item_kind = 'till'"
    ) == [(Decimal("7.09"), Decimal("0.00571428571429"), "EUR")]
    nightly = household.marts()
    assert household.build(full_refresh=True, tests=False).ok
    assert nightly == household.marts()


FAULTS = {
    "spending is left out of the view": (
        "delete from household.rpt_budget_variance where category_id = 'debt_repayment'",
        "assert_budget_variance_holds_the_cash_flow",
    ),
    "a variance is patched": (
        "update household.rpt_budget_variance set variance_amount = variance_amount + 0.0001",
        "rpt_budget_variance_is_what_was_planned_less_what_was_spent",
    ),
    "an envelope is called carried": (
        "update household.rpt_envelopes set roll_verdict = 'carried'",
        "rpt_envelopes_say_carried_exactly_where_the_sums_meet",
    ),
    "a debt is forgotten": (
        "delete from household.rpt_debts where counterparty_name = 'Rahim'",
        "assert_debts_are_what_the_ledgers_state",
    ),
    "a sum is converted without a rate": (
        "update household.rpt_net_worth_items set base_amount = 1, is_converted = true where currency_code = 'GBP'",
        "rpt_net_worth_items_carry_the_rate_of_what_is_converted",
    ),
    "a rate is altered": (
        "update household.rpt_net_worth_items set conversion_rate = conversion_rate + 0.01",
        "assert_worth_is_the_amount_at_the_rate",
    ),
    "an account is left out of what somebody is worth": (
        "delete from household.rpt_net_worth_items where currency_code = 'GBP'",
        "assert_net_worth_is_what_its_items_say",
    ),
    "worth is patched": (
        "update household.rpt_net_worth set net_amount = net_amount + 1, assets_amount = assets_amount + 1",
        "assert_net_worth_is_what_its_items_say",
    ),
    "a payment of rent is lost": (
        "update property.rpt_rent_ledger set paid_amount = 0",
        "rpt_rent_ledger_closes_with_what_was_charged_and_not_paid",
    ),
    "a rent book begins with something": (
        "update property.rpt_rent_ledger set opening_amount = 5, closing_amount = closing_amount + 5",
        "assert_rent_ledger_goes_on",
    ),
    "a till's shortage is hidden": (
        "update household.rpt_cash_counts set variance_amount = 0 where line_kind = 'total'",
        "rpt_cash_counts_vary_by_what_was_counted_less_expected",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(household: TinyWarehouse, data_tests: dict[str, str], fault: str) -> None:
    planted, found = FAULTS[fault]
    household.change(planted)
    with household.open() as con:
        assert con.execute(data_tests[found]).fetchone() is not None
