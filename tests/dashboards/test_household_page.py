"""The page of the household: plan, debts, goals and worth in figures, three languages and a phone's width."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from household_marts import HOSTILE, fill_marts
from planning_marts import HOME, SPENDING, fill_planning_marts
from playwright.sync_api import Browser, Page

from dashboards import FOLDER
from dashboards.page import render_page
from dashboards.results import Results, run_cards
from dashboards.spec import load_spec

SPEC = load_spec(FOLDER / "household.yaml")


@pytest.fixture(scope="module")
def results() -> Results:
    con = duckdb.connect()
    fill_marts(con, months=2)
    fill_planning_marts(con)
    return run_cards(SPEC, con)


@pytest.fixture(scope="module")
def page_file(results: Results, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pages") / "household.html"
    return render_page(SPEC, results, path, published_at="2026-12-31T20:00:05+00:00")


def shown(browser: Browser, path: Path, width: int = 1280, locale: str = "en-GB") -> Page:
    page = browser.new_context(viewport={"width": width, "height": 900}, locale=locale).new_page()
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-ready]")
    return page


def test_worth_is_added_over_members_and_what_is_left_out_is_counted(results: Results) -> None:
    assert results.by_selection["BDT", HOME]["net"].rows == (("157442.4000", "220842.9000", "63400.5000", 1),)
    # who chose no currency is counted, and added nowhere
    assert results.by_selection["BDT", None]["net"].rows == (("157442.4000", "220842.9000", "63400.5000", 3),)


def test_the_newest_month_is_the_last_one_with_spending_however_far_plans_reach(results: Results) -> None:
    rows = results.by_selection["BDT", HOME]["variance"].rows
    told = {Decimal(str(row[4])): row[5] for row in rows}
    assert told == {
        Decimal(str(spent)): None if planned is None else f"{planned}.0000" for planned, spent in SPENDING.values()
    }
    months = results.by_selection["BDT", HOME]["by_month"].rows
    assert [months[0][0], months[-1]] == ["2026-01-01", ("2026-12-01", "42000.0000", "40210.5000")]


def test_debts_say_who_owes_in_words_and_settled_ones_are_not_listed(results: Results) -> None:
    rows = results.by_selection["BDT", None]["debts"].rows
    assert [(row[0], row[1], row[2]) for row in rows] == [
        ("Rahim", "-45000.0000", "We owe"),
        ("ফাতেমা খালা", "12000.0000", "Owed to us"),
        ("Karim", "300.0000", "Between ourselves"),
        ("<b>x</b>", "-7.0000", "We owe"),
    ]
    assert [row[0] for row in results.by_selection["BDT", HOSTILE]["debts"].rows] == ["<b>x</b>"]


@pytest.mark.browser
@pytest.mark.parametrize(("width", "locale"), [(1280, "en-GB"), (360, "bn-BD"), (390, "ar")])
def test_the_page_fits_the_width_in_every_language(browser: Browser, page_file: Path, width: int, locale: str) -> None:
    page = shown(browser, page_file, width, locale)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator(".card").count() == len(SPEC.cards)
    assert page.locator("[data-card=net] .figure").get_attribute("data-value") == "157442.4000"
    page.context.close()


@pytest.mark.browser
def test_the_owed_amount_stands_within_a_phones_width(browser: Browser, page_file: Path) -> None:
    page = shown(browser, page_file, 390)
    box = page.locator("[data-card=debts] td[data-column=net_amount]").first.bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= 390
    page.context.close()
