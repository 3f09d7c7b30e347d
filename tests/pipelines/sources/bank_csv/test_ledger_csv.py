"""Ledgers of apps that publish no format: shipped profiles as third parties describe them, proposals for the rest."""

from __future__ import annotations

import datetime as dt
import io
import json
from decimal import Decimal

import pytest
from file_reading import FIXTURES, asked, decode

from pipelines.sources import registry
from pipelines.sources.bank_csv.ledger_csv import FORMAT, LedgerCsvFormat
from pipelines.sources.bank_csv.proposal import Proposal, proposed
from pipelines.sources.source import SourceError, UnknownForm

USD = {"currency": "USD"}


def fixture(name: str) -> bytes:
    return (FIXTURES / "ledger_csv" / f"{name}.csv").read_bytes()


def learned(name: str, **fixed: str) -> tuple[Proposal, LedgerCsvFormat]:
    """What is proposed for an app's file once the person has said that it is a ledger."""
    body = fixture(name)
    with pytest.raises(UnknownForm):
        registry.recognise(body)
    assert [doubt.name for doubt in proposed(io.BytesIO(body), {}).doubts][-1] == "family"
    proposal = proposed(io.BytesIO(body), {"family": "ledger", "title": name, **fixed})
    assert proposal.doubts == ()
    found = registry.recognise(body, {"mine.toml": proposal.text})
    assert isinstance(found, LedgerCsvFormat)
    return proposal, found


def test_simplifis_web_export_as_third_parties_describe_it() -> None:
    body = fixture("simplifi_web")
    assert registry.recognise(body).source == "ledger_csv"
    assert FORMAT.layout(body).title == "Simplifi by Quicken, web export (unverified)"
    assert asked(FORMAT, body) == ["currency"]
    whole = decode(FORMAT, body, USD)
    assert whole.rows("ledger_entries", "account_id", "entry_kind", "entry_amount", "transfer_account") == [
        ("Simplifi by Quicken | Everyday Checking", "expense", Decimal("-45.84"), None),
        ("Simplifi by Quicken | Everyday Checking", "income", Decimal(2300), None),
        ("Simplifi by Quicken | Everyday Checking", "transfer", Decimal(-120), "Rewards Card"),
        ("Simplifi by Quicken | Rewards Card", "transfer", Decimal(120), "Everyday Checking"),
    ]
    first = whole.rows("ledger_entries", "category_group", "category_name", "payee_name", "note", "labels", "extra")[0]
    assert first[:5] == ("Food & Dining", "Groceries", "Corner Market", "weekly", "home")
    assert json.loads(str(first[5])) == {"state": "CLEARED"}
    assert whole.rows("accounts", "account_name", "account_kind", "institution_name")[0] == (
        *("Everyday Checking", "current", "Simplifi by Quicken"),
    )


def test_simplifis_other_table_has_months_by_name_and_spaces_before_amounts() -> None:
    body = fixture("simplifi").replace(b'2,300.00",', b'2,300.00",Yes')
    assert FORMAT.layout(body).name == "simplifi"
    assert decode(FORMAT, body, USD).rows("ledger_entries", "entry_date", "entry_amount", "excluded_from") == [
        (dt.date(2026, 3, 7), Decimal("-45.84"), None),
        (dt.date(2026, 3, 8), Decimal(2300), "reports"),
    ]


def test_a_table_without_the_column_that_tells_simplifi_is_not_taken_for_it() -> None:
    with pytest.raises(UnknownForm):
        registry.recognise(b"Date,Account,Payee,Category,Amount\n7-Mar-26,A,P,C,1.00\n")


def test_a_plausible_file_of_pocketguard_is_learned() -> None:
    proposal, found = learned("pocketguard")
    assert {name: proposal.fields[name] for name in ("payee", "category", "account", "labels", "note", "sign")} == {
        "payee": "Merchant",
        "category": "Category",
        "account": "Account",
        "labels": "Tags",
        "note": "Note",
        "sign": "signed",
    }
    whole = decode(found, fixture("pocketguard"), USD)
    assert whole.rows("ledger_entries", "account_id", "entry_date", "entry_amount", "category_name", "labels") == [
        ("pocketguard | Checking", dt.date(2026, 3, 7), Decimal("-45.84"), "Groceries", "home"),
        ("pocketguard | Checking", dt.date(2026, 3, 18), Decimal(2300), "Salary", None),
        ("pocketguard | Card", dt.date(2026, 3, 19), Decimal("-4.5"), "Eating out", "fun, work"),
    ]


