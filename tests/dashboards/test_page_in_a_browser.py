from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from household_marts import AMINA, HOSTILE, KARIM, PARTIES, create_marts, fill_marts
from playwright.sync_api import Browser, Page

from dashboards import FOLDER
from dashboards.page import render_page
from dashboards.results import run_cards
from dashboards.spec import load_spec

pytestmark = pytest.mark.browser
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def marts() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    fill_marts(con)
    return con


@pytest.fixture(scope="module")
def page_file(marts: duckdb.DuckDBPyConnection, tmp_path_factory: pytest.TempPathFactory) -> Path:
    spec = load_spec(FOLDER / "cashflow.yaml")
    path = tmp_path_factory.mktemp("pages") / "cashflow.html"
    return render_page(spec, run_cards(spec, marts), path, published_at="2026-12-31T20:00:05+00:00")


@pytest.fixture
def open_page(browser: Browser, page_file: Path) -> Iterator[Open]:
    """Opens the page and, at the end, proves that it asked for nothing and complained of nothing."""
    contexts, requests, complaints = [], [], []

    def opened(path: Path = page_file, width: int = 1280, **options: Any) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 800}, **({"locale": "en-GB"} | options))
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: requests.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(path.as_uri())
        page.wait_for_selector("html[data-ready]")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert [url for url in requests if not url.startswith("file:")] == []
    assert len(requests) == len(contexts)
    assert complaints == []


def figure(page: Page, card: str) -> str | None:
    return page.get_attribute(f"[data-card={card}] .figure", "data-value")


def sums(marts: duckdb.DuckDBPyConnection, currency: str, party: str | None) -> dict[str, Decimal]:
    """The totals by another road: summed from the cash flow's rows, not from the savings the page reads."""
    row = marts.execute(
        "select sum(income_amount), sum(expense_amount), sum(net_amount) from household.rpt_monthly_cashflow "
        "where currency_code = ? and (?::varchar is null or party_key = ?::uuid)",
        [currency, party, party],
    ).fetchone()
    assert row is not None
    return dict(zip(("income", "expense", "net"), row, strict=True))


def test_choosing_whose_money_changes_every_total_to_the_exact_answer(
    open_page: Open, marts: duckdb.DuckDBPyConnection
) -> None:
    page = open_page()
    for party in (None, AMINA, KARIM):
        page.select_option("#filter-party", party or "")
        for card, expected in sums(marts, "BDT", party).items():
            assert figure(page, card) == str(expected), (party, card)
        cells = page.eval_on_selector_all(
            "[data-card=months] td[data-column=expense_amount]", "all => all.map(one => one.dataset.value)"
        )
        assert sum(map(Decimal, cells)) == sums(marts, "BDT", party)["expense"]
        cells = page.eval_on_selector_all(
            "[data-card=categories] td[data-column=expense_amount]", "all => all.map(one => one.dataset.value)"
        )
        assert sum(map(Decimal, cells)) == sums(marts, "BDT", party)["expense"]


def test_currencies_are_never_mixed(open_page: Open, marts: duckdb.DuckDBPyConnection) -> None:
    page = open_page()
    page.select_option("#filter-currency", "AED")
    assert figure(page, "expense") == str(sums(marts, "AED", None)["expense"])
    assert "AED" in page.inner_text("[data-card=income] .figure")
    page.select_option("#filter-party", AMINA)
    assert page.input_value("#filter-currency") == "BDT"
    assert figure(page, "expense") == str(sums(marts, "BDT", AMINA)["expense"])
    assert page.is_disabled("#filter-currency option[value=AED]")


def test_amounts_stand_in_full_in_the_readers_own_way(open_page: Open, marts: duckdb.DuckDBPyConnection) -> None:
    expense = sums(marts, "BDT", AMINA)["expense"]
    whole, fraction = f"{expense:.2f}".split(".")
    assert Decimal(f"{whole}.{fraction}") == expense
    bangla = str.maketrans("0123456789", "০১২৩৪৫৬৭৮৯")
    lakhs = f"{whole[:-5]},{whole[-5:-3]},{whole[-3:]}.{fraction}".translate(bangla)
    seen = {"en-GB": f"{int(whole):,}.{fraction}", "de-DE": f"{int(whole):,}".replace(",", ".") + f",{fraction}"}
    for locale, text in (seen | {"bn-BD": lakhs}).items():
        page = open_page(locale=locale)
        page.select_option("#filter-party", AMINA)
        assert text in page.inner_text("[data-card=expense] .figure")


