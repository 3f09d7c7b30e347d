"""Faults planted in a finished working file: the data tests must find each and name it in one line."""

from __future__ import annotations

import pytest
from tiny_warehouse import TinyWarehouse

FAULTS = {
    "a transaction is lost": (
        "delete from core.fct_transactions where category_id = 'rent'",
        "assert_transactions_are_the_staged_rows on",
    ),
    "a transaction is there twice": (
        "insert into core.fct_transactions select * from core.fct_transactions where category_id = 'rent'",
        "unique_fct_transactions_transaction_key on fct_transactions: 1 row where none may be",
    ),
    "an amount is off by the smallest unit": (
        "update core.fct_transactions set transaction_amount = transaction_amount + 0.0001 where category_id = 'rent'",
        "assert_transactions_are_the_staged_rows on",
    ),
    "a transfer counts as income": (
        "update core.fct_transactions set flow_type = 'income' where transaction_kind = 'transfer'",
        "fct_transactions_transfers_and_opening_balances_count_as_nothing on fct_transactions: 1 row",
    ),
    "a category that does not exist": (
        "update core.fct_transactions set category_id = 'nonsense' where category_id = 'rent'",
        "on fct_transactions: 1 row",
    ),
    "a report loses a row": (
        "delete from household.rpt_monthly_cashflow where category_id = 'software'",
        "assert_cashflow_is_what_transactions_say on",
    ),
    "a report says more than its parts": (
        "update household.rpt_monthly_cashflow set expense_amount = expense_amount + 1 where category_id = 'rent'",
        "rpt_monthly_cashflow_net_is_what_its_parts_leave on rpt_monthly_cashflow: 1 row",
    ),
    "a report has another savings rate than the month": (
        "update household.rpt_monthly_cashflow set savings_rate = savings_rate + 1e-9 where category_id = 'salary'",
        "assert_savings_rate_is_the_same_in_both_reports on",
    ),
    "a report has a savings rate where the month has none": (
        "update household.rpt_monthly_cashflow set savings_rate = 0 where category_id = 'rent'",
        "assert_savings_rate_is_the_same_in_both_reports on",
    ),
    "the savings report forgets a month": (
        "delete from household.rpt_monthly_savings where month_date = date '2026-05-01'",
        "assert_savings_are_what_the_cashflow_says on",
    ),
    "a load lost a row": (
        "update raw.load_counts set read_count = read_count + 1 where load_id = 'load-1'",
        "assert_rows_read_are_accounted_for on stg_load_counts: 1 row where none may be",
    ),
    "a connection without consent": (
        "delete from raw.consents where connection_id = 'c2'",
        "every_connection_has_a_consent_that_names_its_source on int_core__connections_described: 1 row",
    ),
    "a currency that is none": (
        "update raw.ledger_entries set currency_code = 'taka' where record_id = 'may'",
        "stg_ledger_entries_name_an_iso_currency on stg_ledger_entries: 1 row",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found_and_named(built_karim: TinyWarehouse, fault: str) -> None:
    statement, line = FAULTS[fault]
    built_karim.change(statement)

    result = built_karim.build()

    assert not result.ok
    assert any(line in problem for problem in result.problems), result.problems
    assert all("\n" not in problem for problem in result.problems)


def test_a_failed_test_keeps_the_mark_so_that_nothing_is_skipped_for_ever(karim: TinyWarehouse) -> None:
    karim.change("update raw.ledger_entries set currency_code = 'taka' where record_id = 'may'")
    assert not karim.build().ok
    karim.change("update raw.ledger_entries set currency_code = 'BDT' where record_id = 'may'")
    assert karim.build().problems == ()
    assert karim.rows("select count(*) from core.fct_transactions") == [(11,)]
