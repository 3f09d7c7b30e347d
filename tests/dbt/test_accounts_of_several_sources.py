"""A bank account that a feed and files tell of: each transaction once, each balance as reported, nothing patched."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from tiny_warehouse import TinyWarehouse, account, balance, bank_row, consent, entry, party, statement

from warehouse.home import Home

NUMBER = "0123456789abcdef"
MARCH, APRIL = ("2026-03-01", "2026-03-31"), ("2026-04-01", "2026-04-30")


def fill_with_amina(tiny: TinyWarehouse) -> TinyWarehouse:
    """Amina's current account over a Lean feed and an OFX file of March and April, which overlap in April."""
    tiny.load(
        party("feed", "p1", "আমিনা"),
        consent("feed", "p1", "lean"),
        account("feed", "current", account_name="Everyday", account_kind="current", number_key=NUMBER),
        bank_row("feed", "f1", "2026-04-02", "-15", payee_name="Coffee of the feed"),
        bank_row("feed", "f2", "2026-04-10", "-200"),
        bank_row("feed", "f3", "2026-05-04", "3000"),
        # the bank books it on a Friday, the file says Sunday
        bank_row("feed", "f4", "2026-04-17", "-77.7"),
        bank_row("feed", "p1", "2026-05-05", "-60", booking_status="pending"),
        bank_row("feed", "p2", "2026-05-03", "-9", booking_status="pending", deleted=True),
        bank_row("feed", "p3", "2026-05-02", "3000", booking_status="pending", deleted=True),
        balance("feed", "2026-05-05", "3657.35"),
        balance("feed", "2026-05-05", "3600", kind="available"),
        connection_id="feed",
    )
    tiny.load(
        party("file", "p1", "আমিনা"),
        consent("file", "p1", "ofx"),
        account("file", "current", account_name="1234", masked_number="1234", number_key=NUMBER, currency_code=None),
        bank_row("file", "a", "2026-03-09", "-40"),
        # two coffees, of which the feed knows one
        bank_row("file", "b", "2026-04-02", "-15", payee_name="Coffee of the file"),
        bank_row("file", "c", "2026-04-02", "-15", payee_name="Coffee of the file"),
        bank_row("file", "d", "2026-04-10", "-200"),
        bank_row("file", "e", "2026-04-19", "-77.7"),
        balance("file", "2026-04-01", "965", kind="opening"),
        balance("file", "2026-04-30", "657.3"),
        statement("file", MARCH, "1005", "-40", "965"),
        statement("file", APRIL, "965", "-307.7", "657.3"),
        connection_id="file",
    )
    return tiny


@pytest.fixture
def amina(kitchen: Home, tiny: TinyWarehouse) -> TinyWarehouse:
    """Amina's account, built with every data test."""
    kept = kitchen.root / "amina"
    if kept.exists():
        tiny.bring_back("amina")
        tiny.load_seq = 2
        return tiny
    fill_with_amina(tiny)
    assert tiny.proven() == []
    tiny.keep("amina")
    return tiny


def test_two_sources_of_one_account_are_one_account_with_one_of_each_transaction(amina: TinyWarehouse) -> None:
    assert amina.rows(
        "select account_name, source_name, source_count, masked_number, currency_code, has_balance "
        "from core.dim_accounts"
    ) == [("Everyday", "lean", 2, "1234", "BDT", True)]
    told = amina.rows(
        "select transaction_date, source_name, transaction_amount, evidence_count, payee_name "
        "from core.fct_transactions order by all"
    )
    day, amount = dt.date, Decimal
    assert told == [
        (day(2026, 3, 9), "ofx", amount(-40), 1, None),
        (day(2026, 4, 2), "lean", amount(-15), 2, "Coffee of the feed"),
        (day(2026, 4, 2), "ofx", amount(-15), 1, "Coffee of the file"),
        (day(2026, 4, 10), "lean", amount(-200), 2, None),
        (day(2026, 4, 17), "lean", amount("-77.7"), 1, None),
        (day(2026, 4, 19), "ofx", amount("-77.7"), 1, None),
        (day(2026, 5, 4), "lean", amount(3000), 1, None),
    ]
    assert amina.rows(
        "select source_name, kept_source_name, transaction_amount from ops.rpt_duplicates order by 3"
    ) == [
        ("ofx", "lean", amount(-200)),
        ("ofx", "lean", amount(-15)),
    ]


