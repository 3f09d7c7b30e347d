"""Firefly III: two legs, splits, foreign amounts, liabilities, rows shorter than their header."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import pytest
from file_reading import FIXTURES, asked, decode

from pipelines.sources.apps.firefly import FORMAT

FILE = (FIXTURES / "firefly" / "export.csv").read_bytes()
NAMES = FILE.split(b"\n", 1)[0].decode().split(",")


def row(**cells: str) -> bytes:
    base = {
        "journal_id": "1",
        "group_id": "1",
        "type": "Withdrawal",
        "currency_code": "EUR",
        "amount": "-5.00",
        "description": "d",
        "date": "2026-01-04T00:00:00+01:00",
        "source_name": "A",
        "source_type": "Asset account",
        "destination_name": "P",
        "destination_type": "Expense account",
    }
    return f"{','.join(NAMES)}\n{','.join((base | cells).get(name, '') for name in NAMES[:52])}\n".encode()


def test_nothing_is_asked_and_short_rows_are_whole() -> None:
    assert FORMAT.sniff(FILE)
    assert asked(FORMAT, FILE) == []
    assert len(NAMES) == 53
    whole = decode(FORMAT, FILE)
    assert whole.rejects.is_empty()
    assert whole.rows("ledger_entries", "record_id", "account_id", "entry_kind", "entry_amount", "currency_code") == [
        ("1", "Checking", "opening_balance", Decimal(1000), "EUR"),
        ("12", "Checking", "expense", Decimal("-12.5"), "EUR"),
        ("13", "Checking", "expense", Decimal(-30), "EUR"),
        ("14", "Checking", "expense", Decimal(-10), "EUR"),
        ("15", "Checking", "income", Decimal(2500), "EUR"),
        ("16", "Checking", "transfer", Decimal(-100), "EUR"),
        ("16:destination", "Dollar savings", "transfer", Decimal("108.25"), "USD"),
        ("17", "Checking", "debt_payment", Decimal(-200), "EUR"),
        ("17:destination", "Car loan", "transfer", Decimal(200), "EUR"),
        ("18", "Checking", "adjustment", Decimal("-3.1"), "EUR"),
        ("19", "Car loan", "opening_balance", Decimal(-5000), "EUR"),
        ("20", "Checking", "expense", Decimal("-9.2"), "EUR"),
    ]


def test_a_row_of_full_width_is_read_too() -> None:
    full = FILE + b",".join(FILE.split(b"\n")[2].split(b",")[:2]) + b",99" + FILE.split(b"\n")[2].split(b",12", 2)[2]
    assert decode(FORMAT, full + b",\n").frames["ledger_entries"].height == 13


def test_texts_splits_and_foreign_amounts() -> None:
    whole = decode(FORMAT, FILE)
    entries = {row[0]: row[1:] for row in whole.rows("ledger_entries", "record_id", "payee_name", "transfer_account")}
    assert entries["12"] == ("Café", None)
    assert entries["16"] == (None, "Dollar savings")
    assert entries["16:destination"] == (None, "Checking")
    foreign = {
        record: rest
        for record, *rest in whole.rows("ledger_entries", "record_id", "original_amount", "original_currency_code")
        if rest[0] is not None
    }
    assert foreign == {
        "16": [Decimal("-108.25"), "USD"],
        "16:destination": [Decimal(100), "EUR"],
        "20": [Decimal(-10), "USD"],
    }
    texts = whole.rows(
        "ledger_entries", "entry_date", "entry_at", "note", "labels", "category_name", "cleared_status", "split_group"
    )
    assert texts[1] == (
        dt.date(2026, 1, 4),
        dt.datetime(2026, 1, 4, 8, 30, tzinfo=dt.UTC),
        "Coffee",
        "a, b",
        "Food",
        "reconciled",
        None,
    )
    assert [row[6] for row in texts[2:5]] == ["13", "13", None]
    assert texts[4][1] is None
    extra = json.loads(str(whole.rows("ledger_entries", "extra")[1][0]))
    assert extra["budget"] == "Fun"
    assert extra["source_iban"] == "…6789"
    assert json.loads(str(whole.rows("ledger_entries", "extra")[4][0]))["notes"] == "January\npay"


def test_both_legs_of_a_journal_are_one_transfer() -> None:
    groups = decode(FORMAT, FILE).rows("ledger_entries", "record_id", "transfer_group", "counterparty_name")
    assert [row for row in groups if row[1]] == [
        ("16", "16", None),
        ("16:destination", "16", None),
        ("17", "17", "Car loan"),
        ("17:destination", "17", None),
    ]


def test_accounts_are_the_persons_own_only() -> None:
    assert decode(FORMAT, FILE).rows("accounts", "record_id", "account_kind", "currency_code", "masked_number") == [
        ("Checking", "current", "EUR", "6789"),
        ("Dollar savings", "savings", "USD", None),
        ("Car loan", "loan", "EUR", None),
    ]


def test_money_borrowed_is_income_of_the_account_as_it_is_to_the_app() -> None:
    body = row(type="Deposit", amount="5", source_type="Loan", source_name="L", destination_name="A").replace(
        b"Expense account", b"Asset account"
    )
    assert decode(FORMAT, body).rows("ledger_entries", "account_id", "entry_kind", "entry_amount") == [
        ("L", "transfer", Decimal(-5)),
        ("A", "income", Decimal(5)),
    ]


def test_older_exports_have_other_currency_columns() -> None:
    older = FILE.replace(b"primary_currency_code,pc_amount,", b"native_currency_code,native_amount,", 1)
    assert FORMAT.sniff(older)
    assert decode(FORMAT, older).frames["ledger_entries"].height == 12


@pytest.mark.parametrize(
    ("cells", "column", "reason"),
    [
        ({"type": "Gift"}, "type", "does not know this type"),
        ({"source_type": "Expense account"}, "source_type", "neither side is"),
        ({"source_name": ""}, "source_name", "has no name"),
        ({"journal_id": ""}, "journal_id", "the journal id is empty"),
        ({"amount": ""}, "amount", "the amount is empty"),
        ({"currency_code": "€"}, "currency_code", "not a three-letter code"),
        ({"date": "yesterday"}, "date", "not a date"),
        ({"foreign_amount": "x"}, "foreign_amount", "no digits"),
    ],
)
def test_what_cannot_be_read_is_set_aside_with_its_reason(cells: dict[str, str], column: str, reason: str) -> None:
    whole = decode(FORMAT, row(**cells))
    assert whole.rejects["column"].to_list() == [column]
    assert reason in whole.rejects["reason"][0]
