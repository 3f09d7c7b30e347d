"""Rocket Money: signs, layouts, exclusions, transfers, accounts that are called alike."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import pytest
from file_reading import FIXTURES, asked, decode

from pipelines.sources.apps.rocket_money import FORMAT

FILE = (FIXTURES / "rocket_money" / "15-columns.csv").read_bytes()
USD = {"currency": "USD"}
HEADER = FILE.split(b"\n", 1)[0].decode()


def without(body: bytes, *columns: str) -> bytes:
    """The file in an older layout; no cell of it that goes holds a comma."""
    lines = [line.split(",") for line in body.decode().replace('"Work,Monthly"', "Work").splitlines()]
    kept = [place for place, name in enumerate(lines[0]) if name not in columns]
    return "".join(f"{','.join(line[place] for place in kept)}\n" for line in lines).encode()


def row(**cells: str) -> bytes:
    base = {"Date": "2026-05-20", "Original Date": "2026-05-20", "Account Name": "A", "Name": "N", "Amount": "1.00"}
    return f"{HEADER}\n{','.join((base | cells).get(name, '') for name in HEADER.split(','))}\n".encode()


def test_it_is_recognised_and_asks_for_the_currency_only() -> None:
    assert FORMAT.sniff(FILE)
    assert asked(FORMAT, FILE) == ["currency"]
    assert asked(FORMAT, row(Amount="£5")) == []
    assert decode(FORMAT, row(Amount="£5")).rows("ledger_entries", "entry_amount", "currency_code") == [
        (Decimal(-5), "GBP")
    ]


def test_above_zero_is_money_that_went_out() -> None:
    whole = decode(FORMAT, FILE, USD)
    assert whole.rejects.is_empty()
    assert whole.rows("ledger_entries", "entry_kind", "entry_amount", "transfer_account", "excluded_from") == [
        ("expense", Decimal("-64.39"), None, "budget"),
        ("expense", Decimal("-13.29"), None, None),
        ("expense", Decimal("-13.29"), None, "budget"),
        ("income", Decimal(4600), None, None),
        ("transfer", Decimal(-500), "Everyday RewardsÂ® Card", None),
        ("transfer", Decimal(500), "Checking", None),
        ("transfer", Decimal(-250), "Checking", None),
        ("transfer", Decimal(250), "Checking", None),
        ("transfer", Decimal(-99), None, "reports"),
    ]


def test_names_dates_and_texts_are_all_kept() -> None:
    whole = decode(FORMAT, FILE, USD)
    paid = whole.rows("ledger_entries", "entry_date", "payee_name", "note", "labels", "category_name", "extra")[3]
    assert paid[:5] == (dt.date(2026, 5, 22), "Wages of May", "net pay", "Work, Monthly", "Paychecks")
    assert json.loads(str(paid[5])) == {"Account Type": "Cash", "Description": "DIRECT DEP", "Name": "Paycheck"}
    moved = whole.rows("ledger_entries", "entry_date", "extra")[1]
    assert moved[0] == dt.date(2026, 5, 21)
    assert json.loads(str(moved[1]))["Original Date"] == "2026-05-20"
    assert json.loads(str(whole.rows("ledger_entries", "extra")[8][0]))["Tax Deductible"] == "yes"


def test_accounts_that_are_called_alike_stay_two() -> None:
    assert decode(FORMAT, FILE, USD).rows(
        "accounts", "record_id", "account_name", "account_kind", "institution_name", "masked_number"
    ) == [
        (
            "Sample Bank | Everyday RewardsÂ® Card | 1001",
            "Everyday RewardsÂ® Card",
            "card",
            "Sample Bank",
            "1001",
        ),
        ("Sample Bank | Checking | 8821", "Checking", "current", "Sample Bank", "8821"),
        ("Other Bank | Checking | 4410", "Checking", "savings", "Other Bank", "4410"),
    ]


@pytest.mark.parametrize("gone", [("Transaction Tags",), ("Transaction Tags", "Account Number")])
def test_the_older_layouts_lack_columns_and_nothing_else(gone: tuple[str, ...]) -> None:
    older = without(FILE, *gone)
    assert FORMAT.sniff(older)
    whole = decode(FORMAT, older, USD)
    kept = ("entry_date", "entry_kind", "entry_amount", "payee_name", "excluded_from")
    assert whole.rows("ledger_entries", *kept) == decode(FORMAT, FILE, USD).rows("ledger_entries", *kept)


def test_a_leg_with_two_possible_partners_names_none() -> None:
    lines = [("A", "10"), ("B", "-10"), ("C", "-10")]
    rows = [row(**{"Account Name": name, "Amount": amount, "Category": "Internal Transfers"}) for name, amount in lines]
    body = rows[0] + b"".join(each.split(b"\n", 1)[1] for each in rows[1:])
    assert (
        decode(FORMAT, body, USD).rows("ledger_entries", "entry_kind", "transfer_account") == [("transfer", None)] * 3
    )


@pytest.mark.parametrize(
    ("cells", "column", "reason"),
    [
        ({"Ignored From": "moon"}, "Ignored From", "neither empty nor budget nor everything"),
        ({"Amount": ""}, "Amount", "the amount is empty"),
        ({"Amount": "1e3"}, "Amount", "scientific notation"),
        ({"Date": "2026-02-30"}, "Date", "no such day"),
        ({"Account Name": " "}, "Account Name", "the account is empty"),
    ],
)
def test_what_cannot_be_read_is_set_aside_with_its_reason(cells: dict[str, str], column: str, reason: str) -> None:
    whole = decode(FORMAT, row(**cells), USD)
    assert whole.frames["ledger_entries"].is_empty()
    assert whole.rejects["column"].to_list() == [column]
    assert reason in whole.rejects["reason"][0]
