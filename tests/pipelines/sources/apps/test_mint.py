"""Mint: signs by type, entities, transfers, files without a header, and the fixtures of a public converter."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path

import pytest
from file_reading import FIXTURES, asked, decode

from pipelines.sources.apps.mint import FORMAT

FILE = (FIXTURES / "mint" / "nine-columns.csv").read_bytes()
USD = {"currency": "USD"}
HEADER = FILE.split(b"\n", 1)[0] + b"\n"


def row(date: str = "8/2/2016", amount: str = "7.99", word: str = "debit", account: str = "A") -> bytes:
    return HEADER + f'"{date}","P","O","{amount}","{word}","C","{account}","",""\n'.encode()


def test_the_type_signs_the_amount_and_categories_tell_transfers() -> None:
    assert FORMAT.sniff(FILE)
    assert asked(FORMAT, FILE) == ["currency"]
    whole = decode(FORMAT, FILE, USD)
    assert whole.rejects.is_empty()
    assert whole.rows("ledger_entries", "entry_date", "entry_kind", "entry_amount", "transfer_account") == [
        (dt.date(2016, 8, 2), "expense", Decimal("-7.99"), None),
        (dt.date(2016, 8, 3), "income", Decimal(1000), None),
        (dt.date(2016, 8, 4), "transfer", Decimal("-66.88"), "Store Card"),
        (dt.date(2016, 8, 4), "transfer", Decimal("66.88"), "My Checking"),
        (dt.date(2016, 8, 5), "transfer", Decimal(-10), None),
        (dt.date(2016, 8, 6), "expense", Decimal(-5), None),
    ]
    assert whole.rows("ledger_entries", "payee_name", "note", "labels", "excluded_from")[1] == (
        "Salary",
        "August",
        "work monthly",
        None,
    )
    assert whole.rows("ledger_entries", "excluded_from")[5] == ("reports",)


def test_entities_are_resolved_once() -> None:
    first = decode(FORMAT, FILE, USD).rows("ledger_entries", "extra")[0][0]
    assert json.loads(str(first)) == {"Original Description": "AMAZON MARKETPLACE WA<br/>Letter &amp; Paper"}


def test_days_are_month_first_unless_the_file_proves_the_other() -> None:
    assert decode(FORMAT, row("3/4/2017"), USD).rows("ledger_entries", "entry_date") == [(dt.date(2017, 3, 4),)]
    both = row("3/4/2017") + row("31/4/2017".replace("31/4", "25/4")).split(b"\n", 1)[1]
    assert decode(FORMAT, both, USD).rows("ledger_entries", "entry_date")[0] == (dt.date(2017, 4, 3),)
    assert decode(FORMAT, row("3/4/17"), USD).rows("ledger_entries", "entry_date") == [(dt.date(2017, 3, 4),)]


@pytest.mark.parametrize(
    ("cells", "column", "reason"),
    [
        ({"word": "refund"}, "Transaction Type", "neither debit nor credit"),
        ({"word": ""}, "Transaction Type", "neither debit nor credit"),
        ({"word": "credit", "amount": "-5"}, "Amount", "negative although the row's type is credit"),
        ({"amount": ""}, "Amount", "the amount is empty"),
        ({"date": "Date"}, "Date", "not a date"),
        ({"account": ""}, "Account Name", "the account is empty"),
    ],
)
def test_what_cannot_be_read_is_set_aside_with_its_reason(cells: dict[str, str], column: str, reason: str) -> None:
    whole = decode(FORMAT, row(**cells), USD)
    assert whole.rejects["column"].to_list() == [column]
    assert reason in whole.rejects["reason"][0]


def test_a_minus_on_a_debit_is_one_minus() -> None:
    assert decode(FORMAT, row(amount="-5"), USD).rows("ledger_entries", "entry_amount") == [(Decimal(-5),)]


def test_a_file_without_a_header_is_known_only_when_every_row_is_mints() -> None:
    bare = FILE.split(b"\n", 1)[1]
    assert FORMAT.sniff(bare)
    read = ("entry_date", "entry_amount", "account_id", "payee_name", "labels", "note")
    assert decode(FORMAT, bare, USD).rows("ledger_entries", *read) == decode(FORMAT, FILE, USD).rows(
        "ledger_entries", *read
    )
    assert not FORMAT.sniff(bare.replace(b'"debit"', b'"D"', 1))
    assert not FORMAT.sniff(b"2016-08-02,a,b,1.00,debit,c,A\n")
    assert not FORMAT.sniff(b"")
    assert not FORMAT.sniff(b"\n\n")


@pytest.mark.corpus
def test_the_fixtures_of_a_public_converter_are_read_whole(corpus: Path) -> None:
    folder = corpus / "bank_csv" / "csv2ofx"
    expected = [Decimal(-1000), Decimal(-1500), Decimal(2000), Decimal(-2500)]
    for name, repeated_headers in (("mint", 0), ("mint_headerless", 0), ("mint_extra", 1)):
        body = (folder / f"{name}.csv").read_bytes()
        assert FORMAT.sniff(body)
        whole = decode(FORMAT, body, USD)
        assert [amount for (amount,) in whole.rows("ledger_entries", "entry_amount")] == expected
        assert whole.rows("ledger_entries", "entry_date")[0] == (dt.date(2015, 6, 12),)
        assert whole.rejects.height == repeated_headers
