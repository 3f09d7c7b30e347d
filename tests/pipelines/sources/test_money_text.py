"""Amounts as people write them: read exactly, or refused with a reason."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.sources.currency_words import sure_currency
from pipelines.sources.money_text import MONEY, DecimalMark, currency_symbols, decimal_mark_clues, parse_money

POINT, COMMA = DecimalMark.POINT, DecimalMark.COMMA
GROUPING, WORDS, FORM, DIGITLESS = "separators", "letters", "not one amount", "no digits"

READ = [
    (POINT, "0", "0"),
    (POINT, "5", "5"),
    (POINT, "1234.56", "1234.56"),
    (POINT, "-1234.56", "-1234.56"),
    (POINT, "+1234.56", "1234.56"),
    (POINT, "1234.56-", "-1234.56"),
    (POINT, "45.00 -", "-45"),
    (POINT, "- 45.00", "-45"),
    (POINT, "(45.00)", "-45"),
    (POINT, "( 45.00 )", "-45"),
    (POINT, "($45.00)", "-45"),
    (POINT, "$(45.00)", "-45"),
    (POINT, "(45.00)$", "-45"),
    (POINT, "$1,500.00", "1500"),
    (POINT, "-$1,500.00", "-1500"),
    (POINT, "$-1,500.00", "-1500"),
    (POINT, "0.00$", "0"),
    (POINT, "1011.88$", "1011.88"),
    (POINT, "US$ 12.50", "12.50"),
    (POINT, "12.50 USD", "12.50"),
    (POINT, "BDT 1,23,456.78", "123456.78"),
    (POINT, "৳1,23,456.78", "123456.78"),
    (POINT, "৳ ১২৩.৪৫", "123.45"),
    (POINT, "১২৩.৪৫", "123.45"),
    (POINT, "১,২৩,৪৫৬.৭৮", "123456.78"),
    (POINT, "-১২৩.৪৫", "-123.45"),
    (POINT, "₹1,23,456.78", "123456.78"),
    (POINT, "Rs.500", "500"),
    (POINT, "1,23,456", "123456"),
    (POINT, "12,34,56,789.10", "123456789.10"),
    (POINT, "1,234,567.89", "1234567.89"),
    (POINT, "1 234 567.89", "1234567.89"),
    (POINT, "1'234.50", "1234.50"),
    (POINT, "1’234.50", "1234.50"),
    (POINT, "١٢٣٫٤٥", "123.45"),
    (POINT, "١٬٢٣٤٫٥٦", "1234.56"),
    (POINT, "۱۲۳٫۴۵", "123.45"),
    (POINT, "\u200f-١٢٣٫٤٥ د.إ", "-123.45"),
    (POINT, "−12.50", "-12.50"),
    (POINT, ".50", "0.50"),
    (POINT, "$.50", "0.50"),
    (POINT, "5.", "5"),
    (POINT, "1.234", "1.234"),
    (POINT, "1.2345", "1.2345"),
    (POINT, "-192.54000000", "-192.54"),
    (POINT, "-00000000001500.0000", "-1500"),
    (POINT, "99999999999999.9999", "99999999999999.9999"),
    (POINT, "-99999999999999.9999", "-99999999999999.9999"),
    (POINT, " 12.50 ", "12.50"),
    (POINT, "１２.５０", "12.50"),
    (COMMA, "1,5", "1.5"),
    (COMMA, "-83,83", "-83.83"),
    (COMMA, "€1.234,56", "1234.56"),
    (COMMA, "1.234.567,89 €", "1234567.89"),
    (COMMA, "1 234,56 kr", "1234.56"),
    (COMMA, "1\u00a0234,56\u00a0€", "1234.56"),
    (COMMA, "1\u202f234,56\u202f€", "1234.56"),
    (COMMA, "R$ 5,50", "5.50"),
    (COMMA, "1.234", "1234"),
    (COMMA, "0,123", "0.123"),
    (COMMA, "١٬٢٣٤٫٥٦", "1234.56"),
    (COMMA, "12", "12"),
    (COMMA, "9,", "9"),
]

REFUSED = [
    (POINT, "1e3", "scientific"),
    (POINT, "1.5E-2", "scientific"),
    (POINT, "1_000", "underscore"),
    (POINT, "1.23456", "more than 4 decimals"),
    (POINT, "0.00001", "more than 4 decimals"),
    (POINT, "100000000000000", "more than 14 digits"),
    (POINT, "999999999999999999999999", "more than 14 digits"),
    (POINT, "1,23,4", GROUPING),
    (POINT, "1.2.3", GROUPING),
    (POINT, "1,2345.00", GROUPING),
    (POINT, "0,123", GROUPING),
    (POINT, "1,5", GROUPING),
    (POINT, "€1.234,56", GROUPING),
    (POINT, "1 2", GROUPING),
    (POINT, "12,345,67", GROUPING),
    (COMMA, "1,234.56", GROUPING),
    (COMMA, "12.50", GROUPING),
    (COMMA, "1.23.456,78", GROUPING),
    (COMMA, "1.2.3", GROUPING),
    (POINT, "NaN", DIGITLESS),
    (POINT, "-inf", DIGITLESS),
    (POINT, "∞", DIGITLESS),
    (POINT, "-", DIGITLESS),
    (POINT, "$", DIGITLESS),
    (POINT, "free", DIGITLESS),
    (POINT, "5k", WORDS),
    (POINT, "0x10", WORDS),
    (POINT, "12.50 apples", WORDS),
    (POINT, "1 USD 234", WORDS),
    (POINT, "USD.50", WORDS),
    (POINT, "12O.00", WORDS),
    (POINT, "1$234", FORM),
    (POINT, "--5", FORM),
    (POINT, "-5-", FORM),
    (POINT, "-(45.00)", FORM),
    (POINT, "(-45.00)", FORM),
    (POINT, "(45.00", FORM),
    (POINT, "45.00)", FORM),
    (POINT, "=1+1", FORM),
    (POINT, "10%", FORM),
    (POINT, "1\n2", FORM),
]


def read_one(text: str | None, mark: DecimalMark) -> tuple[Decimal | None, str]:
    column = parse_money(pl.Series([text], dtype=pl.String), mark)
    assert column.values.dtype == MONEY
    reasons = column.refusals["reason"].to_list()
    return column.values[0], reasons[0] if reasons else ""


@pytest.mark.parametrize(("mark", "text", "amount"), READ)
def test_an_amount_is_read_to_the_last_digit(mark: DecimalMark, text: str, amount: str) -> None:
    assert read_one(text, mark) == (Decimal(amount), "")


@pytest.mark.parametrize(("mark", "text", "reason"), REFUSED)
def test_what_is_not_exactly_one_amount_is_refused_with_a_reason(mark: DecimalMark, text: str, reason: str) -> None:
    value, given_reason = read_one(text, mark)
    assert value is None
    assert reason in given_reason


def test_the_whole_table_in_one_column_gives_what_each_cell_gives_alone() -> None:
    for mark in DecimalMark:
        texts = [text for _, text, _ in READ + REFUSED] + [None, "", "  ", "7"]
        column = parse_money(pl.Series(texts, dtype=pl.String), mark)
        reasons = dict(column.refusals.select("position", "reason").iter_rows())
        for position, text in enumerate(texts):
            assert (column.values[position], reasons.get(position, "")) == read_one(text, mark)
        assert all(column.refusals["cure"])


def test_empty_cells_are_no_amounts_and_refused_only_where_one_is_needed() -> None:
    column = parse_money(pl.Series(["1", None, "", "\u00a0", "x"]), POINT)
    assert column.values.to_list() == [Decimal(1), None, None, None, None]
    assert column.refusals["position"].to_list() == [4]
    assert column.requiring("amount").refusals["position"].to_list() == [1, 2, 3, 4]


amounts = st.decimals(
    min_value=Decimal("-99999999999999.9999"), max_value=Decimal("99999999999999.9999"), places=4, allow_nan=False
)


def written(amount: Decimal, mark: DecimalMark, group: str) -> str:
    whole, _, cents = f"{abs(amount):.4f}".partition(".")
    grouped = f"{int(whole):,}".replace(",", group)
    return f"{'-' if amount < 0 else ''}{grouped}{mark.sign}{cents}"


@given(amounts, st.sampled_from(DecimalMark), st.sampled_from(["", "other", " ", "'", "\u202f"]))
def test_every_amount_comes_back_as_it_was_written(amount: Decimal, mark: DecimalMark, group: str) -> None:
    text = written(amount, mark, mark.other if group == "other" else group)
    for dressed in (text, f"{text} €", text.translate(str.maketrans("0123456789", "০১২৩৪৫৬৭৮৯"))):
        assert read_one(dressed, mark) == (amount, "")


@given(st.text(alphabet="0123456789.,-+()' $€eE_x৳১٫٬", max_size=14))
def test_a_cell_is_read_or_refused_and_never_both_or_neither(text: str) -> None:
    for mark in DecimalMark:
        value, reason = read_one(text, mark)
        assert (value is None) == bool(reason or not text.strip())


@given(st.text(alphabet="0123456789.,", min_size=1, max_size=12))
def test_what_both_marks_can_read_is_a_clue_for_neither(text: str) -> None:
    both = [read_one(text, mark)[0] for mark in DecimalMark]
    clues = decimal_mark_clues(pl.Series([text]))
    if None not in both and both[0] != both[1]:
        assert (clues.point, clues.comma, clues.unsure) == (0, 0, 1)
    if clues.point:
        assert both[1] is None
    if clues.comma:
        assert both[0] is None


@pytest.mark.parametrize(
    ("texts", "clues"),
    [
        (["1.50", "1,234", None], (1, 0, 1)),
        (["1,234,567"], (1, 0, 0)),
        (["1,23,456"], (1, 0, 0)),
        (["1.234.567"], (0, 1, 0)),
        (["1 234,5 kr", "€0,5"], (0, 2, 0)),
        (["1.2.3", "1,23,4", "junk", "12"], (0, 0, 0)),
        (["-$1,234", "(1.234)"], (0, 0, 2)),
        (["١٬٢٣٤٫٥٦"], (0, 0, 0)),
        ([], (0, 0, 0)),
    ],
)
def test_clues_count_what_only_one_decimal_mark_explains(texts: list[str | None], clues: tuple[int, int, int]) -> None:
    found = decimal_mark_clues(pl.Series(texts, dtype=pl.String))
    assert (found.point, found.comma, found.unsure) == clues


@pytest.mark.parametrize(
    ("texts", "symbols", "currency"),
    [
        (["$1.00", "0.00$"], {"$"}, ""),
        (["€1.234,56", "-€5", "€-5"], {"€"}, "EUR"),
        (["£5"], {"£"}, "GBP"),
        (["৳১২৩.৪৫", "৳5"], {"৳"}, "BDT"),
        (["₹1,23,456.78"], {"₹"}, "INR"),
        (["5 kr"], {"kr"}, ""),
        (["€5", "£5"], {"€", "£"}, ""),
        (["€5", "5 apples", "€5x"], {"€"}, "EUR"),
        (["5 USD"], {"USD"}, "USD"),
        (["5", None], set(), ""),
    ],
)
def test_a_symbol_settles_the_currency_only_beyond_doubt(
    texts: list[str | None], symbols: set[str], currency: str
) -> None:
    assert currency_symbols(pl.Series(texts, dtype=pl.String)) == symbols
    assert sure_currency(symbols) == currency