def test_a_plausible_file_of_hisaab_in_bangla_is_learned() -> None:
    proposal, found = learned("hisaab")
    assert proposal.fields["sign"] == "indicator"
    assert proposal.rows[0] == ("2026-03-07", "", "খাবার", "বাজার", "শুক্রবারের বাজার", "-1250.5000", "")
    whole = decode(found, fixture("hisaab"), {"currency": "BDT"})
    assert whole.rejects.is_empty()
    assert whole.rows("ledger_entries", "entry_kind", "entry_amount", "category_group", "category_name") == [
        ("expense", Decimal("-1250.5"), "খাবার", "বাজার"),
        ("income", Decimal(125000), None, "বেতন"),
        ("expense", Decimal(-25000), None, "বাসা ভাড়া"),
    ]
    assert whole.rows("accounts", "account_name", "account_kind") == [("নগদ", "cash"), ("ব্যাংক", "other")]


def test_a_plausible_file_of_deshifi_is_learned_with_the_currency_of_its_header() -> None:
    _, found = learned("deshifi")
    assert asked(found, fixture("deshifi")) == []
    assert decode(found, fixture("deshifi")).rows(
        "ledger_entries", "entry_amount", "currency_code", "category_group", "category_name"
    ) == [
        (Decimal("-1250.5"), "BDT", "Food", "Bazar"),
        (Decimal(125000), "BDT", None, "Salary"),
        (Decimal(-25000), "BDT", "Home", "Rent"),
    ]


def test_a_ledger_may_also_be_said_to_be_a_bank() -> None:
    proposal = proposed(io.BytesIO(fixture("pocketguard")), {"family": "bank"})
    assert "family" not in proposal.text
    assert registry.recognise(fixture("pocketguard"), {"mine.toml": proposal.text}).source == "bank_csv"
    with pytest.raises(SourceError, match="family must be one of bank, ledger"):
        proposed(io.BytesIO(fixture("pocketguard")), {"family": "aunt"})


PROFILE = """
title = "Book"
family = "ledger"
category_separator = "/"
date_form = "year-first"
[columns]
booked_date = "Day"
amount = "Sum"
currency = "Ccy"
id = "Id?"
category = "What"
category_group = "Group?"
transfer_account = "To?"
numbers = ["Number?"]
[[rows]]
column = "Kind"
words = ["move"]
are = "transfer"
[[rows]]
column = "Kind"
words = ["start"]
are = "opening_balance"
[[rows]]
column = "Kind"
words = ["total"]
are = "footer"
"""


def test_everything_a_profile_can_say_of_a_ledger() -> None:
    book = LedgerCsvFormat({"book.toml": PROFILE})
    body = (
        b"Day,Sum,Ccy,Id,What,Group,To,Number,Kind\n"
        b"2026-01-01,100,AED,a1,,,,,start\n2026-01-02,-5,AED,a2,Food/Out/Late,,,,\n"
        b"2026-01-03,-6,AED,,Bus,Travel,,AE070331234567890123456,\n2026-01-04,-7,AED,a4,,,Purse,,move\n2026-01-05,88,AED,,,,,,total\n"
        b"2026-01-06,1,gold,,,,,,\n"
    )
    assert asked(book, body) == ["account"]
    whole = decode(book, body, {"account": "Main 0012345678"})
    read = ("record_id", "entry_kind", "category_group", "category_name", "transfer_account", "account_id")
    assert sorted(whole.rows("ledger_entries", *read), key=str) == sorted(
        [
            ("a1", "opening_balance", None, None, None, "Book | Main …5678"),
            ("a2", "expense", "Food", "Out/Late", None, "Book | Main …5678"),
            (None, "expense", "Travel", "Bus", None, "Book | Main …5678"),
            ("a4", "transfer", None, None, "Purse", "Book | Main …5678"),
        ],
        key=str,
    )
    assert whole.rejects.select("row_no", "column").rows() == [(7, "Ccy")]
    assert "0331234567" not in str(whole.frames["ledger_entries"]["extra"].to_list())


def test_a_persons_ledger_goes_before_a_shipped_bank() -> None:
    header = "Date,Description,Amount,Balance\n"
    assert registry.recognise(header.encode()).source == "bank_csv"
    own = (
        'title = "Book"\nfamily = "ledger"\n[columns]\nbooked_date = "Date"\namount = "Amount"\n'
        'note = "Description"\nother = ["Balance"]\n'
    )
    assert registry.recognise(header.encode(), {"book.toml": own}).source == "ledger_csv"
