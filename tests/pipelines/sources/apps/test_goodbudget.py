"""Goodbudget: splits, fills, envelopes in groups, transfers, all three layouts."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from decimal import Decimal

import pytest
from file_reading import FIXTURES, asked, decode
from hypothesis import given
from hypothesis import strategies as st

from pipelines.sources.apps.goodbudget import FORMAT

USD = {"currency": "USD"}
HEADER = "Date,Envelope,Account,Name,Notes,Amount,Status,Details\n"
JUNE = dt.date(2026, 6, 1)


def fixture(name: str) -> bytes:
    return (FIXTURES / "goodbudget" / name).read_bytes()


def rows(*lines: str) -> bytes:
    return (HEADER + "".join(f"{line}\n" for line in lines)).encode()


def test_every_layout_is_recognised_and_only_the_currency_is_asked() -> None:
    for name in ("eight-columns.csv", "check-number.csv", "seven-columns.csv"):
        assert FORMAT.sniff(fixture(name))
        assert asked(FORMAT, fixture(name)) == ["currency"]
    assert not FORMAT.sniff(b"Date,Account,Name,Amount,Status\n")


def test_a_split_is_an_entry_per_part_and_a_single_part_is_none() -> None:
    whole = decode(FORMAT, fixture("eight-columns.csv"), USD)
    assert whole.rejects.is_empty()
    assert whole.rows(
        "ledger_entries", "row_no", "account_id", "entry_kind", "entry_amount", "category_group", "category_name"
    ) == [
        (2, "Checking", "expense", Decimal(-1000), None, "Groceries"),
        (2, "Checking", "expense", Decimal("-64.2"), None, "Household"),
        (4, "Checking", "income", Decimal(2500), None, "[Unallocated]"),
        (5, "Checking", "expense", Decimal(-900), "Home", "Rent"),
        (6, "Checking", "transfer", Decimal(-100), None, None),
        (7, "Savings", "transfer", Decimal(100), None, None),
    ]
    groups = whole.frames["ledger_entries"]["split_group"].to_list()
    assert groups[0] == groups[1] is not None
    assert groups[2:] == [None] * 4
    assert whole.rows("ledger_entries", "payee_name", "note", "cleared_status")[0] == ("Shwapno", "weekly", "CLR")
    assert whole.rows("accounts", "record_id", "account_kind") == [("Checking", "current"), ("Savings", "savings")]


def test_fills_are_plan_lines_of_their_month_and_no_entries() -> None:
    whole = decode(FORMAT, fixture("eight-columns.csv"), USD)
    assert whole.rows(
        "budgets", "row_no", "month_date", "category_group", "category_name", "budget_kind", "budgeted_amount"
    ) == [
        (3, JUNE, None, "Groceries", "envelope", Decimal(300)),
        (3, JUNE, "Home", "Rent", "envelope", Decimal(900)),
        (8, JUNE, None, "Groceries", "envelope", Decimal(-50)),
        (8, JUNE, None, "Household", "envelope", Decimal(50)),
    ]
    assert json.loads(whole.frames["budgets"]["extra"][0]) == {
        "Account": "[none]",
        "Date": "06/05/2026",
        "Name": "Envelope Fill",
    }


def test_both_legs_of_a_transfer_name_each_other() -> None:
    whole = decode(FORMAT, fixture("eight-columns.csv"), USD)
    legs = whole.rows("ledger_entries", "transfer_account", "transfer_group")[4:]
    assert [account for account, _ in legs] == ["Savings", "Checking"]
    assert legs[0][1] == legs[1][1] is not None
    alone = decode(FORMAT, rows("06/17/2026,,Checking,To savings,,-100.00,CLR,"), USD)
    assert alone.rows("ledger_entries", "entry_kind", "transfer_account") == [("expense", None)]
    named = decode(FORMAT, fixture("seven-columns.csv"), USD)
    assert named.rows("ledger_entries", "entry_kind")[1] == ("transfer",)


def test_the_check_number_is_kept_and_bangla_survives() -> None:
    whole = decode(FORMAT, fixture("check-number.csv"), USD)
    assert whole.rows("ledger_entries", "payee_name", "note", "entry_amount", "extra") == [
        ("চাল", "মাসের বাজার", Decimal("-1250.5"), None),
        ("Rent", "Flat, June", Decimal(-9000), '{"Check #":"1041"}'),
    ]


@pytest.mark.parametrize(
    ("line", "column", "reason"),
    [
        ("06/16/2026,,A,Bad,,-100.00,CLR,G|-50.00||H|-49.00", "Details", "do not add up"),
        ("06/16/2026,,A,Bad,,-100.00,CLR,G|-50.00||H", "Details", "not an envelope and its amount"),
        ("06/16/2026,,A,Bad,,-100.00,CLR,G|-50.00||H|x", "Details", "no digits"),
        ("06/16/2026,,[none],Fill,,0.00,,G|1e3", "Details", "scientific"),
        ("06/16/2026,,[none],Fill,,0.00,,", "Account", "neither in an account nor in an envelope"),
        ("06/16/2026,G,,Spent,,-5.00,,", "Account", "the account is empty"),
        ("06/16/2026,G,A,Spent,,,,", "Amount", "the amount is empty"),
        ("16/16/2026,G,A,Spent,,-5.00,,", "Date", "no such day"),
    ],
)
def test_a_row_that_cannot_be_read_is_set_aside(line: str, column: str, reason: str) -> None:
    whole = decode(FORMAT, rows("06/13/2026,G,A,Fine,,-1.00,,", line), USD)
    assert whole.rows("ledger_entries", "entry_amount") == [(Decimal(-1),)]
    ((row_no, found, why),) = whole.rejects.select("row_no", "column", "reason").rows()
    assert (row_no, found) == (3, column)
    assert reason in why


def test_spending_in_no_account_stays_spending() -> None:
    whole = decode(FORMAT, rows("06/16/2026,Groceries,[none],Shop,,-5.00,,"), USD | {"date_order": "month-first"})
    assert whole.rows("ledger_entries", "account_id", "entry_kind", "entry_amount") == [
        ("[none]", "expense", Decimal(-5))
    ]


def test_a_split_that_moves_nothing_in_a_real_account_is_a_split() -> None:
    whole = decode(FORMAT, rows("06/16/2026,,A,Exchange,,0.00,,G|-5.00||H|5.00"), USD)
    assert whole.rows("ledger_entries", "category_name", "entry_amount") == [("G", Decimal(-5)), ("H", Decimal(5))]


def test_other_marks_orders_digits_and_encodings_give_the_same_rows() -> None:
    plain = decode(FORMAT, fixture("eight-columns.csv"), USD)
    text = fixture("eight-columns.csv").decode()
    day_first = text
    for day in ("01", "05", "15", "16", "17", "20"):
        day_first = day_first.replace(f"06/{day}/2026", f"{day}/06/2026")
    for body in (
        text.encode("utf-16"),
        b"\xef\xbb\xbf" + text.encode(),
        text.replace("\n", "\r").encode(),
        text.replace("06/15/2026", "০৬/১৫/২০২৬").encode(),
        day_first.encode(),
    ):
        other = decode(FORMAT, body, USD)
        same = ("entry_date", "entry_amount", "category_name", "account_id")
        assert other.rows("ledger_entries", *same) == plain.rows("ledger_entries", *same)
        assert other.rows("budgets", "budgeted_amount") == plain.rows("budgets", "budgeted_amount")


cents = st.integers(min_value=-(10**9), max_value=10**9).filter(bool)
names = st.text(st.characters(whitelist_categories=("L", "Nd"), whitelist_characters=" &"), min_size=1, max_size=12)
parts = st.lists(st.tuples(names.map(str.strip).filter(bool), cents), min_size=1, max_size=4)


@given(st.lists(parts, min_size=1, max_size=6))
def test_sums_by_account_and_envelope_are_the_files_own(splits: list[list[tuple[str, int]]]) -> None:
    lines, by_envelope, total = [], Counter[str](), 0
    for split in splits:
        amount = sum(part for _, part in split)
        details = "||".join(f"{name}|{Decimal(part).scaleb(-2)}" for name, part in split)
        lines.append(f'06/13/2026,,Main,Shop,,"{Decimal(amount).scaleb(-2):,}",,"{details}"')
        total += amount
        by_envelope.update({name: 0 for name, _ in split})
        for name, part in split:
            by_envelope[name] += part
    whole = decode(FORMAT, rows(*lines), USD | {"decimal_mark": "point"})
    assert whole.rejects.is_empty()
    found = Counter[str]()
    both = [("ledger_entries", "entry_amount"), ("budgets", "budgeted_amount")]
    for kind, column in both:
        for name, value in whole.rows(kind, "category_name", column):
            found[str(name)] += int(Decimal(str(value)) * 100)
    assert +found == +by_envelope
    assert -found == -by_envelope
    assert whole.frames["ledger_entries"]["entry_amount"].sum() * 100 == sum(
        sum(part for _, part in split) for split in splits if sum(part for _, part in split)
    )
