"""The page of accounts and balances: its figures, its three languages, a phone's width and paper."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from bank_marts import CARD, CURRENT, LAST, LOAN, NAMELESS, fill_bank_marts
from household_marts import AMINA, KARIM, create_marts, fill_marts, insert
from playwright.sync_api import Browser, Page

from dashboards import FOLDER
from dashboards.page import render_page
from dashboards.results import Results, run_cards
from dashboards.spec import load_spec

SPEC = load_spec(FOLDER / "accounts.yaml")


@pytest.fixture(scope="module")
def results() -> Results:
    con = duckdb.connect()
    fill_marts(con, months=2)
    fill_bank_marts(con)
    return run_cards(SPEC, con)


@pytest.fixture(scope="module")
def page_file(results: Results, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pages") / "accounts.html"
    return render_page(SPEC, results, path, published_at="2026-12-31T20:00:05+00:00")


def shown(browser: Browser, path: Path, width: int = 1280, locale: str = "en-GB") -> Page:
    page = browser.new_context(viewport={"width": width, "height": 900}, locale=locale).new_page()
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-ready]")
    return page


def test_the_total_is_each_accounts_last_balance_in_one_currency(results: Results) -> None:
    everyone = results.by_selection["BDT", None]["total"].rows[0]
    held, owed = LAST[CURRENT] + LAST[NAMELESS], LAST[CARD] + LAST[LOAN]
    assert [Decimal(str(one)) for one in everyone] == [held + owed, held, owed]
    assert results.by_selection["AED", KARIM]["total"].rows[0][0] == "12345.6700"
    assert results.by_selection["BDT", None]["problems"].rows == ((2,),)
    assert results.by_selection["BDT", KARIM]["problems"].rows == ((0,),)


def test_accounts_stand_with_their_day_and_one_without_a_balance_is_not_hidden(results: Results) -> None:
    result = results.by_selection["BDT", AMINA]["accounts"]
    names = [name for name, _ in result.columns]
    told = [dict(zip(names, row, strict=True)) for row in result.rows]
    assert [(row["account"], row["balance_amount"], row["balance_date"], row["origin_en"]) for row in told] == [
        ("দৈনন্দিন ··4821", "184250.7500", "2026-12-28", "Told by the bank or app"),
        ("Gold card ··0007", "-18400.5000", "2026-11-28", "Told by the bank or app"),
        ("Cash", None, None, "Nobody told"),
    ]
    assert told[0]["problem_count"] == 2
    assert [row[0] for row in results.by_selection["BDT", AMINA]["pending"].rows] == ["2026-12-30"]


def test_a_number_that_ends_the_name_is_not_said_twice() -> None:
    con = duckdb.connect()
    create_marts(con)
    named = {"party_key": AMINA, "account_kind": "current", "currency_code": "AED", "masked_number": "3344"}
    insert(con, "core.dim_accounts", [
        {**named, "account_key": CURRENT, "account_name": "Padma current …3344"},
        {**named, "account_key": CARD, "account_name": "Padma card"},
    ])  # fmt: skip
    shown = run_cards(SPEC, con).by_selection["AED", None]["accounts"].rows
    assert [row[0] for row in shown] == ["Padma card ··3344", "Padma current …3344"]


def test_the_smallest_accounts_share_one_line_and_equal_names_are_told_apart() -> None:
    con = duckdb.connect()
    create_marts(con)
    keys = [f"00000000-0000-0000-0000-{number:012d}" for number in range(9)]
    insert(con, "core.dim_accounts", [
        {"account_key": key, "party_key": AMINA, "account_name": "Current", "account_kind": "current"} for key in keys
    ])  # fmt: skip
    insert(con, "household.rpt_monthly_balances", [
        {"account_key": key, "party_key": AMINA, "month_date": "2026-01-01", "balance_date": "2026-01-31",
         "currency_code": "AED", "balance_source": "reported", "balance_amount": 100 - number}
        for number, key in enumerate(keys)
    ])  # fmt: skip
    rows = run_cards(SPEC, con).by_selection["AED", None]["by_month"].rows
    assert [(row[1], row[4]) for row in rows] == [
        *[(f"Current ({place})", f"{101 - place}.0000") for place in range(1, 7)],
        ("All others", "279.0000"),
    ]


@pytest.mark.browser
@pytest.mark.parametrize(("locale", "title"), [("en-GB", "Accounts"), ("bn-BD", "হিসাব ও স্থিতি"), ("ar-AE", "الحسابات")])
def test_it_is_drawn_on_desktop_and_phone_without_scrolling_sideways(
    browser: Browser, page_file: Path, locale: str, title: str
) -> None:
    for width in (1280, 360):
        page = shown(browser, page_file, width, locale)
        assert title in page.inner_text("h1")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator("[data-card=by_month] svg .mark-symbol path").count() >= 24 * 4 - 1
        assert page.locator("[data-card=total] .figure").get_attribute("data-value") == "-746149.6266"
        assert page.locator("b").count() == 0
        page.context.close()


@pytest.mark.browser
@pytest.mark.parametrize(("locale", "said"), [("en-GB", "Nothing here"), ("bn-BD", "কিছু নেই"), ("ar-AE", "لا شيء هنا")])
def test_a_part_without_rows_says_so_in_place_of_bare_headings(
    browser: Browser, page_file: Path, results: Results, locale: str, said: str
) -> None:
    assert results.by_selection["AED", KARIM]["pending"].rows == ()
    page = shown(browser, page_file, locale=locale)
    page.select_option("#filter-party", KARIM)
    page.select_option("#filter-currency", "AED")
    part = page.locator("[data-card=pending]")
    assert said in part.inner_text()
    assert part.locator("table").count() == 0
    page.context.close()


@pytest.mark.browser
def test_it_prints_with_its_tables(browser: Browser, page_file: Path) -> None:
    page = shown(browser, page_file)
    page.emulate_media(media="print")
    assert page.is_visible("[data-card=accounts] table")
    assert page.pdf(format="A4").startswith(b"%PDF")
    page.context.close()