def test_bangla_and_arabic_stand_in_titles_categories_charts_and_tables(open_page: Open) -> None:
    page = open_page(locale="bn-BD")
    assert page.get_attribute("html", "lang") == "bn"
    assert page.inner_text("h1") == "আয়-ব্যয়"
    assert "আমিনা বেগম" in page.inner_text("#filter-party")
    assert "বাসস্থান ও ইউটিলিটি" in page.inner_text("[data-card=categories]")
    assert "বাসস্থান ও ইউটিলিটি" in page.eval_on_selector("[data-card=by_category] svg", "svg => svg.textContent")
    page.select_option("#language", "ar")
    assert page.get_attribute("html", "dir") == "rtl"
    assert page.inner_text("h1") == "التدفق النقدي"
    page.wait_for_selector("[data-card=by_category] svg")
    assert "السكن والمرافق" in page.eval_on_selector("[data-card=by_category] svg", "svg => svg.textContent")
    page.select_option("#language", "en")
    assert page.get_attribute("html", "dir") == "ltr"


def test_every_chart_is_drawn_with_a_mark_for_every_value(open_page: Open) -> None:
    page = open_page()
    for card, marks in (("by_month", 48), ("by_category", 9), ("savings_rate", 24)):
        shapes = page.locator(f"[data-card={card}] svg .mark-rect path, [data-card={card}] svg .mark-symbol path")
        assert shapes.count() >= marks, card
    assert page.locator("svg .role-axis text").count() > 20


def test_a_hostile_label_stays_text(open_page: Open) -> None:
    page = open_page()
    assert PARTIES[HOSTILE] in page.inner_text("#filter-party")
    page.select_option("#filter-party", HOSTILE)
    assert page.locator("img").count() == 0
    assert page.inner_text("[data-card=expense] .figure").endswith("0.1234")


@pytest.mark.parametrize("locale", ["en-GB", "bn-BD", "ar-AE"])
def test_a_phone_shows_the_page_without_scrolling_sideways(open_page: Open, locale: str) -> None:
    page = open_page(width=360, locale=locale)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.locator(".figure").evaluate_all("all => all.every(one => one.scrollWidth <= one.clientWidth + 1)")


def test_a_window_that_changes_its_size_draws_the_charts_anew(open_page: Open) -> None:
    page = open_page()
    page.set_viewport_size({"width": 420, "height": 800})
    page.wait_for_function("document.querySelector('[data-card=by_month] svg')?.clientWidth < 420")
    assert page.evaluate("document.documentElement.scrollWidth") <= 420


def test_it_prints_in_light_colours_with_tables_and_without_controls(open_page: Open) -> None:
    page = open_page(color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not page.is_visible("#filter-party")
    assert page.is_visible("[data-card=months] table")
    document = page.pdf(format="A4")
    assert document.startswith(b"%PDF")
    assert len(document) > 20_000


def test_it_can_be_used_by_keyboard_and_read_aloud(open_page: Open) -> None:
    page = open_page()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "filter-currency"
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.wait_for_selector("[data-card=income]")
    assert page.evaluate("document.activeElement.id") == "filter-party"
    for control in page.locator("select").all():
        assert page.locator(f"label[for={control.get_attribute('id')}]").inner_text().strip()
    assert page.locator("table").count() == page.locator("table caption").count() > 0
    assert page.locator(".chart[role=img][aria-label]").count() == page.locator(".chart").count() == 4
    assert page.locator("h1").count() == 1


def test_the_policy_lets_nothing_in_from_outside(browser: Browser, page_file: Path) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(page_file.as_uri())
    page.wait_for_selector("html[data-ready]")
    policy = page.get_attribute("meta[http-equiv=Content-Security-Policy]", "content") or ""
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert page.evaluate("fetch('https://example.org/').then(() => 'open', () => 'blocked')") == "blocked"
    page.evaluate("document.body.append(Object.assign(document.createElement('script'), {text: 'window.alien = 1'}))")
    assert page.evaluate("window.alien") is None
    context.close()


def test_a_home_without_records_shows_what_to_do(open_page: Open, tmp_path: Path) -> None:
    con = duckdb.connect()
    create_marts(con)
    spec = load_spec(FOLDER / "cashflow.yaml")
    page = open_page(render_page(spec, run_cards(spec, con), tmp_path / "empty.html"))
    assert "hisab import" in page.inner_text(".empty")
    page.select_option("#language", "bn")
    assert "এখনো দেখানোর কিছু নেই" in page.inner_text(".empty")


def test_stacked_parts_stand_in_the_order_of_their_totals_with_the_rest_last(open_page: Open) -> None:
    page = open_page()
    legend = page.locator("[data-card=category_by_month] svg .role-legend-label text").all_text_contents()
    whole = page.locator("[data-card=categories] tbody th").all_inner_texts()
    assert legend == [*whole[:6], "Everything else"]