def test_what_was_booked_on_two_days_is_named_and_left(amina: TinyWarehouse) -> None:
    assert amina.rows(
        "select source_name, later_source_name, transaction_amount, apart_days from ops.rpt_possible_duplicates"
    ) == [("lean", "ofx", Decimal("-77.7"), 2)]


def test_pending_rows_are_in_no_sum_and_end_posted_or_dropped(amina: TinyWarehouse) -> None:
    pending = (
        "select pendings.transaction_amount, pending_status, booked.transaction_date "
        "from core.fct_pending_transactions as pendings "
        "left join core.fct_transactions as booked on posted_transaction_key = transaction_key order by 1"
    )
    assert amina.rows(pending) == [
        (Decimal(-60), "open", None),
        (Decimal(-9), "dropped", None),
        (Decimal(3000), "posted", dt.date(2026, 5, 4)),
    ]


def test_daily_balances_meet_what_both_sources_reported(amina: TinyWarehouse) -> None:
    days = {
        row[0].isoformat(): row[1:]
        for row in amina.rows(
            "select balance_date, balance_amount, balance_source, unexplained_amount "
            "from core.fct_account_balances_daily"
        )
    }
    assert sorted(days) == [(dt.date(2026, 3, 9) + dt.timedelta(days=number)).isoformat() for number in range(58)]
    assert days["2026-03-09"] == (Decimal(965), "derived", None)
    assert days["2026-03-31"] == (Decimal(965), "reported", None)
    assert days["2026-04-16"] == (Decimal(735), "derived", None)
    # the amount that is there twice is what the bank's balance does not confirm
    assert days["2026-04-29"] == (Decimal("579.6"), "derived", None)
    assert days["2026-04-30"] == (Decimal("657.3"), "reported", Decimal("77.7"))
    assert days["2026-05-04"] == (Decimal("3657.3"), "derived", None)
    assert days["2026-05-05"] == (Decimal("3657.35"), "reported", Decimal("0.05"))


def test_statements_that_go_on_are_continuous(amina: TinyWarehouse) -> None:
    assert amina.rows("select last_date, verdict, difference_amount from ops.rpt_statement_continuity order by 1") == [
        (dt.date(2026, 3, 31), "first", Decimal(0)),
        (dt.date(2026, 4, 30), "continuous", Decimal(0)),
    ]
    assert amina.rows(
        "select jump_amount, gap_days, is_control_sum_met from ops.rpt_statement_continuity order by 1"
    ) == [
        (Decimal(0), 0, None),
        (None, None, None),
    ]


def test_a_later_night_books_a_pending_row_and_says_what_no_longer_adds_up(amina: TinyWarehouse) -> None:
    amina.load(
        bank_row("feed", "p1", "2026-05-07", "-61.5"),
        statement("file", MARCH, "1005", "-40", "965.01"),
        party("wallet", "p1"),
        consent("wallet", "p1", "wallet"),
        account("wallet"),
        entry("wallet", "x", "2026-06-01", "-1"),
    )
    assert amina.proven() == []
    # booked under the same id it is a transaction, and pending no more
    assert amina.rows("select transaction_amount from core.fct_pending_transactions order by 1") == [
        (Decimal(-9),),
        (Decimal(3000),),
    ]
    assert amina.rows("select count(*) from core.fct_transactions where transaction_amount = -61.5") == [(1,)]
    assert amina.rows("select last_date, verdict, difference_amount from ops.rpt_statement_continuity order by 1") == [
        (dt.date(2026, 3, 31), "unbalanced", Decimal("-0.01")),
        (dt.date(2026, 4, 30), "jump", Decimal(0)),
    ]
    # an account without a number is known by nobody else, so nothing old is redone for it
    redone = amina.rows("select distinct month_date from intermediate.int_core__party_months_changed order by 1")
    assert redone == [(dt.date(2026, 5, 1),), (dt.date(2026, 6, 1),)]


