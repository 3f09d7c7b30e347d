"""The hand-written SQL is a second opinion on every mart: it must agree with dbt row for row, or see the difference."""

from __future__ import annotations

from pathlib import Path

import pytest
from bank_story import tell_of_banks

from benchmarks import hand_sql
from benchmarks.builds import MEMORY, dbt_command
from benchmarks.entries import Scale
from benchmarks.measure import run_once
from benchmarks.raw_tables import add_night, fill_home, open_home
from warehouse.mart_contents import MART_SCHEMAS
from warehouse.working_file import working_file

SCALE = Scale(20_000)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("bench") / "home"
    fill_home(root, SCALE)
    home, keyring = open_home(root)
    with working_file(home, keyring, "test", MEMORY) as con:
        tell_of_banks(con)
    run_once(dbt_command(root, full=True))
    return root


def _change(root: Path, statement: str) -> None:
    home, keyring = open_home(root)
    with working_file(home, keyring, "test", MEMORY) as con:
        con.execute(statement)


def _empty_marts(root: Path) -> set[str]:
    """Marts without a row: about these agreement says nothing."""
    home, keyring = open_home(root)
    with working_file(home, keyring, "test", MEMORY) as con:
        tables = con.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where list_contains(?, schema_name)",
            [list(MART_SCHEMAS)],
        ).fetchall()
        return {name for (name,) in tables if con.execute(f"select 1 from {name} limit 1").fetchone() is None}


def test_dbt_and_hand_written_sql_give_the_same_marts_before_and_after_a_night(built: Path) -> None:
    hand_sql.build(built, MEMORY)
    assert len(hand_sql.mart_contents(built)) >= 15
    assert hand_sql.differing_marts(built) == []
    assert _empty_marts(built) == {"ops.rpt_webhook_events", *hand_sql.LEFT_OUT}
    add_night(built, SCALE)
    hand_sql.build(built, MEMORY)
    assert "core.fct_transactions" in hand_sql.differing_marts(built)
    run_once(dbt_command(built, full=False))
    assert hand_sql.differing_marts(built) == []


def test_one_altered_amount_is_seen(built: Path) -> None:
    _change(
        built,
        "update household.rpt_monthly_cashflow set net_amount = net_amount + 0.0001 where rowid = "
        "(select min(rowid) from household.rpt_monthly_cashflow)",
    )
    hand_sql.build(built, MEMORY)
    assert hand_sql.differing_marts(built) == ["household.rpt_monthly_cashflow"]


def test_a_row_in_a_mart_that_is_not_made_by_hand_is_seen(built: Path) -> None:
    _change(
        built,
        "insert into core.fct_fx_rates values (uuid(), date '2026-01-02', 'EUR', 'USD', 'by_hand', 'me', 'by hand', "
        "1.1, now())",
    )
    hand_sql.build(built, MEMORY)
    assert "core.fct_fx_rates" in hand_sql.differing_marts(built)
