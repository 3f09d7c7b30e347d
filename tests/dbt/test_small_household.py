"""What the marts say of a small household, number by number."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import duckdb
from tiny_warehouse import TinyWarehouse, account, consent, entry, party

APRIL, MAY = dt.date(2026, 4, 1), dt.date(2026, 5, 1)


def rows(marts: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    return marts.execute(sql).fetchall()


def test_every_amount_of_a_small_household_lands_where_it_belongs(karims_marts: duckdb.DuckDBPyConnection) -> None:
    cashflow = rows(
        karims_marts,
        "select month_date, category_id, flow_type, currency_code, income_amount, expense_amount, debt_amount, "
        "saving_amount, net_amount, savings_rate from household.rpt_monthly_cashflow order by month_date, category_id",
    )
    zero = Decimal(0)
    rate = (42000 - 2000 - 5000) / 42000
    assert cashflow == [
        (APRIL, "debt_repayment", "debt", "BDT", zero, zero, Decimal(5000), zero, Decimal(-5000), rate),
        (APRIL, "deposit_scheme", "saving", "BDT", zero, zero, zero, Decimal(3000), Decimal(-3000), rate),
        (APRIL, "groceries", "expense", "BDT", zero, Decimal(1800), zero, zero, Decimal(-1800), rate),
        (APRIL, "salary", "income", "BDT", Decimal(42000), zero, zero, zero, Decimal(42000), rate),
        (APRIL, "software", "expense", "USD", zero, Decimal("12.3456"), zero, zero, Decimal("-12.3456"), None),
        (APRIL, "uncategorised", "expense", "BDT", zero, Decimal(200), zero, zero, Decimal(-200), rate),
        (MAY, "rent", "expense", "BDT", zero, Decimal(100), zero, zero, Decimal(-100), None),
        (MAY, "uncategorised", "expense", "BDT", zero, Decimal(40), zero, zero, Decimal(-40), None),
    ]
    savings = rows(
        karims_marts,
        "select month_date, currency_code, income_amount, expense_amount, net_amount, savings_rate "
        "from household.rpt_monthly_savings order by all",
    )
    assert savings == [
        (APRIL, "BDT", Decimal(42000), Decimal(2000), Decimal(32000), rate),
        (APRIL, "USD", zero, Decimal("12.3456"), Decimal("-12.3456"), None),
        (MAY, "BDT", zero, Decimal(140), Decimal(-140), None),
    ]


def test_transfers_and_opening_balances_are_kept_and_count_as_nothing(karims_marts: duckdb.DuckDBPyConnection) -> None:
    kept = rows(
        karims_marts,
        "select transaction_kind, category_id, is_transfer, transaction_amount from core.fct_transactions "
        "where flow_type = 'none' order by all",
    )
    assert kept == [
        ("opening_balance", "opening_balance", False, Decimal(1000)),
        ("transfer", "account_transfer", True, Decimal(-700)),
    ]


def test_what_no_rule_fits_is_counted_and_visible(karims_marts: duckdb.DuckDBPyConnection) -> None:
    waiting = rows(
        karims_marts,
        "select source_name, source_category, transaction_count, in_amount, out_amount "
        "from household.rpt_uncategorised order by all",
    )
    assert waiting == [
        ("hishebi", "Fun: Kites", 1, Decimal(0), Decimal(200)),
        ("ofx", "", 1, Decimal(0), Decimal(40)),
    ]


def test_two_connections_of_one_party_are_one_party_and_notes_stay_out(karims_marts: duckdb.DuckDBPyConnection) -> None:
    assert rows(karims_marts, "select party_id, party_label, connection_count from core.dim_parties") == [
        ("p1", "Karim", 2)
    ]
    assert rows(karims_marts, "select count(distinct party_key), count(*) from core.fct_transactions") == [(1, 11)]
    columns = {
        row[0] for row in rows(karims_marts, "select column_name from duckdb_columns() where schema_name = 'core'")
    }
    assert not columns & {"note", "description", "labels", "extra"}


def test_an_account_no_source_told_of_is_kept_and_marked(built_karim: TinyWarehouse) -> None:
    accounts = built_karim.rows(
        "select account_name, is_declared, source_name from core.dim_accounts order by is_declared"
    )
    assert accounts == [("Undeclared account", False, "ofx"), ("নগদ টাকা", True, "hishebi")]

    built_karim.load(account("c2", "current"), connection_id="c2")
    assert built_karim.build(tests=False).ok
    assert built_karim.rows("select count(*), count(*) filter (is_declared) from core.dim_accounts") == [(2, 2)]


def test_names_in_bangla_and_arabic_survive(karims_marts: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        karims_marts, "select payee_name from core.fct_transactions where category_id = 'groceries' order by 1"
    ) == [
        ("আগোরা",),
        (None,),
    ]
    names = rows(
        karims_marts, "select category_name_bn, category_name_ar from core.dim_categories where category_id = 'zakat'"
    )
    assert names == [("যাকাত", "الزكاة")]


def test_days_cover_whole_years_with_iso_weeks_and_the_fiscal_year_of_bangladesh(tiny: TinyWarehouse) -> None:
    tiny.load(party("c1", "p1"), consent("c1", "p1"), entry("c1", "a", "2024-06-30", "1"))
    assert tiny.build(tests=False).ok
    days = tiny.rows(
        "select date_day, iso_year_no, iso_week_no, iso_weekday_no, fiscal_year_bd_no, fiscal_year_bd_start_date, "
        "month_name_bn from core.dim_dates order by date_day"
    )
    assert [row[0] for row in days] == [dt.date(2024, 1, 1) + dt.timedelta(days=n) for n in range(366)]
    assert [row[1:4] for row in days] == [tuple(row[0].isocalendar()) for row in days]
    for day, *_, fiscal_year, start, _name in days:
        assert (fiscal_year, start) == ((2024, dt.date(2023, 7, 1)) if day.month < 7 else (2025, dt.date(2024, 7, 1)))
    assert {row[0].month: row[6] for row in days}[7] == "জুলাই"


def test_sync_health_tells_of_a_connection_that_never_loaded(built_karim: TinyWarehouse) -> None:
    built_karim.load(
        party("c3", "p2", "Salma"),
        consent("c3", "p2"),
        counts={"read": 9, "merged": 3, "unchanged": 4, "quarantined": 2},
    )
    assert built_karim.build(tests=False).ok
    health = built_karim.rows(
        "select connection_label, load_count, read_count, quarantined_count, lag_days is null, "
        "consent_left_days = date_diff('day', as_of_at, consent_expires_at) from ops.rpt_sync_health order by 1"
    )
    assert health == [
        ("hishebi of p1", 2, 22, 2, False, True),
        ("hishebi of p2", 0, 0, 0, True, True),
        ("ofx of p1", 1, 3, 0, False, True),
    ]


def test_an_empty_warehouse_builds(tiny: TinyWarehouse) -> None:
    assert tiny.proven() == []
    assert tiny.rows("select count(*) from core.dim_dates") == [(0,)]
