"""Faults planted in a finished working file: the data tests must find each and name it in one line."""

from __future__ import annotations

import pytest
from tiny_warehouse import TinyWarehouse

FAULTS = {
    "a transaction is lost": (
        "delete from core.fct_transactions where category_id = 'rent'",
        "assert_transactions_are_the_staged_rows",
    ),
    "a transaction is there twice": (
        "insert into core.fct_transactions select * from core.fct_transactions where category_id = 'rent'",
        "unique_fct_transactions_transaction_key",
    ),
    "an amount is off by the smallest unit": (
        "update core.fct_transactions set transaction_amount = transaction_amount + 0.0001 where category_id = 'rent'",
        "assert_transactions_are_the_staged_rows",
    ),
    "a transfer counts as income": (
        "update core.fct_transactions set flow_type = 'income' where transaction_kind = 'transfer'",
        "fct_transactions_transfers_and_opening_balances_count_as_nothing",
    ),
    "a category that does not exist": (
        "update core.fct_transactions set category_id = 'nonsense' where category_id = 'rent'",
        "relationships_fct_transactions_category_id__category_id__ref_dim_categories_",
    ),
    "a report loses a row": (
        "delete from household.rpt_monthly_cashflow where category_id = 'software'",
        "assert_cashflow_is_what_transactions_say",
    ),
    "a report says more than its parts": (
        "update household.rpt_monthly_cashflow set expense_amount = expense_amount + 1 where category_id = 'rent'",
        "rpt_monthly_cashflow_net_is_what_its_parts_leave",
    ),
    "a report has another savings rate than the month": (
        "update household.rpt_monthly_cashflow set savings_rate = savings_rate + 1e-9 where category_id = 'salary'",
        "assert_savings_rate_is_the_same_in_both_reports",
    ),
    "a report has a savings rate where the month has none": (
        "update household.rpt_monthly_cashflow set savings_rate = 0 where category_id = 'rent'",
        "assert_savings_rate_is_the_same_in_both_reports",
    ),
    "the savings report forgets a month": (
        "delete from household.rpt_monthly_savings where month_date = date '2026-05-01'",
        "assert_savings_are_what_the_cashflow_says",
    ),
    "a load lost a row": (
        "update raw.load_counts set read_count = read_count + 1 where load_id = 'load-1'",
        "assert_rows_read_are_accounted_for",
    ),
    "a connection without consent": (
        "update intermediate.int_core__connections_described set source_name = 'unknown' where connection_id = 'c2'",
        "every_connection_has_a_consent_that_names_its_source",
    ),
    "a currency that is none": (
        "update raw.ledger_entries set currency_code = 'taka' where record_id = 'may'",
        "stg_ledger_entries_name_an_iso_currency",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(built_karim: TinyWarehouse, data_tests: dict[str, str], fault: str) -> None:
    planted, found = FAULTS[fault]
    built_karim.change(planted)
    with built_karim.open() as con:
        assert con.execute(data_tests[found]).fetchone() is not None


def test_nothing_is_found_where_nothing_was_planted(built_karim: TinyWarehouse, data_tests: dict[str, str]) -> None:
    with built_karim.open() as con:
        assert [name for name, sql in data_tests.items() if con.execute(sql).fetchone() is not None] == []


def test_a_build_names_what_it_found_in_one_line_each(built_karim: TinyWarehouse) -> None:
    built_karim.change(
        FAULTS["a transaction is there twice"][0], "update raw.load_counts set read_count = 99 where load_id = 'load-1'"
    )

    result = built_karim.build()

    assert not result.ok
    twice = "unique_fct_transactions_transaction_key on fct_transactions: 1 row where none may be"
    lost = "assert_rows_read_are_accounted_for on stg_load_counts: 1 row where none may be"
    assert {twice, lost} <= set(result.problems), result.problems
    assert all("\n" not in problem for problem in result.problems)


def test_a_failed_test_keeps_the_mark_so_that_nothing_is_skipped_for_ever(karim: TinyWarehouse) -> None:
    karim.change("update raw.ledger_entries set currency_code = 'taka' where record_id = 'may'")
    assert not karim.build().ok
    karim.change("update raw.ledger_entries set currency_code = 'BDT' where record_id = 'may'")
    assert karim.build().problems == ()
    assert karim.rows("select count(*) from core.fct_transactions") == [(11,)]
