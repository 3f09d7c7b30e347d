"""Money Lover: layouts by name, date orders, transfers, debts, exclusions, and the workbook."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal

import polars as pl
import pytest
from file_reading import FIXTURES, asked, decode
from hypothesis import given
from hypothesis import strategies as st
from workbooks import Cell, workbook

from pipelines.sources.apps.money_lover import FORMAT
from pipelines.sources.recognising import readable, recognised

HEADER = "No.,Category,Amount,Note,Wallet,Currency,Date,Event,Exclude Report\n"


def fixture(name: str) -> bytes:
    return (FIXTURES / "money_lover" / name).read_bytes()


def rows(*lines: str) -> bytes:
    return (HEADER + "".join(f"{line}\n" for line in lines)).encode()


def test_the_report_of_2016() -> None:
    assert FORMAT.sniff(fixture("report.csv"))
    assert asked(FORMAT, fixture("report.csv")) == []
    whole = decode(FORMAT, fixture("report.csv"))
    assert whole.rejects.is_empty()
    columns = ("account_id", "entry_date", "entry_kind", "entry_amount", "transfer_account", "counterparty_name")
    assert whole.rows("ledger_entries", *columns) == [
        ("Cash", dt.date(2016, 6, 14), "expense", Decimal(-7), None, None),
        ("Cash", dt.date(2016, 6, 14), "expense", Decimal("-0.8"), None, None),
        ("Bank", dt.date(2016, 6, 15), "income", Decimal("1200.55"), None, None),
        ("Bank", dt.date(2016, 6, 16), "transfer", Decimal(-100), "Cash", None),
        ("Cash", dt.date(2016, 6, 16), "transfer", Decimal(100), "Bank", None),
        ("Cash", dt.date(2016, 6, 17), "debt_payment", Decimal(-50), None, "Karim"),
    ]
    assert whole.frames["ledger_entries"]["extra"].null_count() == 6
    groups = whole.frames["ledger_entries"]["transfer_group"]
    assert groups[3] == groups[4] is not None


def test_the_newer_columns_in_another_order_and_language() -> None:
    assert FORMAT.sniff(fixture("newer.csv"))
    whole = decode(FORMAT, fixture("newer.csv"))
    columns = ("entry_kind", "entry_amount", "currency_code", "counterparty_name", "excluded_from", "extra")
    assert whole.rows("ledger_entries", *columns) == [
        ("expense", Decimal(-120000), "VND", None, None, '{"Event":"Đà Nẵng","number":"71"}'),
        ("debt_payment", Decimal(300000), "VND", "Minh", None, '{"number":"72"}'),
        ("expense", Decimal("-23.45"), "USD", None, "reports", '{"number":"73"}'),
    ]
    assert whole.rows("accounts", "record_id", "currency_code") == [("Tiền mặt", "VND"), ("Card", "USD")]


def test_the_date_order_is_found_for_the_file_or_asked() -> None:
    doubtful = rows("1,Food,-1,,Cash,USD,05/06/2026,,FALSE", "2,Food,-2,,Cash,USD,07/08/2026,,")
    assert asked(FORMAT, doubtful) == ["date_order"]
    months = {"day-first": [6, 8], "month-first": [5, 7]}
    for order, wanted in months.items():
        whole = decode(FORMAT, doubtful, {"date_order": order})
        assert whole.frames["ledger_entries"]["entry_date"].dt.month().to_list() == wanted


def test_the_app_counts_neither_transfers_nor_debts_as_income_or_expense() -> None:
    entries = decode(FORMAT, fixture("report.csv")).frames["ledger_entries"]
    totals = dict(entries.group_by("entry_kind").agg(pl.col("entry_amount").sum()).rows())
    assert totals == {
        "expense": Decimal("-7.8"),
        "income": Decimal("1200.55"),
        "transfer": Decimal(0),
        "debt_payment": Decimal(-50),
    }


def test_a_workbook_with_serial_or_text_dates_reads_alike() -> None:
    header: list[Cell] = ["No", "Date", "Category", "Amount", "Currency", "Note", "Wallet"]
    sheet: list[list[Cell]] = [
        header,
        [1, 46266, "Salary", 3500, "MYR", "September pay", "Maybank"],
        [2, 46268.5277777778, "Food & Beverage", -12.5, "MYR", "Nasi lemak", "Cash"],
        [3, "09/22/2026", "Toll", -30.25, "MYR", None, "Cash"],
    ]
    raw = workbook({"Money Lover Report": sheet})
    file = recognised(io.BytesIO(raw), {})
    assert (file.file_format.source, file.questions()) == ("money_lover", [])
    whole = decode(file.file_format, readable(io.BytesIO(raw), file.layout.settled))
    assert whole.rows("ledger_entries", "entry_date", "entry_amount", "extra") == [
        (dt.date(2026, 9, 1), Decimal(3500), None),
        (dt.date(2026, 9, 3), Decimal("-12.5"), '{"date":"2026-09-03 12:40:00"}'),
        (dt.date(2026, 9, 22), Decimal("-30.25"), None),
    ]


@pytest.mark.parametrize(
    ("line", "column", "reason"),
    [
        ("1,Food,-1,,,USD,31/05/2026,,", "wallet", "the wallet is empty"),
        ("1,Food,,,Cash,USD,31/05/2026,,", "amount", "the amount is empty"),
        ("1,Food,-1,,Cash,,31/05/2026,,", "currency", "the currency is empty"),
        ("1,Food,-1,,Cash,USD,,,", "date", "the date is empty"),
        ("1,Food,-1,,Cash,USD,31/05/2026,,maybe", "excluded", "neither true nor false"),
    ],
)
def test_a_row_that_cannot_be_read_is_set_aside(line: str, column: str, reason: str) -> None:
    whole = decode(FORMAT, rows("1,Food,-1,,Cash,USD,31/05/2026,,", line))
    ((row_no, found, why),) = whole.rejects.select("row_no", "column", "reason").rows()
    assert (row_no, found) == (3, column)
    assert reason in why


@given(st.lists(st.tuples(st.sampled_from(["Cash", "ব্যাংক", "بنك"]), st.integers(-(10**9), 10**9)), min_size=1))
def test_sums_by_wallet_are_the_files_own(entries: list[tuple[str, int]]) -> None:
    lines = [f"{n},Food,{Decimal(c).scaleb(-2)},,{w},BDT,31/05/2026,,FALSE" for n, (w, c) in enumerate(entries)]
    frame = decode(FORMAT, rows(*lines), {"decimal_mark": "point"}).frames["ledger_entries"]
    sums = {wallet: sum(c for w, c in entries if w == wallet) for wallet, _ in entries}
    found = dict(frame.group_by("account_id").agg(pl.col("entry_amount").sum()).rows())
    assert {wallet: int(value * 100) for wallet, value in found.items()} == sums