def test_a_second_source_redoes_older_months_and_equals_a_full_refresh(tiny: TinyWarehouse) -> None:
    tiny.load(
        party("feed", "p1"),
        consent("feed", "p1", "lean"),
        account("feed", "current", account_kind="current", number_key=NUMBER),
        bank_row("feed", "f1", "2025-01-05", "-15"),
        bank_row("feed", "f2", "2025-02-01", "-16"),
        connection_id="feed",
    )
    assert tiny.build(tests=False).ok
    tiny.load(
        party("file", "p1"),
        consent("file", "p1", "camt"),
        account("file", "current", number_key=NUMBER),
        bank_row("file", "a", "2025-01-05", "-15"),
        # two days before the feed says, in a month of which nothing of the feed's changed
        bank_row("file", "b", "2025-01-30", "-16"),
        connection_id="file",
    )
    assert tiny.proven() == []
    redone = tiny.rows("select distinct month_date from intermediate.int_core__party_months_changed order by 1")
    assert redone == [(dt.date(2025, 1, 1),), (dt.date(2025, 2, 1),)]
    counted = "select count(*), count(distinct account_key), sum(evidence_count) from core.fct_transactions"
    assert tiny.rows(counted) == [(3, 1, 4)]
    assert tiny.rows("select apart_days from ops.rpt_possible_duplicates") == [(2,)]
    nightly = tiny.marts()
    assert tiny.build(full_refresh=True, tests=False).ok
    assert nightly == tiny.marts()


def test_a_date_of_another_century_costs_three_years_of_rows(tiny: TinyWarehouse) -> None:
    tiny.load(
        party("c1", "p1"),
        consent("c1", "p1", "ofx"),
        bank_row("c1", "a", "1900-01-01", "-1"),
        bank_row("c1", "b", "2026-01-02", "-2"),
        balance("c1", "2026-01-03", "10"),
        bank_row("c1", "c", "2199-12-31", "-3"),
    )
    assert tiny.proven() == []
    assert tiny.rows(
        "select count(*), min(balance_amount), max(balance_amount) from core.fct_account_balances_daily"
    ) == [(1 + 1095 + 1 + 1 + 1095 + 1, Decimal(7), Decimal(12))]
    assert tiny.rows("select has_balance, is_declared from core.dim_accounts") == [(True, False)]


BANK_FAULTS = {
    "a duplicate is counted after all": (
        (
            "insert into core.fct_transactions select kept.* replace (told.transaction_key as transaction_key) "
            "from core.fct_transactions as kept inner join ops.rpt_duplicates as told "
            "on kept.transaction_key = kept_transaction_key where kept.transaction_amount = -200"
        ),
        {"assert_an_event_stands_once", "assert_transactions_are_the_staged_rows"},
    ),
    "a transaction only one source tells is lost": (
        "delete from core.fct_transactions where transaction_amount = -40",
        {"assert_transactions_are_the_staged_rows", "assert_daily_balances_hold_every_transaction"},
    ),
    "a derived balance is patched": (
        (
            "update core.fct_account_balances_daily set balance_amount = balance_amount + 0.0001 "
            "where balance_date = date '2026-04-12'"
        ),
        {"fct_account_balances_daily_move_by_transactions_and_what_is_unexplained"},
    ),
    "a reported balance is patched with its opening": (
        (
            "update core.fct_account_balances_daily set balance_amount = balance_amount + 1, "
            "unexplained_amount = unexplained_amount + 1 where balance_date = date '2026-04-30'"
        ),
        {
            "assert_reported_balances_are_what_was_reported",
            "fct_account_balances_daily_call_reported_what_was_reported",
        },
    ),
    "a difference is hidden in a day's transactions": (
        (
            "update core.fct_account_balances_daily set unexplained_amount = 0, "
            "transactions_amount = transactions_amount + unexplained_amount where balance_date = date '2026-04-30'"
        ),
        {"assert_daily_balances_hold_every_transaction"},
    ),
    "a statement goes on from another one": (
        "update ops.rpt_statement_continuity set jump_amount = 0.01 where verdict = 'continuous'",
        {
            "assert_statements_go_on_where_the_one_before_ended",
            "rpt_statement_continuity_calls_nothing_continuous_that_is_not",
        },
    ),
    "a statement that does not add up is called balanced": (
        "update ops.rpt_statement_continuity set closing_amount = closing_amount + 0.01 where verdict = 'first'",
        {"rpt_statement_continuity_balances_what_adds_up"},
    ),
    "a pending row counts as posted": (
        "update core.fct_pending_transactions set pending_status = 'posted' where pending_status = 'open'",
        {"fct_pending_transactions_name_the_booked_row_exactly_when_posted"},
    ),
}


@pytest.mark.parametrize("fault", BANK_FAULTS)
def test_a_fault_planted_in_the_bank_marts_is_found(
    amina: TinyWarehouse, data_tests: dict[str, str], fault: str
) -> None:
    planted, found = BANK_FAULTS[fault]
    amina.change(planted)
    with amina.open() as con:
        failed = {name for name, sql in data_tests.items() if con.execute(sql).fetchone() is not None}
    assert found <= failed
