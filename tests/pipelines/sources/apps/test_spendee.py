"""Spendee: both CSV layouts, the workbook, transfers, and the variant with two amounts."""

from __future__ import annotations

import datetime as dt
import io
import json
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from file_reading import FIXTURES, WholeFile, asked, decode
from workbooks import Cell, workbook

from pipelines.sources.apps.spendee import FORMAT
from pipelines.sources.recognising import readable, recognised
from pipelines.sources.source import SourceError

HEADER = "Date,Wallet,Type,Category name,Amount,Currency,Note,Labels,Author\n"
TWICE = "Date,Wallet,Type,Category name,Amount,Currency,Exchange Rate,Amount (SGD),Note,Labels,Author\n"


def fixture(name: str) -> bytes:
    return (FIXTURES / "spendee" / name).read_bytes()


def rows(*lines: str, header: str = HEADER) -> bytes:
    return (header + "".join(f"{line}\n" for line in lines)).encode()


def of_sheet(raw: bytes) -> WholeFile:
    file = recognised(io.BytesIO(raw), {})
    assert file.file_format.source == "spendee"
    assert file.questions() == []
    return decode(file.file_format, readable(io.BytesIO(raw), file.layout.settled), file.layout.settled)


def test_instants_signs_and_transfers_of_the_newer_csv() -> None:
    assert FORMAT.sniff(fixture("instants.csv"))
    assert asked(FORMAT, fixture("instants.csv")) == []
    whole = decode(FORMAT, fixture("instants.csv"))
    assert whole.rejects.is_empty()
    assert whole.rows("ledger_entries", "account_id", "entry_kind", "entry_amount", "transfer_account") == [
        ("Cash", "expense", Decimal("-192.54"), None),
        ("bKash", "transfer", Decimal(-1000), "Cash"),
        ("Cash", "transfer", Decimal(1000), "bKash"),
        ("bKash", "income", Decimal(52000), None),
        ("bKash", "transfer", Decimal(-500), None),
    ]
    groups = whole.frames["ledger_entries"]["transfer_group"].to_list()
    assert groups[1] == groups[2] is not None
    assert [groups[place] for place in (0, 3, 4)] == [None] * 3
    assert whole.rows("ledger_entries", "entry_date", "entry_at", "category_name", "note")[3] == (
        dt.date(2026, 4, 13),
        dt.datetime(2026, 4, 13, 23, 30, tzinfo=dt.UTC),
        "বেতন",
        "এপ্রিল",
    )
    assert whole.rows("ledger_entries", "labels", "extra")[0] == ("market, weekly", '{"Author":"Amina"}')
    assert json.loads(str(whole.rows("ledger_entries", "extra")[1][0]))["Type"] == "Outgoing Transfer"
    assert whole.rows("accounts", "record_id", "account_kind", "currency_code") == [
        ("Cash", "cash", "BDT"),
        ("bKash", "other", "BDT"),
    ]


def test_local_times_of_the_older_csv_are_no_instants() -> None:
    whole = decode(FORMAT, fixture("quoted-2020.csv"))
    assert whole.rows("ledger_entries", "entry_date", "entry_at", "entry_amount", "extra") == [
        (dt.date(2020, 3, 1), None, Decimal("-12.5"), '{"Date":"2020-03-01 09:15:00"}'),
        (dt.date(2020, 3, 2), None, Decimal(1500), '{"Date":"2020-03-02 10:00:00"}'),
    ]


def test_income_and_expense_leave_transfers_out() -> None:
    entries = decode(FORMAT, fixture("instants.csv")).frames["ledger_entries"]
    totals = dict(entries.group_by("entry_kind").agg(pl.col("entry_amount").sum()).rows())
    assert totals == {"income": Decimal(52000), "expense": Decimal("-192.54"), "transfer": Decimal(-500)}


def test_two_transfers_alike_are_left_unpaired() -> None:
    out, back = "2026-04-12T08:00:00+00:00,{},Transfer,T,{},BDT,,,", []
    for wallet, amount in (("A", -5), ("B", 5), ("C", -5), ("D", 5)):
        back.append(out.format(wallet, amount))
    assert decode(FORMAT, rows(*back)).rows("ledger_entries", "transfer_account") == [(None,)] * 4


