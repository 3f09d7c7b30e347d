from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from household_marts import AMINA, HOSTILE, KARIM, contract_columns, create_marts, fill_marts, insert

from dashboards import DASHBOARDS, FOLDER, render_dashboard
from dashboards.page import page_text, render_page
from dashboards.results import MAX_CHOICES, run_cards
from dashboards.spec import Dashboard, DashboardError, load_spec
from dashboards.sql_template import with_nulls
from warehouse.home import Home
from warehouse.keys import Keyring
from warehouse.marts import open_marts
from warehouse.publish import publish
from warehouse.working_file import working_file

CASHFLOW = FOLDER / "cashflow.yaml"


@pytest.fixture(scope="module")
def marts() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    fill_marts(con)
    return con


@pytest.mark.parametrize("key", DASHBOARDS)
def test_every_statement_fits_the_contracts_of_the_marts(key: str) -> None:
    con = duckdb.connect()
    create_marts(con)
    assert "household.rpt_monthly_cashflow" in contract_columns()
    spec = load_spec(FOLDER / f"{key}.yaml")
    for card in spec.cards:
        con.execute(f"explain {with_nulls(card.sql)}")
        names = [column[0] for column in con.execute(with_nulls(card.sql)).description or []]
        wanted = [*card.viz.dimensions, *card.viz.metrics, *filter(None, [card.viz.scalar_field])]
        for name in wanted:
            assert name in names or {f"{name}_en", f"{name}_bn", f"{name}_ar"} <= set(names), (card.key, name)
        for name in names:
            assert re.sub("_(en|bn|ar)$", "", name) in spec.labels, (card.key, name)
    for param in spec.params:
        con.execute(f"select value, label from ({param.sql})")


def test_results_are_exact_strings_for_every_choice_that_has_records(marts: duckdb.DuckDBPyConnection) -> None:
    results = run_cards(load_spec(CASHFLOW), marts)
    assert set(results.by_selection) == {
        ("BDT", None), ("BDT", AMINA), ("BDT", KARIM), ("BDT", HOSTILE), ("AED", None), ("AED", KARIM),
    }  # fmt: skip
    parts = [results.by_selection["BDT", party]["income"].rows[0][1] for party in (AMINA, KARIM, HOSTILE)]
    whole = results.by_selection["BDT", None]["income"].rows[0][1]
    assert isinstance(whole, str)
    assert sum(Decimal(str(part)) for part in parts) == Decimal(whole)
    assert dict(results.by_selection["BDT", None]["by_month"].columns)["month_date"] == "month"
    assert results.by_selection["BDT", None]["by_month"].rows[0][0] == "2025-01-01"


def test_the_rate_of_a_period_is_a_ratio_of_sums_and_borrowing_never_raises_it(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    rows = run_cards(load_spec(CASHFLOW), marts).by_selection["BDT", AMINA]["income"].rows
    income, expense, debt = marts.execute(
        "select sum(income_amount), sum(expense_amount), sum(debt_amount) from household.rpt_monthly_cashflow "
        "where currency_code = 'BDT' and party_key = ?::uuid", [AMINA],
    ).fetchall()[0]  # fmt: skip
    assert debt == Decimal("7000.0000")
    assert rows[0][3] == pytest.approx(float((income - expense - debt) / income), abs=1e-12)


def test_the_page_covers_the_last_24_months_with_records() -> None:
    con = duckdb.connect()
    fill_marts(con, months=30)
    by_month = run_cards(load_spec(CASHFLOW), con).by_selection["AED", KARIM]["by_month"]
    assert [row[0] for row in by_month.rows][:: len(by_month.rows) - 1] == ["2025-07-01", "2027-06-01"]


def test_more_people_than_a_page_can_hold_are_told_of() -> None:
    con = duckdb.connect()
    create_marts(con)
    keys = [f"00000000-0000-0000-0000-{number:012d}" for number in range(MAX_CHOICES + 5)]
    insert(con, "core.dim_parties", [{"party_key": key, "party_label": key} for key in keys])
    flow = {"month_date": "2026-01-01", "currency_code": "BDT", "income_amount": 1, "expense_amount": 0}
    insert(con, "household.rpt_monthly_savings", [flow | {"party_key": key} for key in keys])
    results = run_cards(load_spec(CASHFLOW), con)
    assert len(results.choices[1].values) == MAX_CHOICES
    assert results.choices[1].has_more
    assert results.by_selection["BDT", None]["income"].rows[0][0] == f"{MAX_CHOICES + 5}.0000"


def test_a_statement_that_does_not_run_is_named_with_its_card(marts: duckdb.DuckDBPyConnection) -> None:
    spec = load_spec(CASHFLOW)
    card = spec.cards[0].model_copy(update={"sql": "select nothing from household.rpt_monthly_savings"})
    with pytest.raises(DashboardError, match=r'^cashflow\.yaml, card income: .*"nothing" not found') as caught:
        run_cards(Dashboard.model_construct(**{**dict(spec), "cards": [card]}), marts)
    assert "\n" not in str(caught.value)


def test_the_same_data_give_the_same_bytes(marts: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    spec = load_spec(CASHFLOW)
    first = render_page(spec, run_cards(spec, marts), tmp_path / "a.html", published_at="2026-12-31T20:00:05+00:00")
    second = render_page(spec, run_cards(spec, marts), tmp_path / "b.html", published_at="2026-12-31T20:00:05+00:00")
    assert first.read_bytes() == second.read_bytes()
    assert first.stat().st_mode & 0o777 == 0o600
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".html", ".html", ".js"]


def test_no_text_of_a_person_can_end_the_data_block(marts: duckdb.DuckDBPyConnection) -> None:
    spec = load_spec(CASHFLOW)
    page = page_text(spec, run_cards(spec, marts), "", library="")
    block = page.split('<script type="application/json" id="data">')[1].split("</script>")[0]
    assert not set("<>&\u2028\u2029") & set(block)
    labels = [label for _, label in json.loads(block)["params"][1]["choices"]]
    assert "</script><img src=x onerror=alert(1)>" in labels
    assert "আমিনা বেগম" in block


def test_a_page_is_rendered_from_the_published_snapshot(home: Home, keyring: Keyring) -> None:
    with working_file(home, keyring, "test", "500MB") as con:
        fill_marts(con, months=2)
        publish(con, home, keyring, run_id="r1", facts={})
    with open_marts(home, keyring) as marts:
        path = render_dashboard("cashflow", marts, home.pages / "cashflow.html")
        assert marts.published.published_at in path.read_text(encoding="utf-8")
