"""Actual Budget: three layouts, splits, transfers, opening balances."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from file_reading import FIXTURES, asked, decode

from pipelines.sources.apps.actual import FORMAT

USD = {"currency": "USD"}
HEADER = "Account,Date,Payee,Notes,Category,Amount,Split_Amount,Cleared\n"


def fixture(name: str) -> bytes:
    return (FIXTURES / "actual" / name).read_bytes()


def rows(*lines: str) -> bytes:
    return (HEADER + "".join(f"{line}\n" for line in lines)).encode()


def test_all_three_layouts_are_recognised() -> None:
    for name in ("all-accounts.csv", "grouped.csv", "account-page.csv"):
        assert FORMAT.sniff(fixture(name))
        assert asked(FORMAT, fixture(name)) == ["currency"]
    assert not FORMAT.sniff(b"Account,Date,Payee,Notes,Category,Amount,Cleared\n")


def test_a_split_is_its_parts_and_transfers_name_the_other_account() -> None:
    whole = decode(FORMAT, fixture("all-accounts.csv"), USD)
    assert whole.rejects.is_empty()
    entries = whole.rows("ledger_entries", "row_no", "entry_kind", "entry_amount", "category_name", "transfer_account")
    assert sorted(entries) == [
        (2, "transfer", Decimal(250), None, "Checking"),
        (3, "transfer", Decimal(-250), None, "Savings"),
        (5, "expense", Decimal("-60.5"), "Groceries", None),
        (6, "expense", Decimal(-20), "Household", None),
        (7, "income", Decimal(2500), "Salary", None),
        (8, "expense", Decimal(-1500), "Rent", None),
        (9, "opening_balance", Decimal(3000), "Starting Balances", None),
    ]
    food, soap = (row for row in whole.rows("ledger_entries", "note", "split_group", "extra") if row[1])
    assert (food[0], soap[0]) == ("food", None)
    assert food[1] == soap[1]
    assert json.loads(str(food[2])) == {"split": "1/2", "split_total": "-80.5", "split_note": "weekly shop"}
    assert json.loads(str(soap[2])) == {"split": "2/2"}


def test_the_newer_layout_has_groups_and_its_transfers_pair_by_day_and_amount() -> None:
    whole = decode(FORMAT, fixture("grouped.csv"), USD)
    assert whole.rows("ledger_entries", "category_group", "category_name", "transfer_account", "cleared_status") == [
        ("Housing", "Rent", None, "Reconciled"),
        (None, "Transfer", "Savings Account", "Not cleared"),
        (None, "Transfer", "Checking Account", "Not cleared"),
    ]


def test_an_accounts_page_joins_group_and_category_and_writes_yes_as_one() -> None:
    whole = decode(FORMAT, fixture("account-page.csv"), USD)
    assert whole.rows("ledger_entries", "category_group", "category_name", "cleared_status") == [
        ("Housing", "Rent", "Reconciled"),
        ("Fun", "Eating out", "Cleared"),
        (None, None, "Not cleared"),
    ]


def test_a_transfer_with_a_category_is_spending_as_it_is_to_the_app() -> None:
    body = rows("A,2024-01-01,B,,Investing,-10,0,Cleared", "B,2024-01-01,A,,,10,0,Cleared")
    assert decode(FORMAT, body, USD).rows("ledger_entries", "entry_kind") == [("expense",), ("transfer",)]


def test_two_splits_of_a_day_stay_apart_or_unlinked() -> None:
    parts = ["A,2024-01-01,P,(SPLIT INTO 2),,0,-3,Cleared"]
    parts += [f"A,2024-01-01,P,(SPLIT {number} OF 2) x,C,-{number},0,Cleared" for number in (1, 2)]
    whole = decode(FORMAT, rows(*parts, *parts), USD)
    groups = [group for (group,) in whole.rows("ledger_entries", "split_group")]
    assert groups[0] == groups[1] != groups[2] == groups[3]
    mixed = decode(FORMAT, rows(parts[0], parts[0], parts[1], parts[1], parts[2], parts[2]), USD)
    assert mixed.rows("ledger_entries", "split_group") == [(None,)] * 4
    assert sum(amount for (amount,) in mixed.rows("ledger_entries", "entry_amount")) == Decimal(-6)
    assert mixed.rejects["row_no"].to_list() == [2, 3]
    assert "whose parts cannot be told from others" in mixed.rejects["reason"][0]


def test_parts_that_do_not_follow_their_total_are_linked_where_the_day_has_one_split() -> None:
    body = rows(
        "A,2024-01-01,P,(SPLIT INTO 2) both,,0,-3,Cleared",
        "A,2024-01-01,Q,,C,-9,0,Cleared",
        "A,2024-01-01,P,(SPLIT 1 OF 2),C,-1,0,Cleared",
        "A,2024-01-01,P,(SPLIT 2 OF 2),C,-2,0,Cleared",
    )
    whole = decode(FORMAT, body, USD)
    assert whole.rejects.is_empty()
    by_row = sorted(whole.rows("ledger_entries", "row_no", "split_group"))
    assert by_row[0][1] is None
    assert by_row[1][1] == by_row[2][1] is not None


def test_only_a_row_that_moves_nothing_is_no_entry() -> None:
    body = rows("A,2024-01-01,P,(SPLIT INTO 2) mine,C,-5,0,Cleared")
    assert decode(FORMAT, body, USD).rows("ledger_entries", "entry_amount") == [(Decimal(-5),)]


def test_amounts_that_can_be_read_both_ways_are_asked() -> None:
    assert asked(FORMAT, rows('A,2024-01-01,P,,C,"1,234",0,Cleared')) == ["decimal_mark", "currency"]


@pytest.mark.parametrize(
    ("line", "column"),
    [
        (",2024-01-01,P,,C,-5,0,Cleared", "Account"),
        ("A,2024-13-01,P,,C,-5,0,Cleared", "Date"),
        ("A,2024-01-01,P,,C,,0,Cleared", "Amount"),
    ],
)
def test_what_cannot_be_read_is_set_aside(line: str, column: str) -> None:
    assert decode(FORMAT, rows(line), USD).rejects["column"].to_list() == [column]