def test_a_workbook_reads_as_the_csv_does() -> None:
    moment = dt.datetime.fromisoformat("2026-07-14T09:30:00")
    sheet: list[list[Cell]] = [
        HEADER.strip().split(","),
        [moment, "Cash", "Expense", "Food", -18.5, "CHF", "Tonic", "a, b", "Nova"],
        [46218, "Cash", "Income", "Pay", 75, "CHF", None, None, None],
        [46219.5, "Cash", "Expense", "Food", -1.25, "CHF", None, None, None],
    ]
    whole = of_sheet(workbook({"Transactions": sheet}))
    assert whole.rows("ledger_entries", "entry_date", "entry_amount", "row_no") == [
        (dt.date(2026, 7, 14), Decimal("-18.5"), 2),
        (dt.date(2026, 7, 15), Decimal(75), 3),
        (dt.date(2026, 7, 16), Decimal("-1.25"), 4),
    ]


def test_the_two_amounts_are_asked_for_unless_a_wallet_proves_its_currency() -> None:
    doubtful = rows("2026-04-11T17:40:18+00:00,Trip,Expense,Food,-1000,JPY,0.0091,-9.10,,,", header=TWICE)
    (question,) = FORMAT.questions(io.BytesIO(doubtful))
    assert (question.name, question.choices) == ("wallet_amount", ("Amount", "Amount (SGD)"))
    with pytest.raises(SourceError, match="answer wallet_amount"):
        decode(FORMAT, doubtful)
    columns = ("entry_amount", "currency_code", "original_amount", "original_currency_code", "extra")
    assert decode(FORMAT, doubtful, {"wallet_amount": "Amount"}).rows("ledger_entries", *columns) == [
        (Decimal(-1000), "JPY", None, None, '{"Exchange Rate":"0.0091","Amount (SGD)":"-9.10"}')
    ]
    own = [(Decimal("-9.1"), "SGD", Decimal(-1000), "JPY", '{"Exchange Rate":"0.0091"}')]
    assert decode(FORMAT, doubtful, {"wallet_amount": "Amount (SGD)"}).rows("ledger_entries", *columns) == own
    proven = doubtful + b"2026-04-12T17:40:18+00:00,Trip,Expense,Food,-5,SGD,1,-5,,,\n"
    assert asked(FORMAT, proven) == []
    assert decode(FORMAT, proven).rows("ledger_entries", *columns)[0] == own[0]
    same = rows("2026-04-11T17:40:18+00:00,Home,Expense,Food,-10,SGD,1,-10,,,", header=TWICE)
    assert asked(FORMAT, same) == []


@pytest.mark.parametrize(
    ("line", "column", "reason"),
    [
        (",Cash,Expense,F,-1,BDT,,,", "Date", "the date is empty"),
        ("soon,Cash,Expense,F,-1,BDT,,,", "Date", "not a date"),
        ("2026-04-11,,Expense,F,-1,BDT,,,", "Wallet", "the wallet is empty"),
        ("2026-04-11,Cash,Expense,F,,BDT,,,", "Amount", "the amount is empty"),
        ("2026-04-11,Cash,Expense,F,-1,Taka,,,", "Currency", "three-letter"),
        ("2026-04-11T25:00:00+00:00,Cash,Expense,F,-1,BDT,,,", "Date", "not a date"),
    ],
)
def test_a_row_that_cannot_be_read_is_set_aside(line: str, column: str, reason: str) -> None:
    whole = decode(FORMAT, rows(line))
    ((found, why),) = whole.rejects.select("column", "reason").rows()
    assert found == column
    assert reason in why


def test_a_decimal_comma_and_other_digits_are_read() -> None:
    body = rows('2026-04-11,محفظة,Expense,طعام,"-١٢٫٥",AED,,,', "2026-04-12,محفظة,Expense,x,-3.25,AED,,,")
    assert decode(FORMAT, body).rows("ledger_entries", "account_id", "entry_amount")[0] == (
        "محفظة",
        Decimal("-12.5"),
    )
    comma = rows("2026-04-11;Cash;Expense;F;-1.234,50;EUR;;;", header=HEADER.replace(",", ";"))
    assert decode(FORMAT, comma).rows("ledger_entries", "entry_amount") == [(Decimal("-1234.5"),)]


@pytest.mark.corpus
def test_the_published_workbook(corpus: Path) -> None:
    whole = of_sheet((corpus / "spendee" / "benn0r_fantasy-transactions.xlsx").read_bytes())
    assert whole.rejects.is_empty()
    assert whole.rows("ledger_entries", "account_id", "entry_date", "entry_kind", "entry_amount", "labels") == [
        ("Crystal Satchel", dt.date(2026, 7, 14), "expense", Decimal("-18.5"), "alchemy, quest"),
        ("Crystal Satchel", dt.date(2026, 7, 15), "income", Decimal(75), "quest"),
    ]
